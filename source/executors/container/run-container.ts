// Runs one program of the lifecycle in a container of its own and hands on what it says while it says it.
import {setTimeout as wait} from 'node:timers/promises';
import path from 'node:path';
import {z} from 'zod';
import type {PhaseName} from '../../domain/phase.ts';
import type {TarEntry} from '../../oci/tar-writer.ts';
import {createOutputTail} from '../output-tail.ts';
import {PhaseFailed} from '../phase-run.ts';
import {type EngineCli, EngineError} from './engine-cli.ts';
import {
  type ContainerRequest,
  copyIn,
  createContainer,
  inspectEnd,
  ownLines,
  startAttached,
} from './engine-commands.ts';
import {createLineSieve} from './line-sieve.ts';
import {retireContainer, type RunResources} from './run-resources.ts';
import {tarStream} from './tar-stream.ts';

/** Files that a container gets before it starts: entries unpacked in one of its directories. */
export type CopiedIn = {readonly directory: string; readonly entries: () => Iterable<TarEntry>};

export type LifecycleContainer = {
  readonly request: ContainerRequest;
  /** Values for the names in `request.inherited` that the controller's own environment does not have. */
  readonly secrets?: Readonly<Record<string, string>>;
  readonly copiedIn: readonly CopiedIn[];
  /** Whether what is copied in could be changed by the phase before, in a volume that both see: then it waits for that to end. */
  readonly isCopiedLate: boolean;
};

