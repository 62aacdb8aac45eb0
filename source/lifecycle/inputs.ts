/** What a phase is told: upstream's flags, CNB_* environment and defaults (platform/{defaults,lifecycle_inputs,resolve_inputs}.go), and ours. */
import {existsSync} from 'node:fs';
import {isAbsolute, resolve} from 'node:path';
import {type ApiVersion, atLeast} from './api-version.ts';
import {exitCodes} from './exit-codes.ts';
import {type FlagSpec, parseFlags} from './flags.ts';
import {LifecycleFailure} from './lifecycle-failure.ts';
import {type LogLevel, parseLogLevel} from './log.ts';

export type PhaseName = 'analyzer' | 'detector' | 'restorer' | 'builder' | 'exporter' | 'creator' | 'rebaser';

export type HostEnvironment = Readonly<Record<string, string | undefined>>;

export type Inputs = {
  readonly platformApi: ApiVersion;
  readonly analyzedPath: string;
  readonly appDir: string;
  readonly buildConfigDir: string;
  readonly buildpacksDir: string;
  readonly cacheDir: string;
  /** An image in a registry that holds the cache instead of a directory; empty for none. */
  readonly cacheImage: string;
  readonly processType: string;
  readonly execEnv: string;
  readonly force: boolean;
  readonly gid: number;
  readonly groupPath: string;
  /** Registries (hosts) that may be asked by plain http. */
  readonly insecureRegistries: readonly string[];
  readonly launchCacheDir: string;
  /** A launcher to use instead of the embedded one; empty for that. */
  readonly launcherPath: string;
  readonly launcherSbomDir: string;
  readonly layersDir: string;
  readonly layoutDir: string;
  readonly logLevel: LogLevel;
  readonly color: boolean;
  readonly orderPath: string;
  readonly outputImage: string;
  readonly parallel: boolean;
  readonly planPath: string;
  readonly platformDir: string;
  readonly previousImage: string;
  readonly projectMetadataPath: string;
  readonly reportPath: string;
  readonly runImage: string;
  readonly runPath: string;
  readonly skipLayers: boolean;
  readonly stackPath: string;
  readonly systemPath: string;
  readonly tags: readonly string[];
  readonly uid: number;
  readonly useLayout: boolean;
  readonly own: OwnInputs;
};

/** What the controller says beyond upstream's inputs, all by environment. */
export type OwnInputs = {
  /** SLIPWAY_RUN_IMAGE_LAYOUT: the layout that holds the run image; layers may be missing. */
  readonly runImageLayout?: LayoutPlace;
  /** SLIPWAY_PREVIOUS_IMAGE_LAYOUT: the layout that holds the previous image; layers may be missing. */
  readonly previousImageLayout?: LayoutPlace;
  /** SLIPWAY_OUTPUT_LAYOUT: where the image is written; only new layers are. */
  readonly outputLayout?: string;
  /** SLIPWAY_KNOWN_LAYERS: JSON file, diffID to the blob that holds the layer already. */
  readonly knownLayersPath?: string;
  /** SLIPWAY_RUN_IMAGE_HAS_BASH */
  readonly runImageHasBash?: boolean;
  /** SLIPWAY_LAUNCHER_METADATA: JSON {version, repository, commit} of the launcher that -launcher names. */
  readonly launcherMetadata?: string;
};

export type LayoutPlace = {readonly directory: string; readonly digest?: string};

