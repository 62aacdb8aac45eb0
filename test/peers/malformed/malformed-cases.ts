// What a lifecycle is given that it cannot use: files of the platform, of buildpacks, of the cache and of image layouts, each wrong in one way.

/** A phase of the lifecycle as its subcommand is called. */
export type Phase = 'analyze' | 'detect' | 'restore' | 'build' | 'export' | 'rebase';

export type MalformedCase = {
  readonly phase: Phase;
  /**
   * Which file: below the site's `layers`, `cnb`, `cache`, `platform` or `layouts`; `out/…` is what the buildpack writes into its layers
   * directory, `plan` what its bin/detect writes.
   */
  readonly file: string;
  /** What it holds; `undefined` takes it away, `directory` puts a directory in its place. */
  readonly content: string | Uint8Array | undefined | {readonly kind: 'directory'};
  /** What our message must say besides the file's name: the field. */
  readonly field?: string;
  /** What the message names where that is not the file itself. */
  readonly names?: string;
  readonly platformApi?: string;
  /** Where ours differs on purpose from upstream's code, and why. */
  readonly deviation?: {readonly code: number; readonly why: string};
};

/** A short name for a test: the phase, the file, and the beginning of what is in it. */
export function titleOf({phase, file, content, platformApi}: MalformedCase): string {
  const text =
    content === undefined
      ? 'that is not there'
      : typeof content === 'string'
        ? JSON.stringify(content).slice(0, 60)
        : content instanceof Uint8Array
          ? `of the bytes ${Buffer.from(content).toString('hex')}`
          : 'that is a directory';
  return `${phase}: ${file} ${text}${platformApi === undefined ? '' : ` (Platform API ${platformApi})`}`;
}

const binary = Uint8Array.of(0x61, 0x20, 0x3d, 0x20, 0x22, 0xff, 0xfe, 0x22, 0x0a);
const directory = {kind: 'directory'} as const;

/** Wrong whatever the file is for. */
function unreadable(phase: Phase, file: string): readonly MalformedCase[] {
  const contents = ['a = [', 'a = 1\na = 2\n', 'a = "open', 'a = 1e400', 'a = 9223372036854775808', binary, directory];
  return contents.map((content) => ({phase, file, content}));
}

/** One wrong field a case: the text and the field that our message names. */
function fields(phase: Phase, file: string, texts: Readonly<Record<string, string>>): readonly MalformedCase[] {
  return Object.entries(texts).map(([content, field]) => ({phase, file, content, ...(field === '' ? {} : {field})}));
}

const group = '[[group]]\nid = "acme/a"\nversion = "1.0.0"\napi = "0.10"\n';

