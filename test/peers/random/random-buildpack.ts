// Draws buildpacks: what bin/detect answers, and for every build the files that bin/build leaves in its directory, copied from the buildpack.
import {stringify} from 'smol-toml';
import {drawTree, file, type TreeEntry} from './file-tree.ts';
import type {Random} from './random.ts';

export type DrawnBuildpack = {
  readonly id: string;
  readonly version: string;
  readonly api: string;
  /** Below the buildpack's directory. */
  readonly files: readonly TreeEntry[];
};

const apis = ['0.7', '0.8', '0.9', '0.10', '0.10', '0.11', '0.12', '0.12'];
const planNames = ['node', 'jdk', 'site', 'odd name.x'];
const sbomTypes = {
  cdx: 'application/vnd.cyclonedx+json',
  spdx: 'application/spdx+json',
  syft: 'application/vnd.syft+json',
} as const;

/** A component buildpack that knows `steps` builds. */
export function drawBuildpack(random: Random, id: string, steps: number): DrawnBuildpack {
  const api = random.pick(apis);
  const version = random.pick(['1.0.0', '0.0.1', '10.2.3']);
  return {
    id,
    version,
    api,
    files: [
      file('buildpack.toml', descriptor(random, id, version, api)),
      file('bin/detect', detectScript(random), 0o755),
      file('bin/build', buildScript(random), 0o755),
      file('step', '0'),
      ...Array.from({length: steps}, (_, step) => drawOutput(random, api, step)).flat(),
    ],
  };
}

/** A buildpack that is an order of others. */
export function drawComposite(random: Random, id: string, members: readonly DrawnBuildpack[]): DrawnBuildpack {
  const groups = Array.from({length: 1 + random.below(2)}, () => ({
    group: random.some(members, 0.6).map((member) => ({
      id: member.id,
      version: member.version,
      ...(random.chance(0.3) ? {optional: true} : {}),
    })),
  })).filter(({group}) => group.length > 0);
  const [first] = members;
  const order = groups.length > 0 || first === undefined ? groups : [{group: [{id: first.id, version: first.version}]}];
  const text = stringify({
    api: '0.10',
    buildpack: {id, version: '2.0.0', homepage: 'https://composite.example'},
    order,
  });
  return {id, version: '2.0.0', api: '0.10', files: [file('buildpack.toml', text)]};
}

function descriptor(random: Random, id: string, version: string, api: string): string {
  const targets = random.pick([
    undefined,
    undefined,
    [{os: 'linux'}],
    [{os: 'linux', arch: 'amd64'}],
    [{os: 'linux', arch: 'arm64'}],
    [{os: 'linux', arch: 'amd64', distros: [{name: 'ubuntu', version: '24.04'}]}],
    [{os: 'linux', arch: 'amd64', distros: [{name: 'debian', version: '12'}]}],
    [
      {os: 'windows', arch: 'amd64'},
      {os: 'linux', arch: 'amd64'},
    ],
  ]);
  return stringify({
    api,
    buildpack: {
      id,
      version,
      ...(random.chance(0.5) ? {homepage: `https://${id.replaceAll('/', '.')}.example/?a=1&b=<2>`} : {}),
      ...(random.chance(0.3) ? {name: 'A <name> & more'} : {}),
      ...(random.chance(0.2) ? {'clear-env': true} : {}),
      ...(random.chance(0.2)
        ? {'exec-env': random.pick([['production'], ['test'], ['*'], ['test', 'production']])}
        : {}),
      'sbom-formats': random.chance(0.9) ? Object.values(sbomTypes) : [sbomTypes.cdx],
    },
    ...(targets === undefined || random.chance(0.5) ? {stacks: [{id: '*'}]} : {targets}),
  });
}

/** What an environment holds, but for what is random in it or the shell's own. */
const environment = String.raw`env | grep -vE '^(_|SHLVL|PWD|OLDPWD|CNB_BP_PLAN_PATH|CNB_BUILD_PLAN_PATH|TMPDIR)=' | LC_ALL=C sort`;

function detectScript(random: Random): string {
  const plan = drawPlan(random);
  const code = random.pick([0, 0, 0, 0, 0, 0, 0, 0, 100, 1]);
  return [
    '#!/usr/bin/env bash',
    random.chance(0.5) ? 'echo "detect says <this>"; echo "and that" >&2' : '',
    random.chance(0.3) ? environment : '',
    `cat > "$2" <<'PLAN'\n${plan}PLAN`,
    `exit ${code}`,
    '',
  ].join('\n');
}