/** Reads flags and environment for a phase. Throws exit 3 with what was expected. `-version` and `-help` are for the caller to look for first. */
export function resolveInputs(
  phase: PhaseName,
  argv: readonly string[],
  env: HostEnvironment,
  platformApi: ApiVersion,
): Inputs {
  const {values, lists, args} = parseFlags(flagsOf(phase, platformApi), argv);
  const text = (flag: string, variable: string | undefined, fallback = '') =>
    values.get(flag) ?? (variable === undefined ? undefined : env[variable] || undefined) ?? fallback;
  const flag = (name: string, variable: string) => booleanOf(values.get(name) ?? env[variable]);
  if (flag('daemon', 'CNB_USE_DAEMON')) throw daemonUnsupported();
  const layersDir = absolute(text('layers', 'CNB_LAYERS_DIR', '/layers'));
  const inLayers = (name: string, variable: string, file: string) =>
    text(name, variable, `${phase === 'rebaser' ? '.' : layersDir}/${file}`);
  const inputs: Inputs = {
    platformApi,
    analyzedPath: inLayers('analyzed', 'CNB_ANALYZED_PATH', 'analyzed.toml'),
    appDir: absolute(text('app', 'CNB_APP_DIR', '/workspace')),
    buildConfigDir: absolute(text('build-config', 'CNB_BUILD_CONFIG_DIR', '/cnb/build-config')),
    buildpacksDir: absolute(text('buildpacks', 'CNB_BUILDPACKS_DIR', '/cnb/buildpacks')),
    cacheDir: absolute(text('cache-dir', 'CNB_CACHE_DIR')),
    cacheImage: text('cache-image', 'CNB_CACHE_IMAGE'),
    processType: text('process-type', 'CNB_PROCESS_TYPE'),
    execEnv: execEnvOf(env, platformApi),
    force: flag('force', 'CNB_FORCE_REBASE'),
    gid: integerOf(values.get('gid'), env['CNB_GROUP_ID']),
    groupPath: inLayers('group', 'CNB_GROUP_PATH', 'group.toml'),
    insecureRegistries: [
      ...((env['CNB_INSECURE_REGISTRIES'] || undefined)?.split(',') ?? []),
      ...(lists.get('insecure-registry') ?? []),
    ],
    launchCacheDir: absolute(text('launch-cache', 'CNB_LAUNCH_CACHE_DIR')),
    launcherPath: text('launcher', undefined),
    launcherSbomDir: text('launcher-sbom', undefined, '/cnb/lifecycle'),
    layersDir,
    layoutDir: absolute(text('layout-dir', 'CNB_LAYOUT_DIR')),
    logLevel: levelOf(text('log-level', 'CNB_LOG_LEVEL', 'info')),
    color: !flag('no-color', 'CNB_NO_COLOR'),
    orderPath: orderPath(text('order', 'CNB_ORDER_PATH'), layersDir),
    outputImage: args[0] ?? '',
    parallel: flag('parallel', 'CNB_PARALLEL_EXPORT'),
    planPath: inLayers('plan', 'CNB_PLAN_PATH', 'plan.toml'),
    platformDir: absolute(text('platform', 'CNB_PLATFORM_DIR', '/platform')),
    previousImage: text('previous-image', 'CNB_PREVIOUS_IMAGE'),
    projectMetadataPath: inLayers('project-metadata', 'CNB_PROJECT_METADATA_PATH', 'project-metadata.toml'),
    reportPath: inLayers('report', 'CNB_REPORT_PATH', 'report.toml'),
    runImage: runImageOf(values, env, phase),
    runPath: text('run', 'CNB_RUN_PATH', '/cnb/run.toml'),
    skipLayers:
      booleanOf(values.get('skip-layers') ?? values.get('skip-restore') ?? '') || skipsByEnvironment(values, env),
    stackPath: text('stack', 'CNB_STACK_PATH', '/cnb/stack.toml'),
    systemPath: text('system', 'CNB_SYSTEM_PATH', '/cnb/system.toml'),
    tags: takesTagArguments(phase) ? args.slice(1) : (lists.get('tag') ?? []),
    uid: integerOf(values.get('uid'), env['CNB_USER_ID']),
    useLayout: flag('layout', 'CNB_USE_LAYOUT'),
    own: ownInputs(env),
  };
  checkArguments(phase, args);
  return inputs;
}

type FlagRule = readonly [name: string, kind: FlagSpec['kind'], phases: string, since?: string, before?: string];

