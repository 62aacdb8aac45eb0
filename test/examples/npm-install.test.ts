import {mkdir, readFile, readlink, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import {launchProcess} from './launched-process.ts';
import {aSampleWorkspace, findProgram, type SampleWorkspace, treeOf} from './sample-workspace.ts';

let workspace: SampleWorkspace;
afterEach(() => workspace.remove());

const npm = findProgram('npm');
const whyNoNpm = npm === undefined ? ' (skipped: this machine has no npm)' : '';

describe('sample/npm-install', () => {
  it('asks for node', async () => {
    workspace = await aSampleWorkspace('spring-petclinic');
    expect((await workspace.detect('npm-install')).plan).toEqual({
      requires: [{name: 'node', metadata: {build: true, launch: true}}],
    });
  });

  it('turns dependencies without a lock down', async () => {
    workspace = await aSampleWorkspace('spring-petclinic');
    await rm(join(workspace.app, 'package-lock.json'));
    expect(await workspace.detect('npm-install')).toMatchObject({
      exitCode: 100,
      stdout: 'package.json has dependencies, but there is no package-lock.json beside it',
    });
  });

  it('copies vendored packages where there is no npm, and takes the layer again while nothing changes', async () => {
    workspace = await aSampleWorkspace('spring-webdb');
    const layers = workspace.layersOf('npm-install');
    const first = await workspace.build('npm-install');
    expect(first).toEqual({
      exitCode: 0,
      stderr: '',
      stdout: [
        'Sample npm Install Buildpack 1.0.0',
        '  Resolving the packages of package-lock.json',
        '    @sample/html 1.0.0 from vendor/html',
        '    @sample/table 1.1.0 from vendor/table',
        '  Copying the vendored packages (there is no npm on the build machine)',
        '  Process web: ["node", "server.js"]',
      ].join('\n'),
    });
    expect(await workspace.readLayersToml('npm-install', 'launch.toml')).toEqual({
      processes: [{type: 'web', command: ['node', 'server.js'], default: true}],
    });
    const toml = await workspace.readLayersToml('npm-install', 'node_modules.toml');
    expect(toml).toEqual({
      types: {launch: true, cache: true},
      metadata: {checksum: expect.stringMatching(/^[0-9a-f]{64}$/) as string},
    });
    expect(await readlink(join(workspace.app, 'node_modules'))).toBe(
      join(layers, 'node_modules', 'packages', 'node_modules'),
    );

    const before = await treeOf(layers);
    const second = await workspace.build('npm-install');
    expect(second.stdout).toContain('  Reusing cached layer node_modules');
    expect(await treeOf(layers)).toEqual(before);
  });

  it('installs again when a vendored file changes', async () => {
    workspace = await aSampleWorkspace('spring-petclinic');
    await workspace.build('npm-install');
    await workspace.write('vendor/html/index.js', 'exports.changed = true;\n');
    expect((await workspace.build('npm-install')).stdout).toContain('Copying the vendored packages');
    expect(await readFile(join(workspace.app, 'node_modules', '@sample', 'html', 'index.js'), 'utf8')).toBe(
      'exports.changed = true;\n',
    );
  });

  it.skipIf(npm === undefined)(`gives with npm the same bytes as without${whyNoNpm}`, async () => {
    workspace = await aSampleWorkspace('spring-webdb', {tools: ['npm']});
    const withNpm = await workspace.build('npm-install');
    expect(withNpm).toMatchObject({exitCode: 0, stderr: ''});
    expect(withNpm.stdout).toContain('  Running npm ci --offline --ignore-scripts\n');
    const tree = await treeOf(workspace.layersOf('npm-install'));
    await workspace.remove();

    workspace = await aSampleWorkspace('spring-webdb');
    await workspace.build('npm-install');
    expect(await treeOf(workspace.layersOf('npm-install'))).toEqual(tree);
  });

  it('reads the lock that plain npm install writes, with links to the folders', async () => {
    workspace = await aSampleWorkspace('spring-petclinic');
    const lock = JSON.parse(await readFile(join(workspace.app, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    lock.packages['node_modules/@sample/html'] = {resolved: 'vendor/html', link: true};
    lock.packages['vendor/html'] = {name: '@sample/html', version: '1.0.0', license: 'Apache-2.0'};
    await workspace.write('package-lock.json', JSON.stringify(lock));
    expect((await workspace.build('npm-install')).stdout).toContain('    @sample/html 1.0.0 from vendor/html\n');
    expect(
      JSON.parse(await readFile(join(workspace.app, 'node_modules', '@sample', 'html', 'package.json'), 'utf8')),
    ).toMatchObject({version: '1.0.0'});
  });

  it('puts the packages of the source aside', async () => {
    workspace = await aSampleWorkspace('spring-petclinic');
    await workspace.write('node_modules/left-over/index.js', '');
    expect((await workspace.build('npm-install')).stdout).toContain('Setting the node_modules of the source aside');
    expect(await treeOf(join(workspace.app, 'node_modules'))).not.toContainEqual(expect.stringContaining('left-over'));
  });

  it('leaves development packages out', async () => {
    workspace = await aSampleWorkspace('spring-petclinic');
    const lock = JSON.parse(await readFile(join(workspace.app, 'package-lock.json'), 'utf8')) as {
      packages: Record<string, unknown>;
    };
    lock.packages['node_modules/checker'] = {version: '1.0.0', dev: true};
    await workspace.write('package-lock.json', JSON.stringify(lock));
    const outcome = await workspace.build('npm-install');
    expect(outcome.exitCode).toBe(0);
    expect(outcome.stdout).not.toContain('checker');
  });

  it('describes the packages in CycloneDX, the same each time', async () => {
    workspace = await aSampleWorkspace('spring-webdb');
    await workspace.build('npm-install');
    const sbom = JSON.parse(
      await readFile(join(workspace.layersOf('npm-install'), 'launch.sbom.cdx.json'), 'utf8'),
    ) as Record<string, unknown>;
    expect(sbom).toEqual({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      version: 1,
      metadata: {
        component: {
          type: 'application',
          'bom-ref': 'pkg:npm/spring-webdb@1.0.0',
          name: 'spring-webdb',
          version: '1.0.0',
          purl: 'pkg:npm/spring-webdb@1.0.0',
        },
      },
      components: [
        {...aLibrary('@sample/html', '1.0.0'), licenses: [{license: {id: 'Apache-2.0'}}]},
        {...aLibrary('@sample/table', '1.1.0'), licenses: [{license: {id: 'MIT'}}]},
      ],
      dependencies: [
        {
          ref: 'pkg:npm/spring-webdb@1.0.0',
          dependsOn: ['pkg:npm/%40sample/html@1.0.0', 'pkg:npm/%40sample/table@1.1.0'],
        },
        {ref: 'pkg:npm/%40sample/html@1.0.0', dependsOn: []},
        {ref: 'pkg:npm/%40sample/table@1.1.0', dependsOn: ['pkg:npm/%40sample/html@1.0.0']},
      ],
    });
  });

  it.each([
    {script: 'node  server.js --port 1', command: ['node', 'server.js', '--port', '1']},
    {script: 'NODE_ENV=test node server.js', command: ['bash', '-c', 'NODE_ENV=test node server.js']},
    {script: 'node "my server.js" && echo \\o/', command: ['bash', '-c', 'node "my server.js" && echo \\o/']},
  ])('starts `$script`', async ({script, command}) => {
    workspace = await aSampleWorkspace();
    await workspace.write('package.json', JSON.stringify({name: 'plain', version: '1.0.0', scripts: {start: script}}));
    const outcome = await workspace.build('npm-install');
    expect(outcome.stdout).toContain('None: nothing to install');
    expect(await workspace.readLayersToml('npm-install', 'launch.toml')).toEqual({
      processes: [{type: 'web', command, default: true}],
    });
  });

  it('contributes no process when nothing says how to start', async () => {
    workspace = await aSampleWorkspace();
    await workspace.write('package.json', '{}');
    expect((await workspace.build('npm-install')).stdout).toContain(
      'No process: package.json has no start script, and there is no server.js',
    );
  });

  it.each([
    [
      'names a package that the source lacks',
      async () => rm(join(workspace.app, 'vendor'), {recursive: true}),
      /names vendor\/html for the package @sample\/html, but the source has no vendor\/html: add it/,
    ],
    [
      'is older than package.json',
      () => workspace.write('package.json', '{"dependencies": {"express": "^5"}}'),
      /package\.json depends on express, which package-lock\.json does not name: run npm install/,
    ],
    [
      'wants another version',
      () => workspace.write('vendor/html/package.json', '{"name": "@sample/html", "version": "9.9.9"}'),
      /wants @sample\/html 1\.0\.0, but vendor\/html holds @sample\/html 9\.9\.9/,
    ],
    [
      'wants a package from a registry',
      () => lockWith({version: '5.0.0'}),
      /wants @sample\/html 5\.0\.0 from a registry: only vendored packages/,
    ],
    [
      'leads out of the app',
      () => lockWith({version: '1.0.0', resolved: 'file:../layers'}),
      /names \.\.\/layers for @sample\/html, which lies outside the application/,
    ],
    [
      'leads out of the app by a link',
      linkOut,
      /names vendor\/html for @sample\/html, which lies outside the application/,
    ],
    [
      'is of the first version',
      () => workspace.write('package-lock.json', '{"lockfileVersion": 1, "dependencies": {}}'),
      /has version 1: write it with npm 7 or later/,
    ],
    ['is no JSON', () => workspace.write('package-lock.json', '{'), /package-lock\.json cannot be read: /],
    [
      'vendors something that is no file',
      () => symlink('/etc/passwd', join(workspace.app, 'vendor', 'html', 'secrets')),
      /vendor\/html\/secrets is neither a file nor a folder/,
    ],
  ])('fails in one line when the lock %s', async (_, spoil, complaint) => {
    workspace = await aSampleWorkspace('spring-petclinic');
    await spoil();
    const outcome = await workspace.build('npm-install');
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toMatch(/^ERROR: [^\n]+$/);
    expect(outcome.stderr).toMatch(complaint);
  });

  it('fails on broken-app, saying what is missing', async () => {
    workspace = await aSampleWorkspace('broken-app');
    expect(await workspace.build('npm-install')).toMatchObject({
      exitCode: 1,
      stderr:
        'ERROR: package-lock.json names vendor/tax-tables for the package @sample/tax-tables, but the source has no vendor/tax-tables: add it, or take @sample/tax-tables out and run npm install',
    });
  });
});

describe('an app built by sample/node-engine and sample/npm-install', () => {
  let runtime: SampleWorkspace;
  beforeAll(async () => {
    runtime = await aSampleWorkspace('spring-petclinic');
    await runtime.build('node-engine');
  });
  afterAll(() => runtime.remove());

  it.each([
    {app: 'spring-petclinic', path: '/', text: 'Dr. Lena Fischer'},
    {app: 'spring-webdb', path: '/', text: '<td>Filters &amp; papers</td>'},
    {app: 'orders-api', path: '/orders/1002', text: '"customer":"Wilk"'},
  ])('$app answers from the layers alone', async ({app, path, text}) => {
    workspace = await aSampleWorkspace(app);
    await workspace.build('npm-install');
    const launched = await launchProcess(workspace.app, [
      runtime.layersOf('node-engine'),
      workspace.layersOf('npm-install'),
    ]);
    try {
      expect((await launched.get('/')).status).toBe(200);
      const answer = await launched.get(path);
      expect(answer.status).toBe(200);
      expect(answer.body).toContain(text);
      expect(await launched.get('/health')).toMatchObject({status: 200, body: '{"status":"UP"}\n'});
      expect((await launched.get('/nowhere')).status).toBe(404);
    } finally {
      expect(await launched.stop()).toBe(0);
    }
  });
});

function aLibrary(name: string, version: string): Record<string, string> {
  const reference = `pkg:npm/${name.replace('@', '%40')}@${version}`;
  return {type: 'library', 'bom-ref': reference, name, version, purl: reference};
}

async function lockWith(entry: Record<string, unknown>): Promise<void> {
  await workspace.write(
    'package-lock.json',
    JSON.stringify({lockfileVersion: 3, packages: {'node_modules/@sample/html': entry}}),
  );
  await mkdir(join(workspace.app, '..', 'layers'), {recursive: true});
}

async function linkOut(): Promise<void> {
  const outside = join(workspace.app, '..', 'outside');
  await mkdir(outside);
  await writeFile(join(outside, 'package.json'), '{"name": "@sample/html", "version": "1.0.0"}');
  await rm(join(workspace.app, 'vendor', 'html'), {recursive: true});
  await symlink(outside, join(workspace.app, 'vendor', 'html'));
}
