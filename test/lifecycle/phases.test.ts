// The lifecycle as a process, on directories of the host: what it refuses, what it reports, what it keeps out of an image.
import {readdir} from 'node:fs/promises';
import {afterEach, describe, expect, test} from 'vitest';
import {buildSite, type Site, type SiteSpec} from './lifecycle-site.ts';

const sites: Site[] = [];

async function aSite(spec: SiteSpec): Promise<Site> {
  const site = await buildSite(spec);
  sites.push(site);
  return site;
}

afterEach(async () => {
  for (const site of sites.splice(0)) await site.remove();
});

const image = 'registry.example/app';

describe('the creator', () => {
  test('builds an image into a layout, and the same inputs give the same digest', async () => {
    const site = await aSite({
      buildpacks: [
        {
          id: 'acme/web',
          build:
            'mkdir -p "$1/dep/bin"; echo 1 > "$1/dep/bin/x"; printf "[types]\\nlaunch = true\\ncache = true\\n" > "$1/dep.toml"; printf "[[processes]]\\ntype = \\"web\\"\\ncommand = [\\"x\\"]\\ndefault = true\\n" > "$1/launch.toml"',
        },
      ],
      runImageLabels: {
        'io.buildpacks.base.distro.name': 'ubuntu',
        'io.buildpacks.base.distro.version': '24.04',
        'org.example': 'kept',
      },
    });
    const first = await site.run('creator', [image]);
    expect(first).toMatchObject({code: 0});
    const built = await site.image();
    expect(built.config.config).toMatchObject({
      User: '1234:1000',
      WorkingDir: site.at('app'),
      Entrypoint: ['/cnb/process/web'],
      Labels: {'org.example': 'kept'},
    });
    expect(built.config.config?.Env).toContain('PATH=/cnb/process:/cnb/lifecycle:/usr/bin:/bin');
    expect(built.config.created).toBe('1980-01-01T00:00:01Z');
    const second = await site.run('creator', [image]);
    expect(second).toMatchObject({code: 0});
    expect((await site.image()).digest).toBe(built.digest);
    const added = (events: typeof first.events) => events.filter(({kind}) => kind === 'layer.added').length;
    expect([added(first.events), added(second.events)]).toEqual([6, 0]);
    expect(second.events).toContainEqual({
      kind: 'layer.restored',
      id: 'acme/web',
      layer: 'dep',
      from: 'cache',
      data: true,
    });
  });

  test('takes SOURCE_DATE_EPOCH for the time of creation', async () => {
    const site = await aSite({buildpacks: [{id: 'acme/a'}]});
    await site.run('creator', [image], {SOURCE_DATE_EPOCH: '1700000000'});
    expect((await site.image()).config.created).toBe('2023-11-14T22:13:20Z');
  });
});

describe('detection', () => {
  test('says of every buildpack of a failed group why it did not take part', async () => {
    const site = await aSite({
      buildpacks: [
        {id: 'acme/no', detect: 'echo no package.json; exit 100'},
        {id: 'acme/broken', detect: 'echo boom >&2; exit 3'},
        {id: 'acme/needs', detect: `printf '[[requires]]\\nname = "node"\\n' > "$2"`},
      ],
      order: [['acme/no', 'acme/broken'], ['acme/needs']],
    });
    const {code, events, output} = await site.run('detect');
    expect(code).toBe(21);
    expect(events).toEqual([
      {
        kind: 'detect.buildpack',
        group: 1,
        id: 'acme/no',
        version: '1.0.0',
        code: 100,
        outcome: 'fail',
        why: 'bin/detect did not want this app (exit 100): no package.json',
      },
      {
        kind: 'detect.buildpack',
        group: 1,
        id: 'acme/broken',
        version: '1.0.0',
        code: 3,
        outcome: 'error',
        why: 'bin/detect exited with 3: boom',
      },
      expect.objectContaining({kind: 'detect.group', group: 1, passed: false}),
      {
        kind: 'detect.buildpack',
        group: 2,
        id: 'acme/needs',
        version: '1.0.0',
        code: 0,
        outcome: 'fail',
        why: 'acme/needs@1.0.0 requires node, which no buildpack before it provides',
      },
      expect.objectContaining({kind: 'detect.group', group: 2, passed: false}),
      expect.objectContaining({kind: 'failure', code: 21, phase: 'detector'}),
    ]);
    expect(output).toContain('ERROR: No buildpack groups passed detection.');
  });

  test('refuses a composite buildpack that contains itself', async () => {
    const order = (id: string) => `[[order]]\n[[order.group]]\nid = "${id}"\nversion = "1.0.0"\n`;
    const site = await aSite({
      buildpacks: [
        {id: 'acme/one', toml: order('acme/two')},
        {id: 'acme/two', toml: order('acme/one')},
      ],
      order: [['acme/one']],
    });
    const {code, output} = await site.run('detect');
    expect(code).toBe(22);
    expect(output).toContain('acme/one@1.0.0 -> acme/two@1.0.0 -> acme/one@1.0.0');
  });

  test('refuses image extensions and names the way out', async () => {
    const site = await aSite({buildpacks: [{id: 'acme/a'}]});
    await site.write(
      'order.toml',
      '[[order-extensions]]\n[[order-extensions.group]]\nid = "acme/curl"\nversion = "1"\n',
    );
    const {code, output} = await site.run('detect');
    expect(code).toBe(92);
    expect(output).toContain('use the container executor');
  });
});