/** Which phase takes which flag: a analyzer, d detector, r restorer, b builder, e exporter, c creator, R rebaser. */
const flagRules: readonly FlagRule[] = [
  ['analyzed', 'text', 'are'],
  ['analyzed', 'text', 'd', '0.10'],
  ['analyzed', 'text', 'b', '0.12'],
  ['app', 'text', 'dbec'],
  ['build-config', 'text', 'dbc', '0.11'],
  ['build-image', 'text', 'r', '0.10'],
  ['buildpacks', 'text', 'dbc'],
  ['cache-dir', 'text', 'rec'],
  ['cache-image', 'text', 'arec'],
  ['daemon', 'boolean', 'aecR'],
  ['daemon', 'boolean', 'r', '0.12'],
  ['extended', 'text', 'e', '0.12'],
  ['extensions', 'text', 'd', '0.10'],
  ['force', 'boolean', 'R', '0.12'],
  ['generated', 'text', 'd', '0.10'],
  ['generated', 'text', 'r', '0.12'],
  ['gid', 'number', 'arecR'],
  ['group', 'text', 'drbe'],
  ['image', 'text', 'ecR'],
  ['insecure-registry', 'list', 'arecR', '0.13'],
  ['launch-cache', 'text', 'a', '0.9'],
  ['launch-cache', 'text', 'ec'],
  ['launcher', 'text', 'ec'],
  ['launcher-sbom', 'text', 'ec', '0.11'],
  ['layers', 'text', 'adrbec'],
  ['layout', 'boolean', 'arec', '0.12'],
  ['layout', 'boolean', 'R'],
  ['layout-dir', 'text', 'arec', '0.12'],
  ['layout-dir', 'text', 'R'],
  ['log-level', 'text', 'adrbecR'],
  ['no-color', 'boolean', 'adrbecR'],
  ['order', 'text', 'dc'],
  ['parallel', 'boolean', 'ec'],
  ['plan', 'text', 'db'],
  ['platform', 'text', 'dbc'],
  ['previous-image', 'text', 'ac'],
  ['previous-image', 'text', 'R', '0.11'],
  ['process-type', 'text', 'ec'],
  ['project-metadata', 'text', 'ec'],
  ['report', 'text', 'ecR'],
  ['run', 'text', 'adec', '0.12'],
  ['run', 'text', 'r', '0.14'],
  ['run-image', 'text', 'aecR'],
  ['skip-layers', 'boolean', 'a', '0.9'],
  ['skip-layers', 'boolean', 'r'],
  ['skip-restore', 'boolean', 'c'],
  ['stack', 'text', 'c'],
  ['stack', 'text', 'ae', undefined, '0.12'],
  ['system', 'text', 'dc', '0.15'],
  ['tag', 'list', 'ac'],
  ['uid', 'number', 'arecR'],
  ['version', 'boolean', 'adrbecR'],
];

const letters: Readonly<Record<PhaseName, string>> = {
  analyzer: 'a',
  detector: 'd',
  restorer: 'r',
  builder: 'b',
  exporter: 'e',
  creator: 'c',
  rebaser: 'R',
};

/** The flags a phase takes under a Platform API; older APIs refuse those that came later. */
export function flagsOf(phase: PhaseName, platformApi: ApiVersion): readonly FlagSpec[] {
  return flagRules
    .filter(([, , phases, since = '0.7', before]) => {
      const inTime = atLeast(platformApi, since) && (before === undefined || !atLeast(platformApi, before));
      return phases.includes(letters[phase]) && inTime;
    })
    .map(([name, kind]) => ({name, kind}));
}

function daemonUnsupported(): LifecycleFailure {
  return invalid(
    'this lifecycle cannot use a docker daemon (-daemon, CNB_USE_DAEMON); write to a registry, or use -layout with -layout-dir, or the container executor',
  );
}

function checkArguments(phase: PhaseName, args: readonly string[]): void {
  const count = args.length;
  switch (phase) {
    case 'analyzer':
    case 'creator':
      if (count !== 1) throw invalidArguments(`received ${count} arguments, but expected 1`);
      break;
    case 'exporter':
    case 'rebaser':
      if (count === 0) throw invalidArguments('at least one image argument is required');
      break;
    case 'detector':
    case 'builder':
    case 'restorer':
      if (count !== 0) throw invalidArguments('received unexpected arguments');
      break;
    default: {
      const unreachable: never = phase;
      return unreachable;
    }
  }
}

function takesTagArguments(phase: PhaseName): boolean {
  return phase === 'exporter' || phase === 'rebaser';
}

