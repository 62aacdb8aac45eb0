// Runs one phase of the lifecycle as a process of its own and hands on what it says while it says it.
import type {ChildProcess} from 'node:child_process';
import {once} from 'node:events';
import type {Readable} from 'node:stream';
import type {PhaseName} from '../domain/phase.ts';
import type {LogStream} from '../ports/executor.ts';
import {createOutputTail} from './output-tail.ts';
import type {OpenedOutput, OutputPipes} from './output-pipes.ts';
import {createEventReader, type PhaseEvent} from './phase-events.ts';
import type {SandboxCommand, SandboxRoom} from './sandbox.ts';

export type PhaseProcess = {
  readonly phase: PhaseName;
  readonly room: SandboxRoom;
  readonly pipes: OutputPipes;
  readonly command: SandboxCommand;
  readonly onOutput: (stream: LogStream, bytes: Uint8Array) => void;
  readonly onEvent: (event: PhaseEvent) => void;
  /** Awaited before the phase counts as over. */
  readonly onStarted: (pid: number) => Promise<void>;
};

export type ProcessEnd = {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: readonly string[];
  readonly stderr: readonly string[];
};

/** The descriptor the lifecycle reports events on. */
export const eventsDescriptor = 3;

/**
 * Resolves when the process has ended, everything it started is dead and all it printed was handed on. An abort kills it
 * with all its descendants. Rejects when it cannot be started.
 */
export async function runPhaseProcess(process: PhaseProcess, signal: AbortSignal): Promise<ProcessEnd> {
  signal.throwIfAborted();
  const opened = process.pipes.open();
  try {
    const child = await startWith(process, opened);
    const ended = endOf(child);
    const kill = () => process.room.kill(child);
    signal.addEventListener('abort', kill, {once: true});
    if (signal.aborted) kill();
    try {
      const reading = readOutput(process, opened.streams(child), child, signal);
      if (child.pid !== undefined) await process.onStarted(child.pid);
      const end = await ended;
      kill(); // on the host's paths a straggler may have stayed in the group
      await Promise.race([reading.done, patience()]);
      return {...end, ...reading.tails()};
    } finally {
      signal.removeEventListener('abort', kill);
      kill();
      await ended.catch(() => undefined);
    }
  } finally {
    opened.close();
  }
}

async function startWith(process: PhaseProcess, opened: OpenedOutput): Promise<ChildProcess> {
  try {
    return await process.room.start(process.command, ['ignore', ...opened.stdio, 'pipe']);
  } finally {
    opened.started();
  }
}

type Exit = {readonly exitCode: number | null; readonly signal: NodeJS.Signals | null};

async function endOf(child: ChildProcess): Promise<Exit> {
  const [exitCode, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return {exitCode, signal};
}

/** Reads both streams and the events; `done` resolves when all three have ended. */
function readOutput(
  process: PhaseProcess,
  streams: {readonly stdout: Readable; readonly stderr: Readable},
  child: ChildProcess,
  signal: AbortSignal,
): {readonly done: Promise<unknown>; tails(): Pick<ProcessEnd, 'stdout' | 'stderr'>} {
  const tails = {stdout: createOutputTail(), stderr: createOutputTail()};
  const readings = (['stdout', 'stderr'] as const).map((stream) =>
    readAll(streams[stream], (bytes) => {
      tails[stream].add(bytes);
      // what follows an abort is the noise of dying
      if (!signal.aborted) process.onOutput(stream, bytes);
    }),
  );
  const events = child.stdio[eventsDescriptor];
  if (events) readings.push(readAll(events as Readable, createEventReader(process.phase, process.onEvent)));
  return {
    done: Promise.all(readings),
    tails: () => ({stdout: tails.stdout.lines(), stderr: tails.stderr.lines()}),
  };
}

/** Resolves when the stream has ended; what breaks it ends it. */
function readAll(stream: Readable, onBytes: (bytes: Buffer) => void): Promise<void> {
  return new Promise((resolve) => {
    stream.on('data', onBytes);
    stream.once('close', resolve);
    stream.once('end', resolve);
    stream.once('error', () => resolve());
  });
}

/** How long a descendant that left its group on the host's paths may keep the output open. */
function patience(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 500).unref();
  });
}
