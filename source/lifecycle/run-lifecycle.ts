/** The lifecycle as a function: picks the phase, reads its inputs, runs it, turns what goes wrong into an exit code (upstream's cmd/lifecycle). */
import type {Writable} from 'node:stream';
import {analyze} from './analyze.ts';
import {type ApiVersion, isSupportedApi, parseApiVersion, supportedPlatformApis} from './api-version.ts';
import {build} from './build.ts';
import {create} from './create.ts';
import {detect} from './detect.ts';
import {dropPrivileges} from './drop-privileges.ts';
import {exitCodes} from './exit-codes.ts';
import {exportPhase} from './export.ts';
import {checkInputs} from './check-inputs.ts';
import {flagsOf, type HostEnvironment, type Inputs, type PhaseName, resolveInputs} from './inputs.ts';
import {createReport, type Report} from './lifecycle-events.ts';
import {asFailure, LifecycleFailure} from './lifecycle-failure.ts';
import {lifecycleVersion} from './lifecycle-version.ts';
import {createLog} from './log.ts';
import type {PhaseContext} from './phase-context.ts';
import {rebase} from './rebase.ts';
import type {RegistrySite} from './registry-site.ts';
import {restorePhase} from './restore.ts';

export type LifecycleStreams = {readonly stdout: Writable; readonly stderr: Writable};

/**
 * Runs `analyzer|detector|restorer|builder|exporter|creator|rebaser FLAGS…` (or `analyze`, `detect`, … as upstream's subcommands are called)
 * and gives the exit code of spec/platform.md. The log goes to stdout, as upstream's does; buildpacks print there too. Never throws.
 */
export async function runLifecycle(
  argv: readonly string[],
  env: HostEnvironment,
  streams: LifecycleStreams,
): Promise<number> {
  const report = createReport(eventsDescriptor(env));
  const [word = '', ...rest] = argv;
  try {
    if (isVersionRequest(word) || rest.some(isVersionRequest)) {
      streams.stdout.write(`${lifecycleVersion}\n`);
      return exitCodes.success;
    }
    const platformApi = platformApiOf(env);
    const phase = phaseNamed(word);
    if (rest.includes('-help') || rest.includes('--help') || rest.includes('-h')) {
      streams.stdout.write(usage(phase, platformApi));
      return exitCodes.success;
    }
    await runPhase(word, phase, rest, env, platformApi, streams, report);
    return exitCodes.success;
  } catch (error) {
    return fail(error, word, env, streams, report);
  }
}

function isVersionRequest(word: string): boolean {
  return word === '-version' || word === '--version';
}

async function runPhase(
  word: string,
  phase: PhaseName,
  argv: readonly string[],
  env: HostEnvironment,
  platformApi: ApiVersion,
  streams: LifecycleStreams,
  report: Report,
): Promise<void> {
  const inputs = resolveInputs(phase, argv, env, platformApi);
  const log = createLog({level: inputs.logLevel, color: inputs.color && isTerminal(streams.stdout)}, (text) =>
    streams.stdout.write(text),
  );
  log.debug(`Starting ${word}...`);
  log.debug('Parsing inputs...');
  checkInputs(phase, inputs, env, log);
  log.debug('Ensuring privileges...');
  // Credentials may be out of reach once privileges are dropped.
  const registry = await openRegistryIfNeeded(phase, inputs, env);
  try {
    const environment = await dropPrivileges(phase, inputs, env);
    log.debug('Executing command...');
    await phases[phase]({inputs, log, report, output: streams.stdout, env: environment, registry});
  } finally {
    await registry?.close();
  }
}