function drawPlan(random: Random): string {
  const one = () => ({
    ...withList(
      'provides',
      random.some(planNames, 0.25).map((name) => ({name})),
    ),
    ...withList(
      'requires',
      random
        .some(planNames, 0.2)
        .map((name) => ({name, ...(random.chance(0.5) ? {metadata: drawMetadata(random)} : {})})),
    ),
  });
  if (random.chance(0.4)) return '';
  const alternatives = Array.from({length: random.below(3)}, one);
  return stringify({...one(), ...withList('or', alternatives)});
}

function withList(key: string, list: readonly object[]): Readonly<Record<string, unknown>> {
  return list.length === 0 ? {} : {[key]: list};
}

function drawMetadata(random: Random): Record<string, unknown> {
  const values: readonly (readonly [string, unknown])[] = [
    ['version', '1.2.3'],
    ['build', true],
    ['n', 10],
    ['big', 123_456_789_012],
    ['f', 1.5],
    ['exp', 1e21],
    ['tiny', 1e-7],
    ['neg', -3],
    ['list', ['a', 'b']],
    ['numbers', [1, 2, 3]],
    ['empty', []],
    ['table', {inner: 'x', 'dotted.key': 1, deep: {deeper: {x: [1.5]}}}],
    ['none', {}],
    ['tables', [{a: 1}, {b: 'two'}]],
    ['uni', 'ö "quoted" \\ \n line \t tab <&> \u2028 😀'],
    ['when', new Date('2020-02-03T04:05:06Z')],
    ['with space', 'v'],
    ['UPPER', 'u'],
    ['', 'empty key'],
    ['control', '\u0001\u007f'],
  ];
  return Object.fromEntries(random.some(values, 0.2));
}

function buildScript(random: Random): string {
  return [
    '#!/usr/bin/env bash',
    'set -e; umask 022',
    'here=$(cd "$(dirname "$0")/.." && pwd)',
    'step=$(cat "$here/step")',
    'if [ -d "$here/out/$step" ]; then cp -a --no-preserve=timestamps "$here/out/$step/." "$1/"; fi',
    `for layer in "$1"/*/; do if [ -e "$layer/want-env" ]; then ${environment} > "$layer/environment"; LC_ALL=C sort "$3" > "$layer/plan"; fi; done`,
    random.chance(0.5) ? 'echo "build says ünïcode"; echo "and to stderr" >&2' : '',
    random.chance(0.3) ? `${environment}; LC_ALL=C sort "$3"` : '',
    random.chance(0.2) ? 'mkdir -p build-made; echo "$step" > build-made/step' : '',
    random.chance(0.2) ? 'ls -A "$1"' : '',
    random.chance(0.15)
      ? String.raw`for layer in "$1"/*/; do if [ -d "$layer" ]; then echo latin > "$layer/caf"$'\xe9'; fi; done`
      : '',
    random.chance(0.08)
      ? 'for layer in "$1"/*/; do if [ -d "$layer" ] && [ ! -e "$layer/pipe" ]; then mkfifo "$layer/pipe"; fi; done'
      : '',
    random.chance(0.04) ? 'exit 7' : 'exit 0',
    '',
  ].join('\n');
}

const layerNames = ['alpha', 'beta', 'gamma', 'with-dash', 'with.dot', 'Upper', 'ünïcode', 'two words'];

function drawOutput(random: Random, api: string, step: number): readonly TreeEntry[] {
  const names = random.some(layerNames, 0.3);
  const entries = [
    ...names.flatMap((name) => drawLayer(random, name)),
    ...(random.chance(0.6) ? [file('launch.toml', drawLaunch(random, api))] : []),
    ...(random.chance(0.3) ? [file('store.toml', stringify({metadata: drawMetadata(random)}))] : []),
    ...(random.chance(0.1) ? [file('build.toml', drawBuildFile(random))] : []),
    ...(atLeast7(api) ? drawSboms(random, ['launch', 'build', ...names]) : []),
    file('.keep', ''),
  ];
  return entries.map((entry) => {
    const place = `out/${step}/${entry.path}`;
    return entry.kind === 'hard link'
      ? {...entry, path: place, target: `out/${step}/${entry.target}`}
      : {...entry, path: place};
  });
}

function atLeast7(api: string): boolean {
  return api !== '0.6';
}

function drawBuildFile(random: Random): string {
  return stringify(
    withList(
      'unmet',
      random.some(planNames, 0.3).map((name) => ({name})),
    ),
  );
}

function drawSboms(random: Random, names: readonly string[]): readonly TreeEntry[] {
  return random
    .some(names, 0.2)
    .flatMap((name) =>
      random
        .some(['cdx', 'spdx', 'syft'] as const, 0.4)
        .map((kind) => file(`${name}.sbom.${kind}.json`, `{"${name}":"${kind}"}\n`)),
    );
}