describe('a buildpack', () => {
  test('gets neither the events descriptor, nor secrets, nor standard input', async () => {
    const look = 'env; { echo stolen >&3; } 2>/dev/null || echo "no descriptor"; read -r line || echo "no input"';
    const site = await aSite({buildpacks: [{id: 'acme/nosy', detect: `(${look}) > "$PWD/detect.txt"`, build: look}]});
    const secrets = {AWS_SECRET_ACCESS_KEY: 'hunter2', CNB_REGISTRY_AUTH: '{"registry.example":"Basic eA=="}'};
    expect(await site.run('detect', [], secrets)).toMatchObject({code: 0});
    const {code, output} = await site.run('build', [], secrets);
    expect(code).toBe(0);
    for (const text of [output, await site.read('app/detect.txt')]) {
      expect(text).toContain('no input');
      expect(text).toContain('no descriptor');
      expect(text).not.toMatch(/hunter2|CNB_REGISTRY_AUTH|SLIPWAY_EVENTS_FD/);
    }
  });

  test('that fails ends the build with 51 and is named', async () => {
    const site = await aSite({buildpacks: [{id: 'acme/a'}, {id: 'acme/b', build: 'exit 7'}]});
    await site.run('detect');
    const {code, events, output} = await site.run('build');
    expect(code).toBe(51);
    expect(output).toContain('ERROR: failed to build: exit status 7');
    expect(events.map(({kind}) => kind)).toEqual([
      'buildpack.started',
      'buildpack.finished',
      'buildpack.started',
      'buildpack.finished',
      'failure',
    ]);
    expect(events.at(-1)).toMatchObject({code: 51, phase: 'builder', buildpack: 'acme/b@1.0.0'});
  });

  test.for([
    {what: 'an SBOM', file: 'launch.sbom.cdx.json', toml: 'sbom-formats = ["application/vnd.cyclonedx+json"]\n'},
    {what: 'a layer file', file: 'dep.toml', toml: ''},
    {what: 'launch.toml', file: 'launch.toml', toml: ''},
  ])('cannot pass off a link to another file as $what', async ({file, toml}) => {
    const site = await aSite({buildpacks: [{id: 'acme/thief', toml, build: `ln -s /etc/passwd "$1/${file}"`}]});
    await site.run('detect');
    const {code, output} = await site.run('build');
    expect(code).toBe(52);
    expect(output).toContain('a symbolic link');
    expect(await readdir(site.at('layers'))).not.toContain('config');
  });

  test('cannot make a file of the lifecycle appear elsewhere', async () => {
    const site = await aSite({
      buildpacks: [
        {id: 'acme/thief', build: 'mkdir -p "$1/../config"; ln -s "$PWD/target" "$1/../config/metadata.toml"'},
      ],
    });
    await site.run('detect');
    expect(await site.run('build')).toMatchObject({code: 0});
    expect(await readdir(site.at('app'))).not.toContain('target');
  });
});

