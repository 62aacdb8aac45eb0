// Named pipes for what a phase prints. Node gives a child sockets, and `echo x > /dev/stderr` cannot reopen a socket; a pipe it can.
import {type ChildProcess, execFile} from 'node:child_process';
import {closeSync, constants, openSync} from 'node:fs';
import {Socket} from 'node:net';
import path from 'node:path';
import type {Readable} from 'node:stream';
import {promisify} from 'node:util';
import {isMainThread} from 'node:worker_threads';

const run = promisify(execFile);

/** The output of one process, before and after it is started. */
export type OpenedOutput = {
  /** What to start the process with. */
  readonly stdio: readonly [stdout: number | 'pipe', stderr: number | 'pipe'];
  /** To be called as soon as the process has started, or has failed to. */
  started(): void;
  /** What to read from. */
  streams(child: ChildProcess): {readonly stdout: Readable; readonly stderr: Readable};
  /** Gives everything back that is still open. */
  close(): void;
};

export type OutputPipes = {open(): OpenedOutput};

/**
 * Makes the pipes below `directory`, which only the controller's user can enter: whoever holds one open may reopen it. In a
 * worker thread it is Node's sockets after all: a worker closes every descriptor that `fs` opened in it when it ends, those that
 * a socket has closed long ago included, and so somebody else's.
 */
export async function makeOutputPipes(directory: string): Promise<OutputPipes> {
  if (!isMainThread) return {open: openSockets};
  const files = ['stdout', 'stderr'].map((name) => path.join(directory, name));
  await run('mkfifo', ['-m', '0666', '--', ...files]);
  const [out = '', error = ''] = files;
  return {open: () => openPipes(out, error)};
}

function openPipes(out: string, error: string): OpenedOutput {
  const streams = {stdout: openReader(out), stderr: openReader(error)};
  const writers = [openSync(out, constants.O_WRONLY), openSync(error, constants.O_WRONLY)] as const;
  return {
    stdio: writers,
    started: () => {
      for (const descriptor of writers) closeSync(descriptor);
    },
    streams: () => streams,
    close: () => {
      streams.stdout.destroy();
      streams.stderr.destroy();
    },
  };
}

/** Opened before there is a writer: that is what makes the writer's open return at once. */
function openReader(file: string): Socket {
  const fd = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({fd, readable: true, writable: false});
}

function openSockets(): OpenedOutput {
  return {
    stdio: ['pipe', 'pipe'],
    started: () => {},
    streams: ({stdout, stderr}) => {
      if (!stdout || !stderr) throw new Error('expected a process started with pipes for its output');
      return {stdout, stderr};
    },
    close: () => {},
  };
}