function drawLayer(random: Random, name: string): readonly TreeEntry[] {
  const types = Object.fromEntries(random.some(['launch', 'build', 'cache'], 0.6).map((type) => [type, true]));
  const metadata = random.chance(0.6) ? {metadata: drawMetadata(random)} : {};
  const toml = random.chance(0.92)
    ? [file(`${name}.toml`, stringify({...(random.chance(0.9) ? {types} : {}), ...metadata}))]
    : [];
  if (random.chance(0.15)) return toml;
  const content = [
    ...drawTree(random, 8, 0.25).filter(
      (entry) => !entry.path.startsWith('lib') && !(entry.kind === 'hard link' && entry.target.startsWith('lib')),
    ),
    ...drawEnvironment(random),
    ...(random.chance(0.3) ? [file('want-env', '')] : []),
    ...random
      .some(['bin', 'lib', 'include', 'pkgconfig'], 0.25)
      .map((place): TreeEntry => file(`${place}/thing`, 'x', 0o755)),
    ...(random.chance(0.2)
      ? [file('profile.d/a.sh', 'export FROM_PROFILE=1\n'), file('exec.d/b', '#!/bin/sh\necho x >&3\n', 0o755)]
      : []),
  ];
  return [
    ...toml,
    {kind: 'directory', path: name, mode: random.pick([0o755, 0o755, 0o700])},
    ...content.map(
      (entry): TreeEntry =>
        entry.kind === 'hard link'
          ? {...entry, path: `${name}/${entry.path}`, target: `${name}/${entry.target}`}
          : {...entry, path: `${name}/${entry.path}`},
    ),
  ];
}

const variables = ['PATH', 'MY_VAR', 'LD_LIBRARY_PATH', 'HOME', 'CNB_STACK_ID', 'OTHER'];
const suffixes = ['', '.append', '.prepend', '.default', '.override', '.delim', '.unknown', '.append.more'];

function drawEnvironment(random: Random): readonly TreeEntry[] {
  return random.some(['env', 'env.build', 'env.launch', 'env.launch/web'], 0.3).flatMap((directory) =>
    random
      .some(
        variables.flatMap((name) => suffixes.map((suffix) => name + suffix)),
        0.08,
      )
      .map((name) =>
        file(`${directory}/${name}`, random.pick(['value', ':', '', 'a b', 'line\n', '/layers/x', 'ö', '$HOME'])),
      ),
  );
}

function drawLaunch(random: Random, api: string): string {
  const old = api === '0.7' || api === '0.8';
  const types = random.some(['web', 'worker', 'task', 'a-b', 'ünï', 'Web', 'with.dot'], 0.3);
  const defaultType = random.chance(0.6) ? types[random.below(Math.max(1, types.length))] : undefined;
  const processes = types.map((type) => ({
    type,
    command: old
      ? random.pick(['run.sh', 'echo "hi" && x', 'bash'])
      : random.pick([['run.sh'], ['bash', '-c', 'echo <hi>'], ['a b', 'ö']]),
    ...(random.chance(0.6) ? {args: random.pick([[], ['x'], ['two words', '$VAR', '"q"'], ['<&>']])} : {}),
    ...(old && random.chance(0.5) ? {direct: random.chance(0.5)} : {}),
    ...(type === defaultType ? {default: true} : {}),
    ...(random.chance(0.25) ? {'working-dir': random.pick(['/workspace/sub', 'relative', ''])} : {}),
    ...(api === '0.12' && random.chance(0.3) ? {'exec-env': random.pick([['production'], ['test'], ['*'], []])} : {}),
  }));
  const slices = random.chance(0.3)
    ? Array.from({length: 1 + random.below(3)}, () => ({
        paths: random.some(
          [
            '*.css',
            'static/*',
            'a*',
            '**',
            '[ab]',
            '../x',
            '/etc',
            'static',
            'lib/**/*',
            '?',
            '*',
            'nothing',
            './b',
            'a/../b',
            '日*',
          ],
          0.25,
        ),
      }))
    : [];
  const labels = random.chance(0.3)
    ? random
        .some(['some.label', 'other', 'some.label', 'ünï', 'io.buildpacks.custom'], 0.5)
        .map((key) => ({key, value: random.pick(['v', '', '<&>', 'ö\n'])}))
    : [];
  const text = stringify({
    ...withList('processes', processes),
    ...withList('slices', slices),
    ...withList('labels', labels),
  });
  return text;
}
