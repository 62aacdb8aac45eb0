// Base images from wherever they are: each becomes this machine's own under its digest, or is refused in words.
import {spawnSync} from 'node:child_process';
import {existsSync, renameSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {findBaseImage} from '../../source/daemon/base-images.ts';
import {withForeignImage, withRegistry} from '../../source/daemon/foreign-image.ts';
import {blobPath, readBlob, readImage} from '../../source/oci/image-layout.ts';
import {parseRegistryReference} from '../../source/oci/reference.ts';
import {pushImage} from '../../source/oci/registry-push.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';
import {registryProgram, startRegistry, user, whyNoRegistry} from '../oci-registry/real-registry.ts';
import {aHome, aLayeredImage, dockerConfig, filesOf, leftovers, refusalOf, savedAsArchive} from './an-image-home.ts';

const labels = {
  'io.buildpacks.stack.id': 'io.example.stack',
  'io.buildpacks.stack.mixins': '["git","run:curl"]',
  'io.buildpacks.base.distro.name': 'debian',
};

async function aRunImage(layout = aTemporaryDirectory()) {
  const layers = [filesOf({'/bin/bash': '#!'}), filesOf({'/etc/os-release': 'ID=debian\n'})];
  return {layout, ...(await aLayeredImage(layout, layers, () => labels))};
}

const facts = {stackId: 'io.example.stack', mixins: ['git', 'run:curl'], runnable: true};

describe('a base image', () => {
  test('of a layout is copied under its digest, and found again', async () => {
    const {layout, digest, diffIds} = await aRunImage();
    const paths = aHome();
    const found = await findBaseImage(`oci:${layout}:latest`, paths);
    expect(found).toMatchObject({...facts, base: {digest, topLayer: diffIds[1], layout: paths.baseImage(digest)}});
    expect(await readImage(paths.baseImage(digest), 'latest')).toMatchObject({digest});
    expect(await findBaseImage(`oci:${layout}:latest`, paths)).toEqual(found);
    expect(leftovers(paths)).toEqual([]);
  });

  test('of a layout behind a link is read from where the link led, though it is pointed elsewhere meanwhile', async () => {
    const [layout, link] = [aTemporaryDirectory(), join(aTemporaryDirectory(), 'current')];
    const {digest} = await aLayeredImage(layout, [filesOf({'/bin/bash': '#!'})]);
    symlinkSync(layout, link);
    const request = {reference: `oci:${link}:latest`, what: 'base image', paths: aHome(), mostBytes: 1e6};
    const read = await withForeignImage(request, async ({directory, image}) => {
      renameSync(link, `${link}.before`);
      symlinkSync(aTemporaryDirectory(), link);
      return [image.digest, (await readBlob(directory, image.manifest.config, 1e6)).byteLength];
    });
    expect(read).toEqual([digest, expect.any(Number)]);
  });

  test.each(['docker-archive:FILE.tar', 'FILE.tar', 'docker-archive:FILE.image'])(
    'of %s is read under its own name',
    async (form) => {
      const {layout, digest, diffIds} = await aRunImage();
      const paths = aHome();
      const file = join(aTemporaryDirectory(), form.endsWith('.tar') ? 'run.tar' : 'run.image');
      await savedAsArchive(layout, digest, file, ['acme/run:1']);
      const reference = form.replace(/FILE.*/, file);
      const found = await findBaseImage(reference, paths);
      expect(found).toMatchObject({...facts, base: {image: reference, name: 'acme/run:1', topLayer: diffIds[1]}});
      expect((await readImage(found.base.layout)).config.rootfs.diff_ids).toEqual(diffIds);
      expect((await findBaseImage(reference, paths)).base.digest).toBe(found.base.digest);
      expect(leftovers(paths)).toEqual([]);
    },
  );

  test('of a tar of a layout keeps its digest', async () => {
    const {layout, digest} = await aRunImage();
    const file = join(aTemporaryDirectory(), 'layout.tar');
    expect(spawnSync('tar', ['-cf', file, '-C', layout, '.']).status).toBe(0);
    expect((await findBaseImage(file, aHome())).base.digest).toBe(digest);
  });

  test('is refused when its archive holds several', async () => {
    const layout = aTemporaryDirectory();
    for (const name of ['one', 'two']) await aLayeredImage(layout, [filesOf({[`/${name}`]: name})], () => ({}), [name]);
    const file = join(aTemporaryDirectory(), 'two.tar');
    spawnSync('tar', ['-cf', file, '-C', layout, '.']);
    const paths = aHome();
    expect(await refusalOf(findBaseImage(file, paths))).toContain('expected one image');
    expect(leftovers(paths)).toEqual([]);
  });

  test('is refused when a blob is another than its digest says, a link, or not there', async () => {
    const damage: readonly [RegExp, (path: string) => void][] = [
      [/digest/, (path) => writeFileSync(path, 'x'.repeat(1000))],
      [
        /is not there/,
        (path) => {
          renameSync(path, `${path}.real`);
          symlinkSync(`${path}.real`, path);
        },
      ],
      [/is not there/, (path) => renameSync(path, `${path}.gone`)],
    ];
    for (const [words, harm] of damage) {
      const {layout, written} = await aRunImage();
      const paths = aHome();
      const path = blobPath(layout, written[1]?.digest ?? '');
      harm(path);
      expect(await refusalOf(findBaseImage(`oci:${layout}`, paths))).toMatch(
        words.source === 'digest' ? /digest|is not there/ : words,
      );
      expect(existsSync(blobPath(paths.pool, written[1]?.digest ?? ''))).toBe(false);
    }
  });

  test('is refused when its mixins are no JSON', async () => {
    const layout = aTemporaryDirectory();
    await aLayeredImage(layout, [filesOf({'/a': 'a'})], () => ({'io.buildpacks.stack.mixins': '{nonsense'}));
    expect(await refusalOf(findBaseImage(`oci:${layout}`, aHome()))).toContain('io.buildpacks.stack.mixins');
  });

  test.each([
    ['oci:/nowhere/at/all', /^not-found: base image "oci:\/nowhere\/at\/all": Expected a file/],
    ['docker-archive:/nowhere.tar', /^not-found: base image/],
    ['UPPER CASE', /^invalid: base image "UPPER CASE": Expected an image reference/],
  ])('%s is refused', async (reference, words) => {
    expect(await refusalOf(findBaseImage(reference, aHome()))).toMatch(words);
  });
});

describe.skipIf(registryProgram === undefined)(`a base image of a registry${whyNoRegistry}`, () => {
  test('is pulled with the credentials of the docker config, by tag and by digest', async () => {
    const registry = await startRegistry('basic');
    try {
      const {layout, digest} = await aRunImage();
      const env = dockerConfig(registry.host, user.username, user.password);
      const name = `${registry.host}/acme/run`;
      await withRegistry((client) => pushImage(client, layout, digest, [parseRegistryReference(`${name}:1`)]), env);
      const paths = aHome();
      const found = await findBaseImage(`${name}:1`, paths, env);
      expect(found).toMatchObject({...facts, base: {digest, name: `${name}:1`}});
      expect((await readImage(found.base.layout)).digest).toBe(digest);
      expect((await findBaseImage(`${name}@${digest}`, paths, env)).base.digest).toBe(digest);
      expect(leftovers(paths)).toEqual([]);
      expect(await refusalOf(findBaseImage(`${name}:none`, paths, env))).toMatch(/^not-found: /);
      const nobody = {...process.env, DOCKER_CONFIG: aTemporaryDirectory(), HOME: aTemporaryDirectory()};
      const refused = await refusalOf(findBaseImage(`${name}:1`, paths, nobody));
      expect(refused).toMatch(/^invalid: /);
      expect(refused).not.toContain(user.password);
    } finally {
      await registry.stop();
    }
  });
});
