import {rename, symlink} from 'node:fs/promises';
import {join} from 'node:path';
import {afterAll, afterEach, beforeAll, describe, expect, it} from 'vitest';
import {launchProcess} from './launched-process.ts';
import {aSampleWorkspace, type SampleWorkspace, treeOf} from './sample-workspace.ts';

let workspace: SampleWorkspace;
afterEach(() => workspace.remove());

describe('sample/static-web', () => {
  it('asks for node and contributes a server with the process web', async () => {
    workspace = await aSampleWorkspace('brochure');
    expect((await workspace.detect('static-web')).plan).toEqual({requires: [{name: 'node', metadata: {launch: true}}]});
    expect(await workspace.build('static-web')).toMatchObject({exitCode: 0, stderr: ''});
    const layers = workspace.layersOf('static-web');
    expect(await workspace.readLayersToml('static-web', 'launch.toml')).toEqual({
      processes: [{type: 'web', command: ['node', join(layers, 'server', 'server.mjs'), 'public'], default: true}],
    });
    expect(await workspace.readLayersToml('static-web', 'server.toml')).toMatchObject({types: {launch: true}});

    const before = await treeOf(layers);
    await workspace.build('static-web');
    expect(await treeOf(layers)).toEqual(before);
  });

  it.each([
    {has: 'package.json', reason: 'there is a package.json: not a site of plain files'},
    {has: 'about.html', reason: 'neither public/index.html nor index.html'},
  ])('turns an app with only $has down', async ({has, reason}) => {
    workspace = await aSampleWorkspace();
    await workspace.write(has, '{}');
    expect(await workspace.detect('static-web')).toMatchObject({exitCode: 100, stdout: reason});
  });
});

describe('the server of sample/static-web', () => {
  let runtime: SampleWorkspace;
  beforeAll(async () => {
    runtime = await aSampleWorkspace('brochure');
    await runtime.build('node-engine');
  });
  afterAll(() => runtime.remove());

  it('serves the site with its types and folders, and says so to HEAD', async () => {
    workspace = await aSampleWorkspace('brochure');
    await workspace.build('static-web');
    const launched = await launchProcess(workspace.app, [
      runtime.layersOf('node-engine'),
      workspace.layersOf('static-web'),
    ]);
    try {
      const home = await launched.get('/');
      expect(home).toMatchObject({
        status: 200,
        headers: {'content-type': 'text/html; charset=utf-8', 'x-content-type-options': 'nosniff'},
      });
      expect(home.body).toContain('<h1>Harbour Tours</h1>');
      expect(await launched.get('/style.css?v=1')).toMatchObject({
        status: 200,
        headers: {'content-type': 'text/css; charset=utf-8'},
      });
      expect(await launched.get('/prices')).toMatchObject({status: 301, headers: {location: '/prices/'}});
      expect((await launched.get('/prices/')).body).toContain('<h1>Prices</h1>');
      expect(await launched.get('/', 'HEAD')).toMatchObject({
        status: 200,
        body: '',
        headers: {'content-length': home.headers['content-length']},
      });
      expect(await launched.get('/', 'POST')).toMatchObject({status: 405, headers: {allow: 'GET, HEAD'}});
    } finally {
      expect(await launched.stop()).toBe(0);
    }
  });

  it('gives nothing out that lies elsewhere or is not of the site', async () => {
    workspace = await aSampleWorkspace('brochure');
    // The site in the source folder itself, beside what belongs to the build.
    await rename(join(workspace.app, 'public', 'index.html'), join(workspace.app, 'index.html'));
    await workspace.write('Procfile', 'web: true\n');
    await workspace.write('.env', 'SECRET=1\n');
    await workspace.write('../outside.txt', 'outside\n');
    await symlink(join(workspace.app, '..', 'outside.txt'), join(workspace.app, 'leak.txt'));
    await symlink('/', join(workspace.app, 'root'));
    expect((await workspace.build('static-web')).stdout).toContain('Serving the source folder on $PORT');
    const launched = await launchProcess(workspace.app, [
      runtime.layersOf('node-engine'),
      workspace.layersOf('static-web'),
    ]);
    try {
      const refused = {
        '/../outside.txt': 400,
        '/%2e%2e/outside.txt': 400,
        '/..%2foutside.txt': 400,
        '/public/../../outside.txt': 400,
        '/..\\outside.txt': 400,
        '/%00': 400,
        '/%zz': 400,
        '/leak.txt': 404,
        '/root/etc/passwd': 404,
        '/.env': 404,
        '/Procfile': 404,
        '/index.html/x': 404,
        '//evil.example/..': 400,
        '/public': 404,
      };
      const answered: Record<string, number> = {};
      for (const path of Object.keys(refused)) answered[path] = (await launched.get(path)).status;
      expect(answered).toEqual(refused);
      expect((await launched.get('//')).status).toBe(200);
      expect((await launched.get('/')).status).toBe(200);
    } finally {
      await launched.stop();
    }
  });
});