export type OnOutput = (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;

export type ContainerEnd = {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
};

/**
 * Creates the container of a phase that is yet to come and copies in what it is to have, so that the phase need not wait for it. The container stands among
 * those of the run from the first moment. Rejects with an `EngineError`, not before somebody waits for it.
 */
export function createAhead(
  cli: EngineCli,
  {request, secrets, copiedIn, isCopiedLate}: LifecycleContainer,
  {containers, pending}: RunResources,
  signal: AbortSignal,
): Promise<void> {
  containers.add(request.name);
  // neither `create` nor `rm` is ever broken off: what the engine has begun would go on, and nobody would know
  const created = cli
    .call(createContainer(cli.engine, request), {environment: secrets, timeout: 120_000})
    .then(() => (isCopiedLate ? undefined : copyAll(cli, request.name, copiedIn, signal)));
  pending.add(created.catch(() => undefined));
  return created;
}

/**
 * Starts a created container, with what had to wait copied in, and resolves when its program has ended and all it printed was handed
 * on; the container stays, for what is to be read out of it. An abort removes
 * the run's containers with everything in them and rejects.
 * What the engine refuses rejects with an `EngineError`, in words.
 */
export async function runContainer(
  cli: EngineCli,
  {request, copiedIn, isCopiedLate}: LifecycleContainer,
  resources: RunResources,
  onOutput: OnOutput,
  signal: AbortSignal,
): Promise<ContainerEnd> {
  if (isCopiedLate) await copyAll(cli, request.name, copiedIn, signal);
  signal.throwIfAborted();
  const tails = {stdout: createOutputTail(), stderr: createOutputTail()};
  const take: OnOutput = (stream, bytes) => {
    tails[stream].add(bytes);
    onOutput(stream, bytes);
  };
  const stderr = createLineSieve({
    beginnings: ownLines(cli.engine),
    onLine: (line) => !ownLines(cli.engine).includes(line),
    onBytes: (bytes) => take('stderr', bytes),
  });
  const exitCode = await followUntilRemoved(cli, request.name, resources, signal, (stream, bytes) => {
    if (stream === 'stderr') stderr.write(bytes);
    else take('stdout', bytes);
  });
  stderr.end();
  signal.throwIfAborted();
  const end = exitCode === 0 ? {exitCode, signal: null} : await endOf(cli, request.name, tails.stderr.lines());
  return {...end, stdout: tails.stdout.lines(), stderr: tails.stderr.lines()};
}

async function copyAll(
  cli: EngineCli,
  container: string,
  copiedIn: readonly CopiedIn[],
  signal: AbortSignal,
): Promise<void> {
  for (const {directory, entries} of cli.engine.kind === 'docker' ? inOneArchive(copiedIn) : copiedIn) {
    signal.throwIfAborted();
    await cli.call(copyIn(cli.engine, container, directory), {input: tarStream(entries()), signal});
  }
}

/** Docker unpacks through the mounts of a container, so that one call does; podman unpacks beneath them. */
function inOneArchive(copiedIn: readonly CopiedIn[]): readonly CopiedIn[] {
  if (copiedIn.length < 2) return copiedIn;
  return [
    {
      directory: '/',
      *entries() {
        for (const {directory, entries} of copiedIn) {
          for (const entry of entries()) yield {...entry, path: path.posix.join(directory.slice(1), entry.path)};
        }
      },
    },
  ];
}

/** The command line follows the container to its end; when that is removed and the command line has not noticed, it is ended too. */
async function followUntilRemoved(
  cli: EngineCli,
  name: string,
  resources: RunResources,
  signal: AbortSignal,
  onOutput: OnOutput,
): Promise<number> {
  const letGo = new AbortController();
  let removal: Promise<unknown> = Promise.resolve();
  const remove = () => {
    // with those that were created ahead, side by side: what a person cancels is to be gone at once
    for (const other of resources.containers) retireContainer(cli, resources, other);
    removal = Promise.all(resources.pending).then(() => setTimeout(() => letGo.abort(), 200).unref());
  };
  signal.addEventListener('abort', remove, {once: true});
  if (signal.aborted) remove();
  try {
    return await cli.follow(startAttached(name), onOutput, {signal: letGo.signal});
  } finally {
    signal.removeEventListener('abort', remove);
    await removal;
  }
}

const stateSchema = z.object({
  Status: z.string(),
  ExitCode: z.int(),
  OOMKilled: z.boolean().optional(),
  Error: z.string().optional(),
});

/** The command line's own exit code may be its own: what the container ended with is for the engine to say. */
async function endOf(
  cli: EngineCli,
  name: string,
  said: readonly string[],
): Promise<Pick<ContainerEnd, 'exitCode' | 'signal'>> {
  const printed = await cli.call(inspectEnd(name), {timeout: 30_000});
  const {
    Status: status,
    ExitCode: exitCode,
    OOMKilled: ranOut,
    Error: problem,
  } = stateSchema.parse(JSON.parse(printed));
  const hasRun = ['exited', 'stopped', 'dead'].includes(status);
  if (problem || !hasRun || exitCode === 0) {
    const why = problem || (said.at(-1) ?? `it is ${status}`);
    throw new EngineError('refused', `the container could not be run to its end: ${why}`);
  }
  if (ranOut) return {exitCode: null, signal: 'SIGKILL'};
  // an engine that is being stopped kills its containers first: asked again a moment later, it is gone, and that is why
  if (exitCode !== 137 && exitCode !== 143) return {exitCode, signal: null};
  await wait(stopsWithin);
  await cli.call(inspectEnd(name), {timeout: 30_000});
  return {exitCode: null, signal: exitCode === 137 ? 'SIGKILL' : 'SIGTERM'};
}

/** Milliseconds in which an engine that killed its containers stops answering. */
const stopsWithin = 1_500;

/** An error of the engine as the failure of the phase that it befell. Anything else comes back as it is. */
export function asPhaseFailure(cli: EngineCli, phase: PhaseName, error: unknown): unknown {
  if (!(error instanceof EngineError)) return error;
  const {kind} = cli.engine;
  const [meaning, next] =
    error.kind === 'unreachable'
      ? [
          `the container engine (${kind}) does not answer`,
          `Start ${kind} (\`slipway doctor\` says how), then trigger the build again.`,
        ]
      : [
          `the container engine (${kind}) refused what the phase needs`,
          `Read what ${kind} says; \`slipway doctor\` shows what this engine cannot do.`,
        ];
  const failure = {phase, meaning, message: error.message.slice(0, 800), next};
  return new PhaseFailed(failure, {cause: error, lost: error.kind === 'unreachable'});
}
