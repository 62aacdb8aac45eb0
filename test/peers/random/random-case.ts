// Draws a whole case: buildpacks, an order of them, and builds of one app one after another.
import {stringify} from 'smol-toml';
import {drawTree, file, type TreeEntry} from './file-tree.ts';
import {type DrawnBuildpack, drawBuildpack, drawComposite} from './random-buildpack.ts';
import {createRandom, type Random} from './random.ts';

export type CaseStep = {
  readonly app: readonly TreeEntry[];
  /** Below /platform. */
  readonly platform: readonly TreeEntry[];
  /** Below /cnb/build-config. */
  readonly buildConfig: readonly TreeEntry[];
  readonly env: Readonly<Record<string, string>>;
  readonly exportFlags: readonly string[];
  readonly analyzeFlags: readonly string[];
  readonly restoreFlags: readonly string[];
  readonly project?: string;
  readonly clearCache: boolean;
  readonly tags: readonly string[];
};

export type RandomCase = {
  readonly seed: number;
  readonly platformApi: string;
  readonly mode: 'phases' | 'creator' | 'creator as root';
  readonly buildpacks: readonly DrawnBuildpack[];
  readonly order: string;
  readonly system?: string;
  readonly steps: readonly CaseStep[];
};

const platformApis = ['0.7', '0.8', '0.9', '0.10', '0.11', '0.12', '0.13', '0.14', '0.15'];

/** The case of a seed. */
export function drawCase(seed: number): RandomCase {
  const random = createRandom(seed);
  const steps = 1 + random.below(3);
  const ids = ['acme/one', 'two', 'acme/three.x', 'four/4'].slice(0, 1 + random.below(4));
  const components = ids.map((id) => drawBuildpack(random, id, steps));
  const composite = random.chance(0.3) ? [drawComposite(random, 'acme/composite', components)] : [];
  const buildpacks = [...components, ...composite];
  const platformApi = random.pick(platformApis);
  return {
    seed,
    platformApi,
    mode: random.pick(['phases', 'phases', 'creator', 'creator as root']),
    buildpacks,
    order: drawOrder(random, buildpacks),
    system: platformApi === '0.15' && random.chance(0.5) ? drawSystem(random, components) : undefined,
    steps: Array.from({length: steps}, (_, step) => drawStep(random, step, platformApi)),
  };
}

function drawOrder(random: Random, buildpacks: readonly DrawnBuildpack[]): string {
  const element = ({id, version}: DrawnBuildpack) => ({id, version, ...(random.chance(0.4) ? {optional: true} : {})});
  const groups = Array.from({length: 1 + random.below(3)}, () => random.some(random.shuffled(buildpacks), 0.6)).filter(
    (group) => group.length > 0,
  );
  return stringify({order: (groups.length > 0 ? groups : [buildpacks]).map((group) => ({group: group.map(element)}))});
}

function drawSystem(random: Random, buildpacks: readonly DrawnBuildpack[]): string {
  const some = () => random.some(buildpacks, 0.3).map(({id, version}) => ({id, version}));
  return stringify({system: {pre: {buildpacks: some()}, post: {buildpacks: some()}}});
}

function drawStep(random: Random, step: number, platformApi: string): CaseStep {
  return {
    app: [...drawTree(random, 12, 0.3), file('.step', String(step))],
    platform: drawEnvironmentFiles(random),
    buildConfig: random.chance(0.3) ? drawEnvironmentFiles(random) : [],
    env: {
      ...(random.chance(0.2) ? {SOURCE_DATE_EPOCH: random.pick(['0', '1700000000', 'junk', '-5'])} : {}),
      ...(random.chance(0.2) ? {CNB_EXEC_ENV: random.pick(['test', 'production', 'dev'])} : {}),
      ...(random.chance(0.3) ? {CNB_LOG_LEVEL: random.pick(['warn', 'error'])} : {}),
      ...(random.chance(0.1) ? {CNB_SKIP_LAYERS: 'true'} : {}),
      ...(random.chance(0.2) ? {CNB_STACK_ID: 'my.stack', http_proxy: 'http://proxy', SECRET: 'no'} : {}),
    },
    exportFlags: random.chance(0.2) ? ['-process-type', random.pick(['web', 'worker', 'missing'])] : [],
    analyzeFlags: random.chance(0.1) && Number(platformApi.slice(2)) >= 9 ? ['-skip-layers'] : [],
    restoreFlags: random.chance(0.1) ? ['-skip-layers'] : [],
    project: random.chance(0.5) ? drawProject(random) : undefined,
    clearCache: random.chance(0.15),
    tags: [],
  };
}

function drawEnvironmentFiles(random: Random): readonly TreeEntry[] {
  return random
    .some(
      ['PATH', 'MY_VAR', 'LIBRARY_PATH', 'A.append', 'MY_VAR.delim', 'HOME', 'A.default', 'OTHER.prepend', 'B'],
      0.2,
    )
    .map((name) => file(`env/${name}`, random.pick(['from platform', '', '/p/bin', 'line\n'])));
}

function drawProject(random: Random): string {
  return stringify({
    source: {
      type: 'git',
      ...(random.chance(0.7) ? {version: {commit: 'abc', n: random.below(100), f: 0.5, b: true}} : {}),
      ...(random.chance(0.7) ? {metadata: {repository: 'https://x?a=1&b=<2>', refs: ['main'], t: {z: 1, a: 2}}} : {}),
    },
  });
}
