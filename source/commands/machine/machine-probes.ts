// What this machine can do, found out by trying.
import {execa} from 'execa';
import type {EngineStatement} from '../../domain/engine.ts';
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
  /** Asks each container engine of this machine what it is. */
  readonly findEngines: () => Promise<readonly EngineStatement[]>;
};

/** Every probe; none of them rejects. */
export async function machineProbes(parts: ProbeParts): Promise<readonly Probe[]> {
  const node: Probe = {name: 'node', state: 'ok', detail: `Node ${parts.nodeVersion} on ${parts.platform}`};
  const [engines, ...tried] = await Promise.all([
    parts.findEngines(),
    homeProbe(parts),
    sandboxProbe(parts),
    gitProbe(),
  ]);
  return [node, ...tried, ...engines.map((engine) => engineProbe(engine)), terminalProbe(parts)];
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

/** No engine is ever missing: the embedded executor needs none. */
function engineProbe(engine: EngineStatement): Probe {
  const {kind: name} = engine;
  switch (engine.state) {
    case 'ready': {
      const {version, rootless, limits} = engine;
      const detail = `${version}${rootless ? ', rootless' : ''}: runs builder images (clusterbuilder create NAME --image REF)`;
      return {name, state: 'ok', detail: [detail, ...limits].join('; ')};
    }
    case 'absent':
      return {name, state: 'ok', detail: 'not installed; only builder images need an engine', fix: engine.next};
    case 'silent':
      return {name, state: 'warn', detail: `installed, but does not answer: ${engine.problem}`, fix: engine.next};
    default:
      return engine satisfies never;
  }
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