const ofPlatform: readonly MalformedCase[] = [
  ...unreadable('detect', 'cnb/order.toml'),
  ...fields('detect', 'cnb/order.toml', {
    'order = 1\n': 'order',
    '[order]\ngroup = 1\n': 'order',
    '[[order]]\ngroup = "x"\n': 'group',
    '[[order]]\n[[order.group]]\nid = 1\nversion = "1.0.0"\n': 'id',
    '[[order]]\n[[order.group]]\nid = "acme/a"\nversion = 1\n': 'version',
    '[[order]]\n[[order.group]]\nid = "acme/a"\nversion = "1.0.0"\noptional = "yes"\n': 'optional',
    '[[order]]\n[[order.group]]\nid = "acme/a"\nversion = "../1.0.0"\n': '',
    '[[order]]\n[[order.group]]\nid = "acme/a"\n': '',
  }),
  {
    phase: 'detect',
    file: 'cnb/order.toml',
    content: '[[order]]\n[[order.group]]\nid = "acme/none"\nversion = "1.0.0"\n',
    names: 'acme_none/1.0.0/buildpack.toml',
  },
  {
    phase: 'detect',
    file: 'cnb/order.toml',
    content: '[[order]]\n[[order.group]]\nid = "../../etc"\nversion = "1.0.0"\n',
    names: '.._.._etc/1.0.0/buildpack.toml',
  },
  {phase: 'detect', file: 'cnb/order.toml', content: '', names: 'no buildpacks participating'},
  {
    phase: 'detect',
    file: 'cnb/order.toml',
    content: Buffer.from('\u{FEFF}[[order]]\n[[order.group]]\nid = "acme/a"\nversion = "1.0.0"\n'),
  },
  {phase: 'detect', file: 'cnb/order.toml', content: '# a\u0000b\n'},
  {phase: 'detect', file: 'cnb/order.toml', content: undefined},
  {phase: 'detect', file: 'cnb/system.toml', content: 'a = [', platformApi: '0.15'},
  {phase: 'detect', file: 'cnb/system.toml', content: '[system]\npre = 1\n', field: 'pre', platformApi: '0.15'},
  {
    phase: 'detect',
    file: 'cnb/system.toml',
    content: '[system.pre]\nbuildpacks = [1]\n',
    field: 'buildpacks',
    platformApi: '0.15',
  },
  {phase: 'detect', file: 'layers/analyzed.toml', content: 'a = ['},
  {phase: 'detect', file: 'layers/analyzed.toml', content: '[run-image]\nreference = 1\n', field: 'reference'},
  {phase: 'detect', file: 'layers/analyzed.toml', content: undefined},
  {phase: 'detect', file: 'platform/env', content: 'a file'},
  {phase: 'detect', file: 'platform/env/DIRECTORY', content: directory},
  {phase: 'detect', file: 'platform/env/BINARY', content: binary},
  ...unreadable('analyze', 'cnb/run.toml'),
  ...fields('analyze', 'cnb/run.toml', {
    'images = 1\n': 'images',
    '[[images]]\nimage = 1\n': 'image',
    '[[images]]\nimage = "registry.example/run:1"\nmirrors = "x"\n': 'mirrors',
  }),
  ...unreadable('restore', 'layers/group.toml'),
  {phase: 'restore', file: 'layers/group.toml', content: undefined},
  ...fields('restore', 'layers/group.toml', {
    'group = 1\n': 'group',
    '[[group]]\nid = 1\n': 'id',
    '[[group]]\nid = "acme/a"\nversion = "1.0.0"\napi = 10\n': 'api',
    '[[group]]\nid = "acme/a"\nversion = "1.0.0"\napi = "99.0"\n': '',
    '[[group]]\nid = "acme/a"\nversion = "1.0.0"\n': '',
    '': '',
  }),
  ...unreadable('restore', 'layers/analyzed.toml'),
  ...fields('restore', 'layers/analyzed.toml', {
    '[metadata]\nbuildpacks = 1\n': 'buildpacks',
    '[metadata]\n[[metadata.buildpacks]]\nkey = 1\n': 'key',
    '[image]\nreference = 1\n': 'reference',
  }),
  {phase: 'restore', file: 'layers/analyzed.toml', content: undefined},
  ...unreadable('build', 'layers/group.toml'),
  {phase: 'build', file: 'layers/group.toml', content: undefined},
  ...fields('build', 'layers/group.toml', {
    '[[group]]\nid = 1\n': 'id',
    '[[group]]\nid = "acme/a"\nversion = "1.0.0"\napi = "99.0"\n': '',
    [`${group}optional = 1\n`]: 'optional',
  }),
  {
    phase: 'build',
    file: 'layers/group.toml',
    content: group.replace('acme/a', 'acme/none'),
    names: 'acme_none/1.0.0/buildpack.toml',
  },
  {
    phase: 'build',
    file: 'layers/group.toml',
    content: group.replace('acme/a', '../a'),
    names: '.._a/1.0.0/buildpack.toml',
  },
  ...unreadable('build', 'layers/plan.toml'),
  {phase: 'build', file: 'layers/plan.toml', content: undefined},
  ...fields('build', 'layers/plan.toml', {
    'entries = 1\n': 'entries',
    '[[entries]]\nproviders = 1\n': 'providers',
    '[[entries]]\n[[entries.providers]]\nid = 1\n': 'id',
    '[[entries]]\n[[entries.requires]]\nname = 1\n': 'name',
    '[[entries]]\n[[entries.requires]]\nname = "x"\nmetadata = 1\n': '',
  }),
  {phase: 'build', file: 'platform/env', content: 'a file'},
  {phase: 'build', file: 'layers/analyzed.toml', content: 'a = ['},
  ...unreadable('export', 'layers/group.toml'),
  ...unreadable('export', 'layers/config/metadata.toml'),
  {phase: 'export', file: 'layers/config/metadata.toml', content: undefined},
  ...fields('export', 'layers/config/metadata.toml', {
    'processes = 1\n': 'processes',
    '[[processes]]\ntype = 1\n': 'type',
    '[[processes]]\ntype = "web"\ncommand = 1\n': 'command',
    '[[processes]]\ntype = "web"\ncommand = ["x"]\nargs = "x"\n': 'args',
    '[[processes]]\ntype = "web"\ncommand = ["x"]\ndirect = "x"\n': 'direct',
    'buildpack-default-process-type = 1\n': 'buildpack-default-process-type',
    '[[slices]]\npaths = "x"\n': 'paths',
    '[[labels]]\nkey = 1\n': 'key',
  }),
  {
    phase: 'export',
    file: 'layers/config/metadata.toml',
    content: '[[processes]]\ntype = "web"\ncommand = [1]\n',
    field: 'command',
    deviation: {code: 1, why: 'upstream exports a process without the argument that is no text'},
  },
  ...unreadable('export', 'layers/analyzed.toml'),
  {phase: 'export', file: 'layers/analyzed.toml', content: '[run-image]\nreference = 1\n', field: 'reference'},
  ...['', undefined].map((content) => ({
    phase: 'export' as const,
    file: 'layers/analyzed.toml',
    content,
    field: 'run-image.reference',
    deviation: {code: 3, why: 'upstream panics without a run image'},
  })),
  ...unreadable('export', 'cnb/project-metadata.toml'),
  {phase: 'export', file: 'cnb/project-metadata.toml', content: '[source]\ntype = 1\n', field: 'type'},
  ...unreadable('export', 'cnb/run.toml'),
  ...unreadable('export', 'layers/acme_a/dep.toml'),
  ...fields('export', 'layers/acme_a/dep.toml', {
    'types = 1\n': 'types',
    '[types]\nlaunch = "yes"\n': 'launch',
  }),
  {phase: 'export', file: 'layers/acme_a/dep', content: 'a file'},
  {phase: 'export', file: 'layers/acme_a/dep', content: undefined},
];

