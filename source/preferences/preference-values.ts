// What a user can prefer, with defaults and the rule each value must keep.

export const uiModes = ['auto', 'tty', 'plain', 'json', 'quiet'] as const;
export type UiMode = (typeof uiModes)[number];

/** Whether a word names a way to show things. */
export function isUiMode(word: string): word is UiMode {
  return uiModes.some((mode) => mode === word);
}

export const themeNames = ['dark', 'light', 'high-contrast', 'none'] as const;
export type ThemeName = (typeof themeNames)[number];

export type PreferenceValues = {
  readonly theme: ThemeName;
  /** Draw with ASCII characters only. */
  readonly ascii: boolean;
  readonly ui: UiMode;
  /** Builds at once; without it the controller decides (half the cores). */
  readonly maxConcurrentBuilds?: number;
  /** Where builders without a tag are named. */
  readonly defaultRepository?: string;
  readonly defaultServiceAccount?: string;
};

export type PreferenceName = keyof PreferenceValues;

export const preferenceDefaults: PreferenceValues = {theme: 'dark', ascii: false, ui: 'auto'};

/** The rules as JSON schema, one for each name. */
export const preferenceSchema = {
  theme: {type: 'string', enum: [...themeNames]},
  ascii: {type: 'boolean'},
  ui: {type: 'string', enum: [...uiModes]},
  maxConcurrentBuilds: {type: 'integer', minimum: 1, maximum: 256},
  defaultRepository: {type: 'string', minLength: 1},
  defaultServiceAccount: {type: 'string', minLength: 1},
} as const;

export const preferenceNames = Object.keys(preferenceSchema) as readonly PreferenceName[];

/** Whether a word names a preference. */
export function isPreferenceName(word: string): word is PreferenceName {
  return preferenceNames.some((name) => name === word);
}
