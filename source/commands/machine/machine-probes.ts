// What this machine can do, found out by trying.
import {execa} from 'execa';
import type {SandboxStatement} from '../../domain/event.ts';
import type {Probe} from '../command-context.ts';

export type ProbeParts = {
  readonly nodeVersion: string;
  readonly platform: string;
  readonly terminal: {
    readonly isTTY: boolean;
    readonly columns?: number;
    readonly rows?: number;
    readonly colorDepth: number;
  };
  readonly home: string;
  /** Makes a private root and says what came of it. */
  readonly probeSandbox: () => Promise<SandboxStatement>;
  /** Rejects when the home cannot be written. */
  readonly tryHome: () => Promise<void>;
};

/** Every probe; none of them rejects. */
export async function machineProbes(parts: ProbeParts): Promise<readonly Probe[]> {
  const node: Probe = {name: 'node', state: 'ok', detail: `Node ${parts.nodeVersion} on ${parts.platform}`};
  const tried = await Promise.all([homeProbe(parts), sandboxProbe(parts), gitProbe(), engineProbe()]);
  return [node, ...tried, terminalProbe(parts)];
}

async function homeProbe({home, tryHome}: ProbeParts): Promise<Probe> {
  try {
    await tryHome();
    return {name: 'home', state: 'ok', detail: home};
  } catch (error) {
    const detail = `${home} cannot be written: ${wordsOf(error)}`;
    return {name: 'home', state: 'missing', detail, fix: 'make it writable, or name another one with --home DIR'};
  }
}

async function sandboxProbe({probeSandbox}: ProbeParts): Promise<Probe> {
  const sandbox = await probeSandbox();
  switch (sandbox.kind) {
    case 'private-root':
      return {name: 'private root', state: 'ok', detail: `builds run in a private root, made as ${sandbox.as}`};
    case 'host-paths':
      return {
        name: 'private root',
        state: 'warn',
        detail: `only trusted builders run, on the host's paths: ${sandbox.why}`,
        fix: 'allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, or an AppArmor profile), or mark builders trusted with --trusted',
      };
    default:
      return sandbox satisfies never;
  }
}

async function gitProbe(): Promise<Probe> {
  const found = await versionOf('git');
  if (found !== undefined) return {name: 'git', state: 'ok', detail: found};
  return {
    name: 'git',
    state: 'missing',
    detail: 'not found: git sources cannot be built',
    fix: 'install git 2.30 or newer',
  };
}

async function engineProbe(): Promise<Probe> {
  const found = (await versionOf('docker')) ?? (await versionOf('podman'));
  const name = 'container engine';
  if (found !== undefined) return {name, state: 'ok', detail: `${found} (not needed: the embedded executor builds)`};
  return {name, state: 'ok', detail: 'none found, and none needed: the embedded executor builds'};
}

function terminalProbe({terminal}: ProbeParts): Probe {
  const name = 'terminal';
  if (!terminal.isTTY)
    return {
      name,
      state: 'warn',
      detail: 'standard output is no terminal: plain lines are printed',
      fix: 'run it in a terminal for the dashboard',
    };
  const {columns = 0, rows = 0, colorDepth} = terminal;
  const detail = `${columns}x${rows}, ${2 ** colorDepth} colours`;
  if (columns >= 40 && rows >= 10) return {name, state: 'ok', detail};
  return {name, state: 'warn', detail, fix: 'the dashboard needs at least 40x10'};
}

/** The first line that `program --version` prints, or undefined when it cannot be run. */
async function versionOf(program: string): Promise<string | undefined> {
  const run = await execa(program, ['--version'], {reject: false, timeout: 5000, stdin: 'ignore'});
  return run.failed ? undefined : run.stdout.split('\n', 1)[0];
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
