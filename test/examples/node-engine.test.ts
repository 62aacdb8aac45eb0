import {readdir, readFile, rm, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterEach, describe, expect, it} from 'vitest';
import {aSampleWorkspace, buildpackFolder, type SampleWorkspace, treeOf} from './sample-workspace.ts';

const version = process.versions.node;
let workspace: SampleWorkspace;
afterEach(() => workspace.remove());

describe('sample/node-engine', () => {
  it('provides node, and asks for it where there is a package.json', async () => {
    workspace = await aSampleWorkspace('spring-petclinic');
    expect((await workspace.detect('node-engine')).plan).toEqual({
      provides: [{name: 'node'}],
      requires: [
        {name: 'node', metadata: {version: '>=20', 'version-source': 'package.json', build: true, launch: true}},
      ],
    });
  });

  it('only provides node where there is no package.json', async () => {
    workspace = await aSampleWorkspace('brochure');
    expect((await workspace.detect('node-engine')).plan).toEqual({provides: [{name: 'node'}]});
  });

  it('turns a package.json that is no JSON object down', async () => {
    workspace = await aSampleWorkspace();
    await workspace.write('package.json', '[oops');
    expect(await workspace.detect('node-engine')).toMatchObject({
      exitCode: 100,
      stdout: 'package.json is not a JSON object',
    });
  });

  it('contributes a Node.js that runs from its layer alone, and takes it again while nothing changes', async () => {
    workspace = await aSampleWorkspace('spring-petclinic');
    const first = await workspace.build(
      'node-engine',
      '[[entries]]\nname = "node"\n\n[entries.metadata]\nversion = ">=20"\n',
    );
    expect(first).toMatchObject({exitCode: 0, stderr: ''});
    expect(first.stdout).toMatch(
      /^Sample Node Engine Buildpack 1\.0\.0\n {2}Resolving the Node\.js version\n {4}package\.json asks for >=20\n/,
    );
    expect(first.stdout).toContain(`  Contributing Node.js ${version} to layer node`);
    expect(first.stdout).not.toContain(workspace.app.replace(/app$/, ''));

    const layers = workspace.layersOf('node-engine');
    const toml = await workspace.readLayersToml('node-engine', 'node.toml');
    expect(toml).toEqual({
      types: {build: true, launch: true, cache: true},
      metadata: {version, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) as string},
    });
    expect(
      (await readdir(join(layers, 'node', 'lib'))).filter((name) => /^(ld-|lib(c|m|pthread|dl|rt)\.so)/.test(name)),
    ).toEqual([]);
    expect(
      (
        await execa(join(layers, 'node', 'bin', 'node'), ['-p', '6*7'], {
          env: {LD_LIBRARY_PATH: join(layers, 'node', 'lib')},
          extendEnv: false,
        })
      ).stdout,
    ).toBe('42');
    expect(JSON.parse(await readFile(join(layers, 'node.sbom.cdx.json'), 'utf8'))).toMatchObject({
      bomFormat: 'CycloneDX',
      specVersion: '1.5',
      components: [{name: 'node', version, purl: `pkg:generic/node@${version}`}],
    });

    // What a lifecycle restores: the metadata without types, indented and sorted as its encoder does it.
    const {checksum} = toml['metadata'] as {checksum: string};
    await writeFile(join(layers, 'node.toml'), `[metadata]\n  checksum = "${checksum}"\n  version = "${version}"\n`);
    await rm(join(layers, 'node.sbom.cdx.json'));
    const layerBefore = (await treeOf(layers)).filter((line) => line.startsWith('node/'));
    const second = await workspace.build('node-engine');
    expect(second.stdout).toContain('  Reusing cached layer node');
    expect(await workspace.readLayersToml('node-engine', 'node.toml')).toEqual(toml);
    expect((await treeOf(layers)).filter((line) => line.startsWith('node/'))).toEqual(layerBefore);
  });

  it('contributes again when another version was kept', async () => {
    workspace = await aSampleWorkspace('spring-petclinic');
    await workspace.build('node-engine');
    const toml = join(workspace.layersOf('node-engine'), 'node.toml');
    await writeFile(toml, (await readFile(toml, 'utf8')).replace(`"${version}"`, '"18.0.0"'));
    expect((await workspace.build('node-engine')).stdout).toContain(`Contributing Node.js ${version}`);
    expect(await workspace.readLayersToml('node-engine', 'node.toml')).toMatchObject({metadata: {version}});
  });

  it.each([
    {
      wanted: '<20',
      complaint: `package.json asks for Node.js <20, but the build machine has ${version}: change engines.node, or build with another Node.js`,
    },
    {
      wanted: 'lts/iron',
      complaint:
        'package.json asks for Node.js lts/iron, which this buildpack cannot read: write it like >=20, ^20.1 or 20.x',
    },
  ])('stops when the app asks for $wanted', async ({wanted, complaint}) => {
    workspace = await aSampleWorkspace('spring-petclinic');
    const outcome = await workspace.build(
      'node-engine',
      `[[entries]]\nname = "node"\n[entries.metadata]\nversion = "${wanted}"\n`,
    );
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toBe(`ERROR: ${complaint}`);
  });

  it.each([
    ['26.10.0', '*', 0],
    ['26.10.0', '26', 0],
    ['26.10.0', '26.x', 0],
    ['26.10.0', '26.9', 1],
    ['26.10.0', '^26.2.1', 0],
    ['26.10.0', '^25', 1],
    ['0.3.1', '^0.2.9', 1],
    ['0.2.10', '^0.2.9', 0],
    ['26.10.0', '~26.9.0', 1],
    ['26.10.0', '~26', 0],
    ['26.10.0', '>=24.15 <27', 0],
    ['26.10.0', '>= 24.15 < 26', 1],
    ['26.10.0', '>26', 1],
    ['26.10.0', '<=26', 0],
    ['26.10.0', '20.x || 26.x', 0],
    ['26.10.0', 'latest || 26', 2],
  ])('reads versions as npm does: %s in %s gives %i', async (given, range, code) => {
    workspace = await aSampleWorkspace();
    const result = await execa(
      process.execPath,
      [join(buildpackFolder('node-engine'), 'lib', 'satisfies.mjs'), given, range],
      {reject: false},
    );
    expect(result.exitCode).toBe(code);
  });
});
