// Real engines for the tests of this folder, started on first use, with a builder image of upstream's lifecycle in each; or the words that say why not.
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {type EngineCli, createEngineCli} from '../../source/executors/container/engine-cli.ts';
import {detectEngines} from '../../source/executors/container/detect-engines.ts';
import type {Engine, EngineKind} from '../../source/executors/container/engine.ts';
import {findUpstreamLifecycle} from '../peers/find-lifecycle.ts';
import {type BuilderParts, makeBuilder} from '../peers/make-builder.ts';

export type EngineHost = {
  readonly engines: readonly EngineAtHost[];
  /** Why an engine is not among them, a sentence each. */
  readonly obstacles: readonly string[];
  /** A directory for what tests make, below the one that is removed. */
  readonly scratch: string;
  /** The process of the Docker engine. */
  readonly dockerPid: () => number;
  readonly close: () => Promise<void>;
};

export type EngineAtHost = {
  readonly engine: Engine;
  readonly cli: EngineCli;
  /** A builder image with the lifecycle and no buildpacks. */
  readonly base: string;
};

const peers = path.resolve(import.meta.dirname, '../peers');

/** Under `/tmp`, whatever TMPDIR says: the path of an engine's socket must stay short. The builder's archive is `builder.tar` in `scratch`. */
export async function openEngineHost(parts: Partial<BuilderParts> = {node: process.execPath}): Promise<EngineHost> {
  const scratch = await mkdtemp('/tmp/slipway-engines-');
  const directory = path.join(scratch, 'e');
  const close = async () => {
    spawnSync('bash', [path.join(peers, 'stop-engines.sh'), directory]);
    await rm(scratch, {recursive: true, force: true});
  };
  const dockerPid = () => Number(readFileSync(path.join(directory, 'dockerd.pid'), 'utf8'));
  const lifecycle = findUpstreamLifecycle();
  if ('obstacle' in lifecycle) return {engines: [], obstacles: [lifecycle.obstacle], scratch, dockerPid, close};
  const found = startEngines(directory);
  const archive = await makeBuilder(scratch, base, {...parts, lifecycle});
  const engines: EngineAtHost[] = [];
  const obstacles: string[] = [];
  for (const candidate of Object.values(found)) {
    if ('obstacle' in candidate) {
      obstacles.push(candidate.obstacle);
      continue;
    }
    const [finding] = await detectEngines([candidate], 30_000);
    if (finding?.state !== 'ready') {
      obstacles.push(finding?.problem ?? 'no finding');
      continue;
    }
    const cli = createEngineCli(finding.engine);
    await cli.call(['load', '--input', archive]);
    engines.push({engine: finding.engine, cli, base});
  }
  return {engines, obstacles, scratch, dockerPid, close};
}

/** After its process was killed: on the same socket, with the same store. */
export function restartDocker({scratch}: Pick<EngineHost, 'scratch'>): void {
  const {docker} = startEngines(path.join(scratch, 'e'));
  if ('obstacle' in docker) throw new Error(docker.obstacle);
}

function startEngines(directory: string): Readonly<Record<EngineKind, Candidate>> {
  const {stdout} = spawnSync('bash', [path.join(peers, 'start-engines.sh'), directory], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return JSON.parse(stdout) as Readonly<Record<EngineKind, Candidate>>;
}

const base = 'slipway.test/builder:base';

type Candidate =
  | {readonly kind: EngineKind; readonly program: string; readonly environment: Readonly<Record<string, string>>}
  | {readonly obstacle: string};
