// Calls an engine's command line. One place that starts its process, so that arguments, environment and failures are handled once.
import {execa} from 'execa';
import type {Readable} from 'node:stream';
import type {Engine} from './engine.ts';

/** Something the engine refused or could not do, in its own words. */
export class EngineError extends Error {
  /** `unreachable`: there is no program, or nothing answers it. `refused`: it answered, and said no. */
  readonly kind: 'unreachable' | 'refused';
  constructor(kind: EngineError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

export type CallOptions = {
  /** Ends the command line program; what the engine itself has begun goes on. */
  readonly signal?: AbortSignal;
  /** Given to the command line program alone: the place for what must not stand among the arguments. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly input?: Readable;
  /** Milliseconds. */
  readonly timeout?: number;
};

export type EngineCli = {
  readonly engine: Engine;
  /** Standard output, without the newline at its end. Rejects with an `EngineError`. */
  call(args: readonly string[], options?: CallOptions): Promise<string>;
  /** Hands standard output on as it comes, as one stream. Rejects with an `EngineError`, after `read` has ended. */
  read<Value>(
    args: readonly string[],
    read: (output: AsyncIterable<Uint8Array>) => Promise<Value>,
    options?: CallOptions,
  ): Promise<Value>;
  /** Hands on both streams as they come; resolves to the exit code when both have ended. Rejects when it cannot be started. */
  follow(
    args: readonly string[],
    onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void,
    options?: CallOptions,
  ): Promise<number>;
};

/** A command line of `engine`. Everything it starts has ended when its promise settles. */
export function createEngineCli(engine: Engine): EngineCli {
  const start = (args: readonly string[], {signal, environment, timeout, input}: CallOptions) =>
    execa(engine.program, args, {
      env: {...engine.environment, ...environment},
      ...(input ? {input} : {stdin: 'ignore' as const}),
      buffer: {stdout: false, stderr: false},
      encoding: 'buffer',
      reject: false,
      forceKillAfterDelay: 500,
      killDescendants: true,
      ...(signal && {cancelSignal: signal}),
      ...(timeout !== undefined && {timeout}),
    });

  const read: EngineCli['read'] = async (args, handle, options = {}) => {
    const child = start(args, options);
    const complaint = keepEnd(child.stderr);
    // what is not wanted is read all the same: a program whose output breaks off fails
    const [value] = await Promise.allSettled([handle(child.stdout.iterator({destroyOnReturn: false}))]);
    child.stdout.resume();
    const result = await child;
    if (result.failed) throw failureOf(engine, args, result, complaint());
    if (value.status === 'rejected') throw value.reason;
    return value.value;
  };

  return {
    engine,
    read,
    call: (args, options) => read(args, textOf, options),
    follow: async (args, onOutput, options = {}) => {
      const child = start(args, options);
      child.stdout.on('data', (bytes: Uint8Array) => onOutput('stdout', bytes));
      child.stderr.on('data', (bytes: Uint8Array) => onOutput('stderr', bytes));
      const result = await child;
      if (result.code === 'ENOENT') throw failureOf(engine, args, result, '');
      return result.exitCode ?? 137;
    },
  };
}

/** More than any answer that is read whole has. */
const longestAnswer = 64 * 1024 * 1024;

async function textOf(output: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of output) {
    length += piece.length;
    if (length > longestAnswer) throw new Error(`expected an answer of at most ${longestAnswer} bytes from the engine`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8').trimEnd();
}

/** The last of what is written, for the message of a failure. */
function keepEnd(stream: Readable): () => string {
  let end = '';
  stream.on('data', (bytes: Uint8Array) => {
    end = (end + Buffer.from(bytes).toString('utf8')).slice(-4096);
  });
  return () => end.trim();
}

type Result = {
  readonly exitCode?: number;
  readonly code?: string;
  readonly isCanceled: boolean;
  readonly shortMessage?: string;
  readonly timedOut: boolean;
};

function failureOf(engine: Engine, args: readonly string[], result: Result, complaint: string): EngineError {
  const command = `${engine.kind} ${commandWords(args)}`;
  if (result.code === 'ENOENT')
    return new EngineError('unreachable', `expected ${engine.program} to be installed, but there is no such program`);
  if (result.timedOut) return new EngineError('unreachable', `${command} did not answer in time`);
  if (result.isCanceled) return new EngineError('refused', `${command} was stopped`);
  const said = complaint.split('\n').findLast((line) => line.trim() !== '') ?? result.shortMessage ?? 'no word of why';
  return new EngineError(isUnreachable(complaint) ? 'unreachable' : 'refused', `${command} failed: ${said}`);
}

/** The command without what it works on: `volume create`, `start`. */
function commandWords(args: readonly string[]): string {
  const [first = '', second = ''] = args;
  return ['volume', 'network', 'image', 'container', 'system'].includes(first) ? `${first} ${second}` : first;
}

/** What both command lines say when nobody listens. */
function isUnreachable(complaint: string): boolean {
  return /cannot connect to (the docker daemon|podman)|connection refused|is the docker daemon running|error during connect|unable to connect/i.test(
    complaint,
  );
}