const ofBuildpacks: readonly MalformedCase[] = [
  ...unreadable('detect', 'cnb/buildpacks/acme_a/1.0.0/buildpack.toml'),
  {phase: 'detect', file: 'cnb/buildpacks/acme_a/1.0.0/buildpack.toml', content: undefined},
  ...fields('detect', 'cnb/buildpacks/acme_a/1.0.0/buildpack.toml', {
    'api = 1\n': 'api',
    'api = "99.0"\n[buildpack]\nid = "acme/a"\nversion = "1.0.0"\n': '',
    'api = "nonsense"\n[buildpack]\nid = "acme/a"\nversion = "1.0.0"\n': '',
    '[buildpack]\nid = "acme/a"\nversion = "1.0.0"\n': '',
    'api = "0.10"\nbuildpack = 1\n': 'buildpack',
    'api = "0.10"\n[buildpack]\nid = 1\n': 'id',
    'api = "0.10"\n[buildpack]\nid = "acme/a"\nclear-env = "x"\n': 'clear-env',
    'api = "0.10"\n[buildpack]\nid = "acme/a"\nsbom-formats = 1\n': 'sbom-formats',
    'api = "0.10"\norder = 1\n[buildpack]\nid = "acme/a"\n': 'order',
    'api = "0.10"\ntargets = 1\n[buildpack]\nid = "acme/a"\n': 'targets',
    'api = "0.10"\nstacks = 1\n[buildpack]\nid = "acme/a"\n': 'stacks',
  }),
  {phase: 'detect', file: 'cnb/buildpacks/acme_a/1.0.0/bin/detect', content: undefined},
  {phase: 'detect', file: 'cnb/buildpacks/acme_a/1.0.0/bin/detect', content: '#!/no/such/program\n'},
  {phase: 'detect', file: 'cnb/buildpacks/acme_a/1.0.0/bin/detect', content: '#!/bin/bash\nkill -9 $$\n'},
  ...unreadable('detect', 'plan').filter(({content}) => content !== directory),
  ...fields('detect', 'plan', {
    'provides = 1\n': 'provides',
    '[[provides]]\nname = 1\n': 'name',
    'requires = "x"\n': 'requires',
    '[[requires]]\nname = ["x"]\n': 'name',
    '[[or]]\nprovides = 1\n': 'provides',
    'or = 1\n': 'or',
    '[[provides]]\nname = "x"\n[[requires]]\nname = "x"\nmetadata = 1\n': '',
  }),
  {phase: 'build', file: 'cnb/buildpacks/acme_a/1.0.0/bin/build', content: undefined},
  {phase: 'build', file: 'cnb/buildpacks/acme_a/1.0.0/bin/build', content: '#!/no/such/program\n'},
  {phase: 'build', file: 'cnb/buildpacks/acme_a/1.0.0/bin/build', content: '#!/bin/bash\nkill -9 $$\n'},
  {phase: 'build', file: 'cnb/buildpacks/acme_a/1.0.0/buildpack.toml', content: 'a = ['},
  ...unreadable('build', 'out/launch.toml'),
  ...fields('build', 'out/launch.toml', {
    'processes = 1\n': 'processes',
    '[[processes]]\ntype = 1\n': 'type',
    '[[processes]]\ntype = "web"\ncommand = "x"\n': 'command',
    '[[processes]]\ntype = "web"\ncommand = [1]\n': 'command',
    '[[processes]]\ntype = "web"\ncommand = ["x"]\nargs = 1\n': 'args',
    '[[processes]]\ntype = "web"\ncommand = ["x"]\ndefault = 1\n': 'default',
    '[[processes]]\ntype = "web"\ncommand = ["x"]\nworking-dir = 1\n': 'working-dir',
    '[[processes]]\ntype = "web"\ncommand = []\n': '',
    '[[processes]]\ntype = ""\ncommand = ["x"]\n': '',
    '[[processes]]\ntype = "a/b"\ncommand = ["x"]\n': '',
    '[[processes]]\ntype = "web"\ncommand = ["x"]\ndirect = false\n': 'direct',
    '[[labels]]\nkey = 1\n': 'key',
    'labels = 1\n': 'labels',
    '[[slices]]\npaths = [1]\n': 'paths',
    'slices = "x"\n': 'slices',
  }),
  ...unreadable('build', 'out/build.toml'),
  ...fields('build', 'out/build.toml', {
    'unmet = 1\n': 'unmet',
    '[[unmet]]\nname = 1\n': 'name',
    '[[unmet]]\nname = "stranger"\n': '',
    '[[unmet]]\nname = ""\n': '',
  }),
  ...unreadable('build', 'out/store.toml'),
  {phase: 'build', file: 'out/store.toml', content: 'metadata = 1\n'},
  ...unreadable('build', 'out/dep.toml'),
  ...fields('build', 'out/dep.toml', {
    'types = 1\n': 'types',
    '[types]\nlaunch = "yes"\n': 'launch',
    '[types]\ncache = 1\n': 'cache',
    '[types]\nbuild = []\n': 'build',
    'launch = true\n': '',
    'metadata = 1\n': '',
  }),
  {phase: 'build', file: 'out/launch.sbom.cdx.json', content: '{}'},
  {phase: 'build', file: 'out/dep.sbom.other', content: '{}'},
  {phase: 'build', file: 'out/dep.sbom.cdx.json', content: '{'},
];

