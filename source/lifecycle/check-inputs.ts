/** What is checked of a phase's inputs before it begins, and the warnings they deserve, in upstream's order (platform/resolve_inputs.go). */
import {parseRegistryReference} from '../oci/reference.ts';
import {exitCodes} from './exit-codes.ts';
import type {HostEnvironment, Inputs, PhaseName} from './inputs.ts';
import {LifecycleFailure} from './lifecycle-failure.ts';
import type {Log} from './log.ts';

/** Throws exit 3 for inputs that no phase could work with, exit 1 where -layout was forbidden by CNB_EXPERIMENTAL_MODE=error. */
export function checkInputs(phase: PhaseName, inputs: Inputs, env: HostEnvironment, log: Log): void {
  if (writesImage.has(phase) && inputs.outputImage === '') throw invalid('image argument is required');
  const hasCache = inputs.cacheDir !== '' || inputs.cacheImage !== '';
  if (usesCache.has(phase) && !hasCache) log.warn('No cached data will be used, no cache specified.');
  if (knowsLaunchCache.has(phase) && inputs.launchCacheDir !== '')
    log.warn('Ignoring -launch-cache, only intended for use with -daemon');
  if (writesImage.has(phase)) checkImages(inputs);
  if (inputs.parallel && !hasCache && saysParallelIsVain.has(phase))
    log.warn('Parallel export has been enabled, but it has not taken effect because no cache has been specified.');
  if (inputs.useLayout) checkLayout(env, log);
}

const writesImage: ReadonlySet<PhaseName> = new Set(['analyzer', 'creator', 'exporter', 'rebaser']);
const usesCache: ReadonlySet<PhaseName> = new Set(['creator', 'exporter', 'restorer']);
const knowsLaunchCache: ReadonlySet<PhaseName> = new Set(['analyzer', 'creator', 'exporter']);
const saysParallelIsVain: ReadonlySet<PhaseName> = new Set(['analyzer', 'creator']);

function checkImages({outputImage, tags, previousImage, runImage, cacheImage, own}: Inputs): void {
  const written = [outputImage, ...tags];
  for (const name of [...written, previousImage, runImage, cacheImage]) if (name !== '') hostOf(name);
  const hosts = new Set(written.filter((name) => name !== '').map(hostOf));
  // The controller copies to registries after the build, to as many as it likes.
  if (hosts.size > 1 && own.outputLayout === undefined) throw invalid('writing to multiple registries is unsupported');
}

function hostOf(name: string): string {
  try {
    return parseRegistryReference(name).host;
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error), error);
  }
}

/** Layouts are no experiment here, so they are used unless that was forbidden; a warning that was asked for is given. */
function checkLayout(env: HostEnvironment, log: Log): void {
  const problem = "Platform requested experimental feature 'export to OCI layout format'";
  switch (env['CNB_EXPERIMENTAL_MODE']) {
    case 'error':
      log.error(problem);
      throw new LifecycleFailure('experimental features are disabled by CNB_EXPERIMENTAL_MODE=error', {
        action: 'export to OCI layout format',
        code: exitCodes.failed,
      });
    case 'warn':
      log.warn(problem);
      break;
    default:
  }
}

function invalid(reason: string, cause?: unknown): LifecycleFailure {
  return new LifecycleFailure(reason, {action: 'resolve inputs', code: exitCodes.invalidArgs, cause});
}
