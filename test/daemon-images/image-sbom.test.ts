// The SBOMs of a built image on disk: all of them or none, and nothing of the owner's is lost.
import {existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {createImageLibrary} from '../../source/daemon/image-library.ts';
import {blobPath} from '../../source/oci/image-layout.ts';
import type {TarEntry} from '../../source/oci/tar-writer.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';
import {aHome, aLayeredImage, filesOf, leftovers, refusalOf} from './an-image-home.ts';

const boms = {
  '/layers/sbom/launch/acme_node/sbom.cdx.json': '{"bomFormat":"CycloneDX"}',
  '/layers/sbom/launch/acme_node/modules/sbom.spdx.json': '{"spdxVersion":"SPDX-2.2"}',
};
const [one = '', two = ''] = Object.keys(boms).map((path) => path.slice(1));

async function anImageWith(entries: readonly TarEntry[] | undefined) {
  const paths = aHome();
  const layers = [filesOf({'/app': 'app'}), ...(entries ? [entries] : [])];
  const image = await aLayeredImage(paths.image('default', 'web'), layers, (diffIds) => ({
    'io.buildpacks.lifecycle.metadata': JSON.stringify(entries ? {sbom: {sha: diffIds[1]}} : {}),
  }));
  const directory = join(aTemporaryDirectory(), 'boms');
  const write = (force = false) =>
    createImageLibrary(paths).writeSbom({namespace: 'default', name: 'web', digest: image.digest, directory, force});
  return {paths, image, directory, write};
}

describe('the SBOMs of an image', () => {
  test('are written where pack writes them', async () => {
    const {paths, image, directory, write} = await anImageWith(filesOf(boms));
    expect(await write()).toEqual({digest: image.digest, files: [two, one]});
    for (const [path, content] of Object.entries(boms)) {
      expect(readFileSync(join(directory, path), 'utf8')).toBe(content);
      expect(statSync(join(directory, path)).mode & 0o777).toBe(0o644);
    }
    expect(readdirSync(directory)).toEqual(['layers']);
    expect(leftovers(paths)).toEqual([]);
  });

  test('are found wherever the layers directory of the build was', async () => {
    const entries = filesOf({'/home/me/.state/work/layers/sbom/launch/acme/sbom.cdx.json': '{}'});
    const {write} = await anImageWith(entries);
    expect((await write()).files).toEqual(['layers/sbom/launch/acme/sbom.cdx.json']);
  });

  test('replace files only when they may; otherwise none is written', async () => {
    const {directory, write} = await anImageWith(filesOf(boms));
    mkdirSync(dirname(join(directory, two)), {recursive: true});
    writeFileSync(join(directory, two), 'precious');
    expect(await refusalOf(write())).toMatch(/^already-exists: .*sbom\.spdx\.json exists already.*--force/);
    expect(readFileSync(join(directory, two), 'utf8')).toBe('precious');
    expect(existsSync(join(directory, one))).toBe(false);
    await write(true);
    expect(readFileSync(join(directory, two), 'utf8')).toContain('SPDX');
    expect(existsSync(join(directory, one))).toBe(true);
    expect(readdirSync(directory)).toEqual(['layers']);
  });

  test('do not exist in every image', async () => {
    const {directory, write} = await anImageWith(undefined);
    expect(await refusalOf(write())).toMatch(/^not-found: image "web" has no SBOM/);
    expect(existsSync(directory)).toBe(false);
  });

  test('are not taken from a layer that was changed, or that links out of itself', async () => {
    const {paths, image, write} = await anImageWith(filesOf(boms));
    writeFileSync(blobPath(paths.image('default', 'web'), image.written[1]?.digest ?? ''), 'damaged');
    expect(await refusalOf(write())).toMatch(/^invalid: .*digest/);
    const link = {
      path: '/layers/sbom/launch/x.json',
      kind: 'symlink',
      mode: 0o777,
      uid: 0,
      gid: 0,
      linkTarget: '/etc/passwd',
    } as const;
    const linked = await anImageWith([...filesOf(boms), link]);
    expect(await refusalOf(linked.write())).toMatch(/^invalid: .*stays inside/);
    expect(existsSync(linked.directory)).toBe(false);
  });
});
