// `slipway image export` and `slipway image sbom`: what they ask the controller for, and what they print.
import {describe, expect, test} from 'vitest';
import type {Client} from '../../source/client/client.ts';
import {aCommandWorld} from '../commands/support/command-world.ts';

function aWorld() {
  const world = aCommandWorld();
  const asked: unknown[] = [];
  const answers: Pick<Client, 'exportImage' | 'writeSbom'> = {
    exportImage: async (query) => {
      asked.push(query);
      return {digest: 'sha256:1', to: query.to, notes: ['3 blobs uploaded']};
    },
    writeSbom: async (query) => {
      asked.push(query);
      return {digest: 'sha256:1', files: ['layers/sbom/launch/a/sbom.cdx.json']};
    },
  };
  Object.assign(world.client, answers);
  return {world, asked};
}

const newest = {namespace: 'default', name: 'web', digest: undefined};

describe('image export', () => {
  test.each([
    ['registry:reg.example/web:1', {to: 'registry:reg.example/web:1', force: false}],
    ['engine', {to: 'engine', force: false}],
    ['oci:/out:v1', {to: 'oci:/out:v1', force: false}],
    ['docker-archive:/out.tar', {to: 'docker-archive:/out.tar', force: false}],
  ])('asks for %s and says where it is', async (to, query) => {
    const {world, asked} = aWorld();
    const {code, stdout, stderr} = await world.run('image', 'export', 'web', to);
    expect({code, asked}).toEqual({code: 0, asked: [{...newest, ...query}]});
    expect(stderr).toBe(`Exporting image "web" to ${to}...\n\t3 blobs uploaded\n`);
    expect(stdout).toBe(`Image "web" exported to ${to} (sha256:1)\n`);
  });

  test('takes the image of a build, and force', async () => {
    const {world, asked} = aWorld();
    await world.run('image', 'export', 'web', 'oci:/out', '-b', '1', '--force');
    expect(asked).toMatchObject([{digest: expect.stringContaining('sha256:'), force: true}]);
  });

  test('of no image, and to nowhere, is an error', async () => {
    const {world} = aWorld();
    expect(await world.run('image', 'export', 'nobody', 'engine')).toMatchObject({code: 1});
    expect(await world.run('image', 'export', 'web', 'somewhere')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('oci:DIR[:TAG]'),
    });
  });
});

test('image sbom prints the files it wrote', async () => {
  const {world, asked} = aWorld();
  const {code, stdout} = await world.run('image', 'sbom', 'web', '/boms');
  expect({code, stdout}).toEqual({code: 0, stdout: 'layers/sbom/launch/a/sbom.cdx.json\n'});
  expect(asked).toEqual([{...newest, directory: '/boms', force: false}]);
});