describe('as upstream does it', () => {
  const slices = `printf '[[slices]]\\n[[processes]]\\ntype = "web"\\ncommand = ["x"]\\n' > "$1/launch.toml"`;
  const large = `mkdir "$1/dep"; printf '[types]\\nlaunch = true\\n[metadata]\\nn = 9223372036854775807\\n' > "$1/dep.toml"`;

  test('a slice without paths stays without, and a whole number keeps all its digits', async () => {
    const site = await aSite({buildpacks: [{id: 'acme/a', build: `${slices}; ${large}`}]});
    expect(await site.run('creator', [image])).toMatchObject({code: 0});
    expect(await site.read('layers/config/metadata.toml')).toMatch(/\[\[slices\]\]\n(?! *paths)/);
    const labels = (await site.image()).config.config?.Labels ?? {};
    expect(labels['io.buildpacks.lifecycle.metadata']).toContain('"n":9223372036854775807');
  });

  test('a buildpack of API 0.12 is told the execution environment by every platform', async () => {
    const toml = 'api = "0.12"\n';
    const site = await aSite({buildpacks: [{id: 'acme/a', toml, build: 'echo "told $CNB_EXEC_ENV"'}]});
    await site.run('detect');
    expect((await site.run('build')).output).toContain('told production');
  });
});

describe('what cannot be done is said', () => {
  test.for([
    {argv: ['analyzer', image, '-x'], env: {}, code: 3, says: 'received 2 arguments'},
    {argv: ['analyzer', '-uid', 'x', image], env: {}, code: 2, says: 'invalid value "x" for flag -uid'},
    {argv: ['analyzer', image], env: {CNB_EXPERIMENTAL_MODE: 'error'}, code: 1, says: 'experimental features'},
    {argv: ['restorer', '-cache-dir', '/nowhere'], env: {}, code: 1, says: 'group.toml'},
    {argv: ['detector'], env: {CNB_LOG_LEVEL: 'loud'}, code: 1, says: 'log level'},
    {argv: ['detector', '-order', '/nowhere'], env: {}, code: 1, says: '/nowhere'},
    {argv: ['nonsense'], env: {}, code: 3, says: 'expected one of'},
    {argv: ['extender'], env: {}, code: 3, says: 'container executor'},
    {argv: ['analyzer', '-daemon', image], env: {}, code: 3, says: 'docker daemon'},
    {argv: ['analyzer'], env: {}, code: 3, says: 'received 0 arguments, but expected 1'},
    {argv: ['analyzer', 'NOT A NAME'], env: {}, code: 3, says: 'an image reference'},
    {argv: ['detector', '-system', 'x'], env: {}, code: 2, says: 'flag provided but not defined: -system'},
    {argv: ['detector', '-layers'], env: {}, code: 2, says: 'flag needs an argument: -layers'},
    {argv: ['detector'], env: {CNB_PLATFORM_API: ''}, code: 11, says: 'please set'},
    {argv: ['detector'], env: {CNB_PLATFORM_API: '0.99'}, code: 11, says: 'incompatible'},
    {argv: ['exporter', '-cache-image', 'X', image], env: {}, code: 3, says: 'an image reference'},
    {argv: ['builder'], env: {}, code: 1, says: 'group.toml'},
    {argv: ['rebaser', image], env: {}, code: 72, says: 'not there'},
  ])('$argv with $env: $code', async ({argv, env, code, says}) => {
    const site = await aSite({buildpacks: [{id: 'acme/a'}]});
    const [phase = '', ...flags] = argv;
    const result = await site.run(phase, flags, env as Record<string, string>);
    expect(result.output).toContain(says);
    expect(result.code).toBe(code);
    expect(result.events.at(-1)).toMatchObject({kind: 'failure', code});
  });

  test('a run image without bash is refused unless another launcher is given', async () => {
    const site = await aSite({buildpacks: [{id: 'acme/a'}]});
    const {code, output} = await site.run('creator', [image], {SLIPWAY_RUN_IMAGE_HAS_BASH: 'false'});
    expect(code).toBe(62);
    expect(output).toContain('-launcher FILE');
    const launcher = ['-launcher', site.at('app/app.sh'), image];
    expect(await site.run('creator', launcher, {SLIPWAY_RUN_IMAGE_HAS_BASH: 'false'})).toMatchObject({code: 0});
  });
});