const ofCache: readonly MalformedCase[] = ['restore', 'export'].flatMap((phase) =>
  [
    'not JSON',
    '{"buildpacks": 1}',
    '{"buildpacks": [{"key": 1}]}',
    '{"buildpacks": [{"key": "acme/a", "layers": []}]}',
    '{"buildpacks": [{"key": "acme/a", "layers": {"dep": {"sha": "../../../etc/passwd", "cache": true}}}]}',
    '{"buildpacks": [{"key": "../a", "layers": {"../dep": {"sha": "sha256:0", "cache": true}}}]}',
    'null',
    '[]',
    '',
    binary,
    undefined,
  ].map((content) => ({
    phase: phase as Phase,
    file: 'cache/committed/io.buildpacks.lifecycle.cache.metadata',
    content,
  })),
);

const run = 'layouts/registry.example/run/1';
const app = 'layouts/registry.example/app/latest';
const digest = `sha256:${'0'.repeat(64)}`;
const descriptor = `{"mediaType":"application/vnd.oci.image.manifest.v1+json","size":2,"digest":"${digest}"}`;

const indexes: readonly MalformedCase['content'][] = [
  undefined,
  '',
  'not JSON',
  '[]',
  'null',
  '{}',
  '{"schemaVersion":2,"manifests":1}',
  '{"schemaVersion":2,"manifests":[]}',
  '{"schemaVersion":2,"manifests":[{}]}',
  `{"schemaVersion":2,"manifests":[${descriptor}]}`,
  `{"schemaVersion":2,"manifests":[${descriptor.replace(digest, 'sha256:zz')}]}`,
  `{"schemaVersion":2,"manifests":[${descriptor.replace(digest, '../../../etc/passwd')}]}`,
  `{"schemaVersion":2,"manifests":[${descriptor.replace(digest, 'md5:d41d8cd98f00b204e9800998ecf8427e')}]}`,
  directory,
];

