// What a user can prefer, with defaults and the rule each value must keep.

export const uiModes = ['auto', 'tty', 'plain', 'json', 'quiet'] as const;
export type UiMode = (typeof uiModes)[number];

/** Whether a word names a way to show things. */
export function isUiMode(word: string): word is UiMode {
  return uiModes.some((mode) => mode === word);
}

export const themeNames = ['dark', 'light', 'high-contrast', 'sixteen', 'none'] as const;
export type ThemeName = (typeof themeNames)[number];

export const noticeWays = ['off', 'bell', 'osc9'] as const;
export type NoticeWay = (typeof noticeWays)[number];

/** Other keys for actions of the dashboard: a key, keys, or none at all. */
export type KeyPreferences = Readonly<Record<string, string | readonly string[]>>;

/** A theme with other colours for some roles. */
export type ThemePreference = {readonly base?: string; readonly colors: Readonly<Record<string, string>>};

export type PreferenceValues = {
  /** A theme of this program, or one of `themes`. */
  readonly theme: string;
  /** Draw with ASCII characters only. */
  readonly ascii: boolean;
  readonly ui: UiMode;
  /** The dashboard takes the mouse; false leaves it to the terminal. */
  readonly mouse: boolean;
  /** False leaves finished phases of a log open; without it each folds to one line. */
  readonly foldFinishedPhases?: boolean;
  /** How the dashboard tells somebody who looks elsewhere that a build failed. */
  readonly notices: NoticeWay;
  readonly keys?: KeyPreferences;
  readonly themes?: Readonly<Record<string, ThemePreference>>;
  /** Builds at once; without it the controller decides (half the cores). */
  readonly maxConcurrentBuilds?: number;
  /** Seconds between two looks at a git branch or tag (without it: 60). */
  readonly gitPollSeconds?: number;
  /** Seconds between two scans of a local directory (without it: 2). */
  readonly localPollSeconds?: number;
  /** Seconds between two looks at the tags of a stack that follows them (without it: 300). */
  readonly stackPollSeconds?: number;
  /** Where builders without a tag are named. */
  readonly defaultRepository?: string;
  readonly defaultServiceAccount?: string;
  /** What runs the builds of builders made from now on; `auto` takes the container executor where it can. */
  readonly executor?: 'embedded' | 'container' | 'auto';
  /** Which container engine they get. */
  readonly engine?: 'docker' | 'podman' | 'auto';
  /** An image with a lifecycle that is trusted with the engine's socket. */
  readonly lifecycleImage?: string;
};

export type PreferenceName = keyof PreferenceValues;

export const preferenceDefaults: PreferenceValues = {
  theme: 'dark',
  ascii: false,
  ui: 'auto',
  mouse: true,
  notices: 'bell',
};

/** The rules as JSON schema, one for each name. */
export const preferenceSchema = {
  theme: {type: 'string', minLength: 1},
  ascii: {type: 'boolean'},
  ui: {type: 'string', enum: [...uiModes]},
  mouse: {type: 'boolean'},
  foldFinishedPhases: {type: 'boolean'},
  notices: {type: 'string', enum: [...noticeWays]},
  keys: {
    type: 'object',
    additionalProperties: {oneOf: [{type: 'string'}, {type: 'array', items: {type: 'string'}}]},
  },
  themes: {
    type: 'object',
    additionalProperties: {
      type: 'object',
      required: ['colors'],
      additionalProperties: false,
      properties: {base: {type: 'string'}, colors: {type: 'object', additionalProperties: {type: 'string'}}},
    },
  },
  maxConcurrentBuilds: {type: 'integer', minimum: 1, maximum: 256},
  gitPollSeconds: {type: 'integer', minimum: 1, maximum: 86_400},
  localPollSeconds: {type: 'integer', minimum: 1, maximum: 86_400},
  stackPollSeconds: {type: 'integer', minimum: 1, maximum: 86_400},
  defaultRepository: {type: 'string', minLength: 1},
  defaultServiceAccount: {type: 'string', minLength: 1},
  executor: {type: 'string', enum: ['embedded', 'container', 'auto']},
  engine: {type: 'string', enum: ['docker', 'podman', 'auto']},
  lifecycleImage: {type: 'string', minLength: 1},
} as const;

export const preferenceNames = Object.keys(preferenceSchema) as readonly PreferenceName[];

/** Whether a word names a preference. */
export function isPreferenceName(word: string): word is PreferenceName {
  return preferenceNames.some((name) => name === word);
}
