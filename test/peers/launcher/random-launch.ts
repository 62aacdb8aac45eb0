// Draws what a launcher meets: layers with environment files, profiles and exec.d programs, a metadata.toml, and calls of it.
import {createRandom, type Random} from '../random/random.ts';
import {file, type TreeEntry} from '../random/file-tree.ts';

export type LauncherCall = {readonly argv: readonly string[]; readonly env: Readonly<Record<string, string>>};

export type RandomLaunch = {
  /** Below /layers. */
  readonly layers: readonly TreeEntry[];
  /** Below /workspace. */
  readonly app: readonly TreeEntry[];
  readonly types: readonly string[];
  readonly calls: readonly LauncherCall[];
};

const names = [
  'A',
  'A',
  'B',
  'C',
  'PATH',
  'LD_LIBRARY_PATH',
  'my-var',
  'ä',
  'x+y',
  'BASH_ENV',
  'IFS',
  'RANDOM',
  'OLDPWD',
  'a',
];
const suffixes = [
  '',
  '',
  '.override',
  '.default',
  '.append',
  '.prepend',
  '.delim',
  '.unknown',
  '.append.more',
  '.',
  '.APPEND',
];
const values = [
  '',
  'v',
  'two words',
  'line\nbreak',
  'end\n',
  '$A',
  '`id`',
  "it's",
  '"q"',
  'ü日本😀',
  ':',
  '/opt/bin',
  '*',
  '\\n',
  '-n',
  ' lead',
  '$(echo no)',
  '%s',
  'a=b',
  '~',
];
const types = ['web', 'worker', 'task.one', 'a-b', 'x y'];
const ids = ['acme/one', 'two', 'a/b/c'];
const layerNames = ['alpha', 'b.c', 'Z', '.dot', 'web'];

/** The case of a seed. */
export function drawLaunch(seed: number): RandomLaunch {
  const random = createRandom(seed);
  const buildpacks = random.some(ids, 0.8);
  const drawnTypes = random.some(types, 0.7);
  const metadata = drawMetadata(random, buildpacks, drawnTypes);
  const layers = new Map<string, TreeEntry>();
  const add = (entry: TreeEntry) => layers.set(entry.path, entry);
  add(file('config/metadata.toml', metadata));
  add(file('tools/show', showProgram, 0o755));
  for (const id of ids)
    for (const name of random.some(layerNames, 0.5))
      drawLayer(random, `${id.replaceAll('/', '_')}/${name}`, drawnTypes, add);
  const app = [
    ...(random.chance(0.3) ? [file('.profile', `export A="$A+app"\n`)] : []),
    {kind: 'directory', path: 'sub dir', mode: 0o755} as const,
    file('run', showProgram, 0o755),
  ];
  return {
    layers: [...layers.values()],
    app,
    types: drawnTypes,
    calls: Array.from({length: 6}, () => drawCall(random, drawnTypes)),
  };
}

/** Prints what it was given in a form that no line end or quote can confuse. */
const showProgram = `#!/bin/bash -p
echo "pid=$(($$ == 1))"
pwd
IFS='' read -r -d '' text < <(/usr/bin/tr '\\0' '\\1' </proc/$$/cmdline)
printf '%q\\n' "$text"
LC_ALL=C /usr/bin/sort -z /proc/$$/environ | while IFS= read -r -d '' text; do printf '%q\\n' "$text"; done
exit \${CODE-0}
`;