const markers: readonly MalformedCase['content'][] = [undefined, '', '{}', '{"imageLayoutVersion": "9"}', directory];
const noLayouts = {code: 72, why: "upstream's rebaser knows no layouts"};
const noRunImage = {code: 32, why: 'upstream goes on without a run image until it exports'};
/** An index that is not there says that no image is: the message names the layout. */
const absent = (layout: string, content: unknown) => (content === undefined ? {names: layout} : {});

const ofLayouts: readonly MalformedCase[] = [
  ...indexes.map((content) => ({
    phase: 'analyze' as const,
    file: `${run}/index.json`,
    content,
    ...absent(run, content),
    ...(content === undefined ? {deviation: noRunImage} : {}),
  })),
  ...indexes.map((content) => ({phase: 'analyze' as const, file: `${app}/index.json`, content})),
  ...indexes.map((content) => ({
    phase: 'export' as const,
    file: `${run}/index.json`,
    content,
    ...absent(run, content),
  })),
  ...[run, app].flatMap((layout) =>
    indexes.map((content) => ({
      phase: 'rebase' as const,
      file: `${layout}/index.json`,
      content,
      ...absent(layout, content),
      deviation: noLayouts,
    })),
  ),
  ...[run, app].flatMap((layout) =>
    markers.map((content) => ({
      phase: 'analyze' as const,
      file: `${layout}/oci-layout`,
      content,
      deviation: {code: 32, why: 'upstream never reads the file that says which layout this is'},
    })),
  ),
];

/** Every case; the order is that of the phases' inputs. */
export const malformedCases: readonly MalformedCase[] = [...ofPlatform, ...ofBuildpacks, ...ofCache, ...ofLayouts];