/** -image is an old name of -run-image; the exporter takes neither, because analyzed.toml says which run image it is. */
function runImageOf(values: ReadonlyMap<string, string>, env: HostEnvironment, phase: PhaseName): string {
  const current = values.get('run-image');
  const deprecated = values.get('image');
  if (phase === 'exporter' && current !== undefined && current !== (env['CNB_RUN_IMAGE'] ?? ''))
    throw invalid('-run-image is unsupported');
  if (phase === 'exporter' && deprecated !== undefined) throw invalid('-image is unsupported');
  const isOther = current !== undefined && current !== (env['CNB_RUN_IMAGE'] ?? '');
  if (isOther && deprecated !== undefined) {
    throw invalid('supply only one of -run-image or (deprecated) -image');
  }
  return deprecated ?? current ?? env['CNB_RUN_IMAGE'] ?? '';
}

/**
 * Platform API 0.15 decides what it means for groups and labels; buildpacks are told under every one, as upstream's programs do. Where somebody
 * hands over the run image, it is said only to platforms that know it, as upstream's packages do when they are called without one.
 */
function execEnvOf(env: HostEnvironment, platformApi: ApiVersion): string {
  const isHandedOver = (env['SLIPWAY_RUN_IMAGE_LAYOUT'] ?? '') !== '';
  if (isHandedOver && !atLeast(platformApi, '0.15')) return '';
  return env['CNB_EXEC_ENV'] || 'production';
}

function skipsByEnvironment(values: ReadonlyMap<string, string>, env: HostEnvironment): boolean {
  if (values.has('skip-layers') || values.has('skip-restore')) return false;
  return booleanOf(env['CNB_SKIP_LAYERS']) || booleanOf(env['CNB_SKIP_RESTORE']);
}

function orderPath(given: string, layersDir: string): string {
  if (given !== '') return given;
  const inLayers = `${layersDir}/order.toml`;
  return existsSync(inLayers) ? inLayers : '/cnb/order.toml';
}

function ownInputs(env: HostEnvironment): OwnInputs {
  const hasBash = env['SLIPWAY_RUN_IMAGE_HAS_BASH'];
  return {
    runImageLayout: placeOf(env['SLIPWAY_RUN_IMAGE_LAYOUT']),
    previousImageLayout: placeOf(env['SLIPWAY_PREVIOUS_IMAGE_LAYOUT']),
    outputLayout: env['SLIPWAY_OUTPUT_LAYOUT'] || undefined,
    knownLayersPath: env['SLIPWAY_KNOWN_LAYERS'] || undefined,
    runImageHasBash: hasBash === undefined || hasBash === '' ? undefined : booleanOf(hasBash),
    launcherMetadata: env['SLIPWAY_LAUNCHER_METADATA'] || undefined,
  };
}

function placeOf(text: string | undefined): LayoutPlace | undefined {
  return text === undefined || text === '' ? undefined : parseLayoutPlace(text);
}

/** `DIR` or `DIR@sha256:…`, the way a layout's image is named in analyzed.toml. */
export function parseLayoutPlace(text: string): LayoutPlace {
  const match = /^(.*)@(sha256:[0-9a-f]{64})$/s.exec(text);
  return match === null ? {directory: text} : {directory: match[1] ?? '', digest: match[2]};
}

function absolute(path: string): string {
  return path === '' || isAbsolute(path) ? path : resolve(path);
}

function levelOf(word: string): LogLevel {
  const level = parseLogLevel(word);
  if (level === undefined)
    throw new LifecycleFailure(`expected debug, info, warn or error, got "${word}"`, {
      action: 'parse log level',
      code: exitCodes.failed,
    });
  return level;
}

/** A flag was checked when it was parsed; a variable that is no number counts as 0, as upstream reads it. */
function integerOf(flag: string | undefined, variable: string | undefined): number {
  const text = flag ?? variable ?? '';
  return /^[+-]?\d{1,18}$/.test(text) ? Number(text) : 0;
}

/** As Go's strconv.ParseBool reads it; anything else is false. */
function booleanOf(text: string | undefined): boolean {
  return ['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text ?? '');
}

function invalid(reason: string): LifecycleFailure {
  return new LifecycleFailure(reason, {action: 'resolve inputs', code: exitCodes.invalidArgs});
}

function invalidArguments(reason: string): LifecycleFailure {
  return new LifecycleFailure(reason, {action: 'parse arguments', code: exitCodes.invalidArgs});
}
