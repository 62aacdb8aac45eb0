// Starts a controller as a process of its own, which outlives this one, and says what became of it.
import {spawn} from 'node:child_process';
import {closeSync, fstatSync, mkdirSync, openSync, readSync, renameSync, statSync} from 'node:fs';
import {join} from 'node:path';
import {ClientError} from './client.ts';

export type StartCommand = {
  /** Program and arguments that run the controller in the foreground for `home`. */
  readonly command: readonly string[];
  /** Its environment (default: this process's). SLIPWAY_HOME is set to the home. */
  readonly env?: Readonly<Record<string, string | undefined>>;
};

export type StartedController = {
  /** How it ended, in words, or undefined while it runs. */
  ended(): string | undefined;
  /** The last lines it wrote since it was started, for an error message; '' when none. */
  lastLines(): string;
};

/**
 * Its output is appended to `<home>/controller.log`; one of more than 4 MiB is kept aside as `controller.log.old`.
 * Throws ClientError `unavailable` when the home cannot be written.
 */
export function startController(home: string, {command, env = process.env}: StartCommand): StartedController {
  const logFile = join(home, 'controller.log');
  const log = openLog(home, logFile);
  try {
    const before = fstatSync(log).size;
    let end: string | undefined;
    const [program = '', ...rest] = command;
    const child = spawn(program, rest, {
      cwd: home,
      detached: true,
      windowsHide: true,
      stdio: ['ignore', log, log],
      env: {...env, SLIPWAY_HOME: home},
    });
    child.once('error', (error) => (end = `it could not be started: ${error.message}`));
    child.once(
      'exit',
      (code, signal) => (end = signal === null ? `it ended with exit code ${String(code)}` : `it ended by ${signal}`),
    );
    child.unref();
    return {ended: () => end, lastLines: () => linesSince(logFile, before)};
  } finally {
    closeSync(log);
  }
}

function openLog(home: string, logFile: string): number {
  try {
    mkdirSync(home, {recursive: true, mode: 0o700});
    setAsideWhenLong(logFile);
    return openSync(logFile, 'a+', 0o600);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `cannot use ${home} as state directory: ${why}; make it a directory that you can write to, or name another one (SLIPWAY_HOME or --home)`;
    throw new ClientError('unavailable', message, {cause});
  }
}

const longestLog = 4 * 1024 * 1024;
const mostTail = 4096;
const mostLines = 10;

function setAsideWhenLong(logFile: string): void {
  const size = statSync(logFile, {throwIfNoEntry: false})?.size ?? 0;
  if (size > longestLog) renameSync(logFile, `${logFile}.old`);
}

function linesSince(logFile: string, before: number): string {
  const file = openSync(logFile, 'r');
  try {
    const {size} = fstatSync(file);
    const start = Math.max(before, size - mostTail);
    if (start >= size) return '';
    const bytes = Buffer.alloc(size - start);
    const read = readSync(file, bytes, 0, bytes.length, start);
    return bytes.toString('utf8', 0, read).trim().split('\n').slice(-mostLines).join('\n');
  } finally {
    closeSync(file);
  }
}