/** Only what asks a registry loads the client for them. */
async function openRegistryIfNeeded(
  phase: PhaseName,
  inputs: Inputs,
  env: HostEnvironment,
): Promise<RegistrySite | undefined> {
  const isByLayouts =
    inputs.useLayout || inputs.own.runImageLayout !== undefined || inputs.own.outputLayout !== undefined;
  const images = isByLayouts ? [] : [inputs.outputImage, ...inputs.tags, inputs.previousImage, inputs.runImage];
  const names = [inputs.cacheImage, ...(phase === 'restorer' ? [] : images)];
  if (!usesImages.has(phase) || names.every((name) => name === '')) return undefined;
  const {openRegistrySite} = await import('./registry-site.ts');
  return openRegistrySite({env, insecure: inputs.insecureRegistries}, names);
}

const usesImages: ReadonlySet<PhaseName> = new Set(['analyzer', 'restorer', 'exporter', 'creator', 'rebaser']);

const phases: Readonly<Record<PhaseName, (context: PhaseContext) => Promise<unknown>>> = {
  analyzer: analyze,
  detector: detect,
  restorer: restorePhase,
  builder: build,
  exporter: exportPhase,
  creator: create,
  rebaser: rebase,
};

const subcommands: Readonly<Record<string, PhaseName>> = {
  analyze: 'analyzer',
  detect: 'detector',
  restore: 'restorer',
  build: 'builder',
  export: 'exporter',
  create: 'creator',
  rebase: 'rebaser',
};

function phaseNamed(word: string): PhaseName {
  const phase = Object.hasOwn(phases, word)
    ? (word as PhaseName)
    : Object.hasOwn(subcommands, word)
      ? subcommands[word]
      : undefined;
  if (phase !== undefined) return phase;
  if (word === 'extend' || word === 'extender') {
    throw new LifecycleFailure(
      'image extensions need a container engine to apply their Dockerfiles; use the container executor',
      {
        action: 'extend',
        code: exitCodes.invalidArgs,
      },
    );
  }
  throw new LifecycleFailure(`expected one of ${Object.keys(subcommands).join(', ')}, got "${word}"`, {
    action: 'recognize phase',
    code: exitCodes.invalidArgs,
  });
}

function platformApiOf(env: HostEnvironment): ApiVersion {
  const text = env['CNB_PLATFORM_API'] ?? '';
  const code = exitCodes.incompatiblePlatformApi;
  if (text.trim() === '') {
    throw new LifecycleFailure('', {
      action: "get platform API version; please set 'CNB_PLATFORM_API' to specify the desired platform API version",
      code,
    });
  }
  const version = parseApiVersion(text);
  if (version === undefined) throw new LifecycleFailure('', {action: `parse platform API '${text}'`, code});
  if (isSupportedApi(text, supportedPlatformApis)) return version;
  throw new LifecycleFailure(`platform API version '${text}' is incompatible with the lifecycle`, {
    action: 'set platform API',
    code,
  });
}

function usage(phase: PhaseName, platformApi: ApiVersion): string {
  const flags = [...new Map(flagsOf(phase, platformApi).map((flag) => [flag.name, flag])).values()];
  const lines = flags.map((flag) => `  -${flag.name}${flag.kind === 'boolean' ? '' : ' VALUE'}`);
  return `Usage of ${phase}:\n${lines.join('\n')}\n`;
}

function eventsDescriptor(env: HostEnvironment): number | undefined {
  const text = env['SLIPWAY_EVENTS_FD'] ?? '';
  return /^\d{1,4}$/.test(text) ? Number(text) : undefined;
}

function isTerminal(stream: Writable): boolean {
  return 'isTTY' in stream && stream.isTTY === true;
}

function fail(error: unknown, word: string, env: HostEnvironment, streams: LifecycleStreams, report: Report): number {
  const failure = asFailure(error, {action: 'run', code: exitCodes.failed});
  const color = isTerminal(streams.stdout) && env['CNB_NO_COLOR'] === undefined;
  const log = createLog({level: 'error', color}, (text) => streams.stdout.write(text));
  log.error(failure.message);
  report({
    kind: 'failure',
    code: failure.code,
    phase: subcommands[word] ?? word,
    buildpack: failure.buildpack,
    message: failure.message,
  });
  return failure.code;
}
