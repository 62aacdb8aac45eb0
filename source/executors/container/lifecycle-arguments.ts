// The command of every phase of upstream's lifecycle, as pack gives it (buildpacks/pack internal/build/lifecycle_execution.go), for Platform API
// 0.12 and later. Values only: nothing is looked up, nothing is run.
import type {ExportTarget} from '../../domain/export-target.ts';

export type LifecycleRequest = {
  /** Only one of the three is ever said to the lifecycle. */
  readonly target: ExportTarget;
  /** The image's name, then its other names. */
  readonly image: string;
  readonly tags: readonly string[];
  readonly runImage: string;
  readonly previousImage?: string;
  readonly cacheImage?: string;
  readonly processType?: string;
  /** Only for Platform API 0.13 and later. */
  readonly insecureRegistries?: readonly string[];
  readonly logLevel?: 'debug';
  readonly skipLayers?: boolean;
};

export type LifecycleProgram = 'analyzer' | 'detector' | 'restorer' | 'builder' | 'exporter' | 'creator';

/**
 * The whole command, program first. For a layout pack also passes `-launch-cache` to the analyzer, which ignores it: we have no launch cache
 * there and leave it out; the layout itself is said in the environment (`layoutEnvironment`).
 */
export function lifecycleCommand(program: LifecycleProgram, request: LifecycleRequest): readonly string[] {
  return [`/cnb/lifecycle/${program}`, ...commands[program](request)];
}

const commands: Readonly<Record<LifecycleProgram, (request: LifecycleRequest) => readonly string[]>> = {
  analyzer: (request) => [
    ...cacheImage(request),
    ...insecure(request),
    ...logLevel(request),
    ...(request.target === 'engine' ? ['-daemon'] : []),
    '-run',
    '/layers/run.toml',
    '-run-image',
    request.runImage,
    ...request.tags.toReversed().flatMap((tag) => ['-tag', tag]),
    ...given('-previous-image', request.previousImage),
    ...(request.target === 'engine' ? launchCache : []),
    ...skipLayers(request),
    request.image,
  ],
  detector: (request) => ['-app', '/workspace', ...logLevel(request)],
  restorer: (request) => [
    ...skipLayers(request),
    ...(request.cacheImage === undefined ? ['-cache-dir', '/cache'] : cacheImage(request)),
    ...insecure(request),
    ...(request.target === 'engine' ? ['-daemon'] : []),
    ...logLevel(request),
  ],
  builder: (request) => ['-app', '/workspace', ...logLevel(request)],
  exporter: (request) => [
    ...(request.target === 'engine' ? ['-daemon', ...launchCache] : []),
    ...logLevel(request),
    '-app',
    '/workspace',
    '-cache-dir',
    '/cache',
    '-run',
    '/layers/run.toml',
    ...given('-process-type', request.processType),
    ...insecure(request),
    ...cacheImage(request),
    request.image,
    ...request.tags,
  ],
  creator: (request) => [
    ...(request.target === 'engine' ? ['-daemon', ...launchCache] : []),
    ...logLevel(request),
    '-app',
    '/workspace',
    '-cache-dir',
    '/cache',
    '-run-image',
    request.runImage,
    ...request.tags.flatMap((tag) => ['-tag', tag]),
    ...(request.skipLayers ? ['-skip-restore'] : []),
    ...insecure(request),
    ...given('-previous-image', request.previousImage),
    ...given('-process-type', request.processType),
    ...cacheImage(request),
    request.image,
  ],
};

const launchCache = ['-launch-cache', '/launch-cache'];

function logLevel({logLevel: level}: LifecycleRequest): readonly string[] {
  return given('-log-level', level);
}

function cacheImage({cacheImage: image}: LifecycleRequest): readonly string[] {
  return given('-cache-image', image);
}

function insecure({insecureRegistries = []}: LifecycleRequest): readonly string[] {
  return insecureRegistries.flatMap((registry) => ['-insecure-registry', registry]);
}

function skipLayers(request: LifecycleRequest): readonly string[] {
  return request.skipLayers ? ['-skip-layers'] : [];
}

function given(flag: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [flag, value];
}

/** What a phase is told when the image becomes a layout below `/layout-repo` (lifecycle `platform/lifecycle_inputs.go`). */
export const layoutEnvironment = {
  CNB_USE_LAYOUT: 'true',
  CNB_LAYOUT_DIR: '/layout-repo',
  CNB_EXPERIMENTAL_MODE: 'quiet',
} as const;
