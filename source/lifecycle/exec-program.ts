/** Starts a buildpack's program: no standard input, only the environment it is given, no descriptor of ours beyond the two for output. */
import {spawn} from 'node:child_process';
import {closeSync, openSync} from 'node:fs';
import {rm} from 'node:fs/promises';
import {join} from 'node:path';
import type {Writable} from 'node:stream';
import type {Environment} from './build-env.ts';
import {readRegularFile} from './read-regular-file.ts';

export type Program = {
  readonly path: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Environment;
};

export type ProgramResult = {
  /** The exit code; -1 when a signal ended it. */
  readonly code: number;
  readonly signal: NodeJS.Signals | null;
};

/** Runs a program; what it prints, both streams in the order printed, goes to `output` as it comes. Throws when it cannot be started. */
export async function runStreaming(program: Program, output: Writable): Promise<ProgramResult> {
  const descriptor = descriptorOf(output);
  if (descriptor !== undefined) return start(program, ['ignore', descriptor, descriptor]);
  return start(program, ['ignore', 'pipe', 'pipe'], output);
}

/** Runs a program and gives what it printed, both streams in the order printed. `scratch` is a directory of the caller's. */
export async function runCapturing(
  program: Program,
  scratch: string,
): Promise<ProgramResult & {readonly output: string}> {
  const path = join(scratch, 'output');
  const file = openSync(path, 'ax', 0o600);
  let result: ProgramResult;
  try {
    result = await start(program, ['ignore', file, file]);
  } finally {
    closeSync(file);
  }
  const output = await readRegularFile(path, {limit: maximumOutput});
  await rm(path);
  return {...result, output: output?.toString('utf8') ?? ''};
}

const maximumOutput = 64 * 1024 * 1024;

/** Output that is a file descriptor is handed down as it is: nothing is buffered, and the two streams cannot overtake each other. */
function descriptorOf(output: Writable): number | undefined {
  return 'fd' in output && typeof output.fd === 'number' ? output.fd : undefined;
}

type Stdio = ['ignore', 'pipe' | number, 'pipe' | number];

function start(program: Program, stdio: Stdio, output?: Writable): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(program.path, program.args, {cwd: program.cwd, env: Object.fromEntries(program.env), stdio});
    if (output !== undefined) {
      child.stdout?.pipe(output, {end: false});
      child.stderr?.pipe(output, {end: false});
    }
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({code: code ?? -1, signal}));
  });
}