function drawMetadata(random: Random, buildpacks: readonly string[], drawnTypes: readonly string[]): string {
  const lines = buildpacks.flatMap((id) => [
    '[[buildpacks]]',
    `  id = ${JSON.stringify(id)}`,
    '  version = "1"',
    `  api = ${JSON.stringify(random.pick(['0.7', '0.8', '0.9', '0.10', '0.11', '0.12']))}`,
    '',
  ]);
  const list = (entries: readonly string[]) => `[${entries.map((entry) => JSON.stringify(entry)).join(', ')}]`;
  for (const type of [...drawnTypes, ...random.some(drawnTypes, 0.3)]) {
    const direct = random.chance(0.5);
    const program = direct
      ? random.pick(['show', 'show', '/layers/tools/show', './run', 'run', 'no-such', 'sub dir', '', '/etc/hostname'])
      : random.pick([
          'show',
          'show "$A" && echo second',
          'show $B',
          'exit 7',
          'echo "$0"; false',
          'show; kill -TERM $$',
          '',
        ]);
    const command = [program, ...(random.chance(0.4) ? random.some(values, 0.1) : [])];
    lines.push(
      '[[processes]]',
      `  type = ${JSON.stringify(type)}`,
      `  command = ${random.chance(0.2) ? JSON.stringify(program) : list(command)}`,
      `  args = ${list(random.chance(0.5) ? random.some(values, 0.1) : [])}`,
      `  direct = ${direct}`,
      ...(random.chance(0.1) ? ['  default = true'] : []),
      `  buildpack-id = ${JSON.stringify(random.chance(0.05) ? 'unknown/bp' : (buildpacks[random.below(Math.max(1, buildpacks.length))] ?? ''))}`,
      ...(random.chance(0.3)
        ? [
            `  working-dir = ${JSON.stringify(random.pick(['/workspace/sub dir', 'sub dir', '/layers', '/nowhere', '.', '/workspace/run']))}`,
          ]
        : []),
      ...(random.chance(0.2) ? [`  exec-env = ${list(random.some(['test', 'production', '*'], 0.4))}`] : []),
      '',
    );
  }
  return lines.join('\n');
}

function drawLayer(random: Random, at: string, drawnTypes: readonly string[], add: (entry: TreeEntry) => void): void {
  if (random.chance(0.5)) add(file(`${at}/bin/show`, showProgram, 0o755));
  if (random.chance(0.3)) add(file(`${at}/lib/x.so`, ''));
  const places = ['env', 'env.launch', 'env.build', ...drawnTypes.map((type) => `env.launch/${type}`)];
  for (const place of random.some(places, 0.5)) {
    for (let count = random.below(4); count > 0; count -= 1) {
      const name = random.pick(names);
      add(file(`${at}/${place}/${name}${random.pick(suffixes)}`, drawValue(random, name)));
    }
    if (random.chance(0.04))
      add({
        kind: 'link',
        path: `${at}/${place}/LINKED`,
        target: random.pick([
          '/layers/tools',
          '/layers/tools',
          '/nowhere',
          '/layers/config/metadata.toml',
          '/layers/config/metadata.toml',
        ]),
      });
  }
  for (const place of random.some(['profile.d', ...drawnTypes.map((type) => `profile.d/${type}`)], 0.4))
    add(
      file(
        `${at}/${place}/${random.pick(['0.sh', 'b', 'two words.sh'])}`,
        random.pick([
          `export A="$A${at}"\n`,
          'cd /\n',
          'B="not exported"\n',
          'export B=1; echo "$0" "$#"\n',
          'exit 3\n',
          'set -- x y\n',
        ]),
      ),
    );
  for (const place of random.some(['exec.d', ...drawnTypes.map((type) => `exec.d/${type}`)], 0.4))
    add(
      file(
        `${at}/${place}/${random.pick(['10', 'b', 'two words'])}`,
        drawExecD(random),
        random.chance(0.02) ? 0o644 : 0o755,
      ),
    );
}

