// Finds the container engines of this machine and asks each what it is.
import {z} from 'zod';
import {createEngineCli, type EngineCli, EngineError} from './engine-cli.ts';
import type {Engine, EngineKind} from './engine.ts';

/** An engine that answers, or why one does not and what would help. */
export type EngineFinding =
  | {readonly kind: EngineKind; readonly state: 'ready'; readonly engine: Engine}
  | {
      readonly kind: EngineKind;
      /** `absent`: no such program. `silent`: the program is there, the engine does not answer. */
      readonly state: 'absent' | 'silent';
      /** In the words of the program, or ours. */
      readonly problem: string;
      readonly next: string;
    };

/** Where to look; the default is each engine's usual program, in our own environment. */
export type EngineCandidate = {
  readonly kind: EngineKind;
  readonly program?: string;
  readonly environment?: Readonly<Record<string, string>>;
};

export const usualEngines: readonly EngineCandidate[] = [{kind: 'docker'}, {kind: 'podman'}];

/** Asks all candidates at once, each for at most `patience` milliseconds. The findings come in the candidates' order. Never rejects. */
export function detectEngines(
  candidates: readonly EngineCandidate[] = usualEngines,
  patience = 5000,
): Promise<readonly EngineFinding[]> {
  return Promise.all(candidates.map((candidate) => detectEngine(candidate, patience)));
}

async function detectEngine(candidate: EngineCandidate, patience: number): Promise<EngineFinding> {
  const {kind, program = kind, environment = {}} = candidate;
  const unknown: Engine = {kind, program, version: '', rootless: false, environment, limits: []};
  try {
    const about = await asked[kind](createEngineCli(unknown), patience);
    return {kind, state: 'ready', engine: {...unknown, ...about, limits: limitsOf({...unknown, ...about})}};
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const isAbsent = error instanceof EngineError && /no such program/.test(problem);
    return {
      kind,
      state: isAbsent ? 'absent' : 'silent',
      problem,
      next: isAbsent ? howToInstall[kind] : howToStart[kind],
    };
  }
}

type About = Pick<Engine, 'version' | 'rootless'>;

/** Podman's `docker` program answers as podman does: it is then podman, whatever it is called. */
const asked: Readonly<Record<EngineKind, (cli: EngineCli, timeout: number) => Promise<About>>> = {
  docker: async (cli, timeout) => {
    const printed = await cli.call(['info', '--format', '{{json .}}'], {timeout});
    const found = dockerInfo.parse(JSON.parse(printed));
    if (found.ServerErrors?.[0] !== undefined) throw new EngineError('unreachable', found.ServerErrors[0]);
    if (found.ServerVersion === undefined || found.ServerVersion === '') {
      throw new EngineError('unreachable', `expected a docker engine to answer ${cli.engine.program}, got none`);
    }
    const rootless = found.SecurityOptions?.some((option) => option.startsWith('name=rootless')) ?? false;
    return {version: found.ServerVersion, rootless};
  },
  podman: async (cli, timeout) => {
    const printed = await cli.call(['info', '--format', 'json'], {timeout});
    const {version, host} = podmanInfo.parse(JSON.parse(printed));
    return {version: version.Version, rootless: host.security?.rootless ?? false};
  },
};

const dockerInfo = z.object({
  ServerVersion: z.string().optional(),
  SecurityOptions: z.array(z.string()).nullish(),
  ServerErrors: z.array(z.string()).nullish(),
});

const podmanInfo = z.object({
  version: z.object({Version: z.string()}),
  host: z.object({security: z.object({rootless: z.boolean().optional()}).optional()}),
});

function limitsOf({kind, version, rootless}: Engine): readonly string[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOldPodman = kind === 'podman' && (major < 4 || (major === 4 && minor < 4));
  const isOldDocker = kind === 'docker' && major < 20;
  return [
    ...(isOldDocker ? [`docker ${version} is older than 20.10, with which builds were tried; take a newer one`] : []),
    ...(isOldPodman
      ? [`podman ${version} offers no usable socket to a build: export to a layout, not to its own store`]
      : []),
    ...(rootless
      ? [
          `${kind} runs rootless: a build has at most the user ids of this account's subordinate range, and its network is slower`,
        ]
      : []),
  ];
}

const howToInstall: Readonly<Record<EngineKind, string>> = {
  docker: 'Install Docker Engine or Docker Desktop (Debian, Ubuntu: `sudo apt-get install docker.io`).',
  podman:
    'Install podman (Debian, Ubuntu: `sudo apt-get install podman`; macOS: `brew install podman && podman machine init`).',
};

const howToStart: Readonly<Record<EngineKind, string>> = {
  docker:
    'Start it (Linux: `sudo systemctl start docker`; else Docker Desktop), and check with `docker info` that your account may use it.',
  podman: 'See what `podman info` says (macOS: `podman machine start`).',
};
