// Runs the program as it is shipped: dist/slipway.js in a process of its own, with a state directory of the test's.
import {join} from 'node:path';
import {execa, type ResultPromise} from 'execa';

export const checkout = join(import.meta.dirname, '..', '..', '..');
export const shippedProgram = join(checkout, 'dist', 'slipway.js');

/** How a command ended, and every byte it printed. */
export type Printed = {readonly code: number; readonly stdout: string; readonly stderr: string};

export type RunOptions = {
  /** Another copy of the program. */
  readonly program?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What it reads; nothing unless given. */
  readonly input?: string;
  /** Milliseconds after which it is ended, which no expectation survives. */
  readonly timeout?: number;
};

/** Runs a command line to its end. */
export async function runSlipway(home: string, argv: readonly string[], options: RunOptions = {}): Promise<Printed> {
  return printed(await startSlipway(home, argv, options));
}

/** Starts one whose output is read while it runs. */
export function startSlipway(home: string, argv: readonly string[], options: RunOptions = {}) {
  const {program = shippedProgram, env = {}, cwd, input, timeout = 120_000} = options;
  return execa(process.execPath, [program, ...argv, '--home', home], {
    cwd,
    env: {...plainEnvironment(), ...env},
    extendEnv: false,
    reject: false,
    stripFinalNewline: false,
    timeout,
    ...(input === undefined ? {stdin: 'ignore' as const} : {input}),
  });
}

export type StartedSlipway = ResultPromise<{reject: false; stripFinalNewline: false}>;

/** No colours, no CI, no home of the person who runs the tests. */
export function plainEnvironment(): Readonly<Record<string, string>> {
  const {PATH = '', TMPDIR} = process.env;
  return {PATH, HOME: '/nonexistent', LANG: 'C.UTF-8', TZ: 'UTC', ...(TMPDIR ? {TMPDIR} : {})};
}

function printed(result: {exitCode?: number; stdout: string; stderr: string; timedOut: boolean}): Printed {
  const {exitCode, stdout, stderr, timedOut} = result;
  return {code: exitCode ?? -1, stdout, stderr: timedOut ? `${stderr}\n(ended by the test: it took too long)` : stderr};
}