function drawExecD(random: Random): string {
  const output = Array.from({length: random.below(4)}, () => {
    const name = random.pick([
      'A',
      'B',
      'X',
      'Y-Z',
      '"quoted"',
      '"spring.datasource.url"',
      "'lit'",
      '"ü"',
      'PATH',
      'D1',
      'E',
    ]);
    return `${name} = ${random.pick([JSON.stringify(random.pick(values)), "'lit'", '"""multi\nline"""', String.raw`"\u00e9\U0001F600"`, '"x" # comment', "'''raw\n'''"])}`;
  });
  const broken = random.chance(0.03)
    ? [
        random.pick([
          'nonsense',
          'A = 1',
          'Q = "\\/"',
          'Q = "\\x41"',
          'Q = "\\ud800"',
          '"e=f" = "x"',
          'Q = "\u0001"',
          'A = true',
          'Q = "x"\nQ = "y"',
          'q = { a = "b" }',
          '# comment only',
          "Q=''",
          'Q = "a""b"',
          'A = ["x"]',
          '[table]\nx = "y"',
          'a.b = "c"',
          'A = "x" B = "y"',
          '= "x"',
        ]),
      ]
    : [];
  const keys = new Set<string>();
  const unique = output.filter((line) => {
    const key = line.split(' ')[0] ?? '';
    if (keys.has(key)) return false;
    keys.add(key);
    return true;
  });
  return `#!/bin/bash -p\necho "exec.d says $A in $(pwd)"\nIFS= read -r -d '' text <<'END'\n${[...unique, ...broken].join('\n')}\nEND\nprintf %s "$text" >&3\n${random.chance(0.03) ? 'exit 9' : ''}\n`;
}

function drawCall(random: Random, drawnTypes: readonly string[]): LauncherCall {
  const program = random.pick([
    '/cnb/lifecycle/launcher',
    ...drawnTypes.flatMap((type) => [`/cnb/process/${type}`, `/cnb/process/${type}`]),
    '/cnb/process/unknown',
  ]);
  const given = random.pick<readonly string[]>([
    [],
    [],
    ['--', 'show', 'a', 'b c'],
    ['show "$A" && echo done'],
    ['show', '$A', 'x y'],
    ['--'],
    ['web'],
    ['u1', "it's", ''],
    ['--', 'no-such'],
    [''],
  ]);
  const env: Record<string, string> = {
    CNB_PLATFORM_API: random.chance(0.03)
      ? random.pick(['', '0.6', '0.16', '1.0', 'x', '0', 'v0.13', ' 0.12'])
      : random.pick(['0.7', '0.9', '0.10', '0.12', '0.13', '0.14', '0.15', '0.15']),
  };
  if (random.chance(0.9))
    env['PATH'] = random.pick([
      '/cnb/process:/cnb/lifecycle:/usr/bin:/bin',
      '/cnb/process:/usr/bin',
      '/layers/tools:/usr/bin:/bin',
      '',
      ':/usr/bin:',
      '/usr/bin::/cnb/process/',
    ]);
  for (const name of random.some(
    [
      'A',
      'B',
      'C',
      'my-var',
      'spring.datasource.url',
      'LC_ALL',
      'BASH_ENV',
      'ENV',
      'IFS',
      'LD_LIBRARY_PATH',
      'RANDOM',
      'SECONDS',
      'HOME',
      'BASH_FUNC_f%%',
      'X',
      'SHELLOPTS',
      'UID',
      'FUNCNAME',
      'GROUPS',
      'POSIXLY_CORRECT',
    ],
    0.12,
  ))
    env[name] = drawValue(random, name);
  if (random.chance(0.2)) env['CNB_PROCESS_TYPE'] = random.pick(['web', 'x']);
  if (random.chance(0.2)) env['CNB_EXEC_ENV'] = random.pick(['test', 'production', '']);
  if (random.chance(0.1)) env['CNB_APP_DIR'] = random.pick(['/workspace/sub dir', '/nowhere', '']);
  if (random.chance(0.1)) env['CNB_LAYERS_DIR'] = random.pick(['/layers', '/layers/', '/nowhere', '']);
  if (random.chance(0.3)) env['CNB_DEPRECATION_MODE'] = 'quiet';
  return {argv: [program, ...given], env};
}

/** Of a locale only those that every machine has: bash warns of others, in its own words and at moments of its own. */
function drawValue(random: Random, name: string): string {
  if (name === 'LC_ALL') return random.pick(['C', 'POSIX', 'C.UTF-8', '']);
  if (name === 'BASH_FUNC_f%%') return '() {  echo hi\n}';
  if (name === 'SHELLOPTS') return 'braceexpand:xtrace';
  return random.pick(values);
}
