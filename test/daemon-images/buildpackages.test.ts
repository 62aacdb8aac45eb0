// Buildpackages as images: every buildpack in them is stored as one from a directory would be, or nothing is.
import {existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {readBuildpackage} from '../../source/daemon/buildpackages.ts';
import {withRegistry} from '../../source/daemon/foreign-image.ts';
import {parseRegistryReference} from '../../source/oci/reference.ts';
import {pushImage} from '../../source/oci/registry-push.ts';
import type {TarEntry} from '../../source/oci/tar-writer.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';
import {registryProgram, startRegistry, whyNoRegistry} from '../oci-registry/real-registry.ts';
import {aHome, aLayeredImage, filesOf, leftovers, refusalOf, savedAsArchive} from './an-image-home.ts';

function aBuildpack(id: string, version: string, more: Readonly<Record<string, string>> = {}): readonly TarEntry[] {
  const place = `/cnb/buildpacks/${id.replaceAll('/', '_')}/${version}`;
  return filesOf({
    [`${place}/buildpack.toml`]: `api = "0.10"\n[buildpack]\nid = "${id}"\nversion = "${version}"\n`,
    [`${place}/bin/detect`]: '#!/bin/sh\n',
    [`${place}/bin/build`]: '#!/bin/sh\n',
    ...Object.fromEntries(Object.entries(more).map(([path, content]) => [`${place}/${path}`, content])),
  });
}

const composite = filesOf({
  '/cnb/buildpacks/acme_all/3/buildpack.toml':
    'api = "0.10"\n[buildpack]\nid = "acme/all"\nversion = "3"\n[[order]]\n[[order.group]]\nid = "acme/node"\nversion = "1.2.0"\n',
});

type Listing = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** `{id: {version: index of its layer}}` as the label pack writes. */
const listing = (buildpacks: Listing) => (diffIds: readonly string[]) => ({
  'io.buildpacks.buildpack.layers': JSON.stringify(
    Object.fromEntries(
      Object.entries(buildpacks).map(([id, versions]) => [
        id,
        Object.fromEntries(
          Object.entries(versions).map(([version, at]) => [version, {api: '0.10', layerDiffID: diffIds[at] ?? 'none'}]),
        ),
      ]),
    ),
  ),
});

const both: Listing = {'acme/node': {'1.2.0': 0}, 'acme/all': {'3': 1}};

async function aBuildpackage(layers = [aBuildpack('acme/node', '1.2.0'), composite], buildpacks = both) {
  const layout = aTemporaryDirectory();
  return {layout, ...(await aLayeredImage(layout, layers, listing(buildpacks)))};
}

const refusalFor = async (layer: readonly TarEntry[], buildpacks: Listing = {'acme/node': {'1.2.0': 0}}) => {
  const {layout} = await aBuildpackage([layer], buildpacks);
  const paths = aHome();
  const refusal = await refusalOf(readBuildpackage(`oci:${layout}`, paths));
  expect(leftovers(paths)).toEqual([]);
  return refusal;
};

describe('a buildpackage', () => {
  test('of a layout gives its buildpacks, composite ones with their order', async () => {
    const {layout} = await aBuildpackage();
    const paths = aHome();
    const found = await readBuildpackage(`oci:${layout}`, paths);
    expect(found).toMatchObject([
      {id: 'acme/node', version: '1.2.0', api: '0.10', source: `oci:${layout}`},
      {id: 'acme/all', version: '3', order: [{group: [{id: 'acme/node', version: '1.2.0'}]}]},
    ]);
    for (const {directory} of found) expect(existsSync(join(directory, 'buildpack.toml'))).toBe(true);
    expect(leftovers(paths)).toEqual([]);
  });

  test('of a .cnb file gives the same, under the same digests', async () => {
    const {layout, digest} = await aBuildpackage();
    const file = join(aTemporaryDirectory(), 'acme.cnb');
    await savedAsArchive(layout, digest, file);
    const fromLayout = await readBuildpackage(`oci:${layout}`, aHome());
    for (const source of [file, `docker-archive:${file}`]) {
      const found = await readBuildpackage(source, aHome());
      expect(found.map((each) => [each.id, each.digest])).toEqual(fromLayout.map((each) => [each.id, each.digest]));
    }
  });

  test('may have several buildpacks in one layer', async () => {
    const layer = [...aBuildpack('acme/node', '1.2.0'), ...aBuildpack('acme/node', '2.0.0', {'lib/x': 'x'})];
    const {layout} = await aBuildpackage([layer], {'acme/node': {'1.2.0': 0, '2.0.0': 0}});
    const found = await readBuildpackage(`oci:${layout}`, aHome());
    expect(found.map(({version}) => version)).toEqual(['1.2.0', '2.0.0']);
    expect(readFileSync(join(found[1]?.directory ?? '', 'lib/x'), 'utf8')).toBe('x');
  });

  test('is refused without the label, with nonsense in it, or with a layer it does not have', async () => {
    const layout = aTemporaryDirectory();
    await aLayeredImage(layout, [filesOf({'/a': 'a'})]);
    expect(await refusalOf(readBuildpackage(`oci:${layout}`, aHome()))).toContain('pack buildpack package');
    const nonsense = aTemporaryDirectory();
    await aLayeredImage(nonsense, [filesOf({'/a': 'a'})], () => ({'io.buildpacks.buildpack.layers': '[1'}));
    expect(await refusalOf(readBuildpackage(`oci:${nonsense}`, aHome()))).toContain('got something else');
    expect(await refusalFor(aBuildpack('acme/node', '1.2.0'), {'acme/node': {'1.2.0': 7}})).toContain('none such');
    expect(await refusalFor(aBuildpack('acme/node', '1.2.0'), {'acme/node': {'../../..': 0}})).toContain('invalid: ');
    expect(await refusalFor(aBuildpack('acme/node', '9'))).toContain('found nothing');
    expect(
      await refusalFor(
        [...aBuildpack('acme/other', '1.2.0')].map((entry) => ({
          ...entry,
          path: entry.path.replace('acme_other', 'acme_node'),
        })),
      ),
    ).toContain('got acme/other@1.2.0');
  });

  test.each<readonly [string, TarEntry]>([
    [
      'climbs out',
      {path: '/cnb/buildpacks/../../../evil', kind: 'file', mode: 0o644, uid: 0, gid: 0, content: Buffer.from('x')},
    ],
    ['lies elsewhere', {path: '/etc/passwd', kind: 'file', mode: 0o644, uid: 0, gid: 0, content: Buffer.from('x')}],
    [
      'links to this machine',
      {
        path: '/cnb/buildpacks/acme_node/1.2.0/secret',
        kind: 'symlink',
        mode: 0o777,
        uid: 0,
        gid: 0,
        linkTarget: '/etc/passwd',
      },
    ],
  ])('is refused when a file in it %s', async (_, entry) => {
    const layer = [...aBuildpack('acme/node', '1.2.0'), entry];
    expect(await refusalFor(layer)).toMatch(/^invalid: .*archive/s);
  });

  test('is refused when its descriptor is a link', async () => {
    const place = '/cnb/buildpacks/acme_node/1.2.0';
    const layer: readonly TarEntry[] = [
      ...aBuildpack('acme/node', '1.2.0').filter(({path}) => !path.endsWith('buildpack.toml')),
      ...filesOf({[`${place}/real.toml`]: 'api = "0.10"\n'}),
      {path: `${place}/buildpack.toml`, kind: 'symlink', mode: 0o777, uid: 0, gid: 0, linkTarget: 'real.toml'},
    ];
    expect(await refusalFor(layer)).toContain('got a link');
  });

  test.each(['./nowhere', '/nowhere/at/all', 'nothing.cnb'])('%s that is not there is refused', async (source) => {
    expect(await refusalOf(readBuildpackage(source, aHome()))).toMatch(/^not-found: .*found nothing$/);
  });
});

describe.skipIf(registryProgram === undefined)(`a buildpackage of a registry${whyNoRegistry}`, () => {
  test('is pulled, and nothing but its buildpacks stays', async () => {
    const registry = await startRegistry();
    try {
      const {layout, digest} = await aBuildpackage();
      const name = `${registry.host}/acme/buildpacks:1`;
      await withRegistry((client) => pushImage(client, layout, digest, [parseRegistryReference(name)]));
      const paths = aHome();
      expect((await readBuildpackage(name, paths)).map(({id}) => id)).toEqual(['acme/node', 'acme/all']);
      expect(leftovers(paths)).toEqual([]);
      expect(existsSync(join(paths.pool, 'blobs'))).toBe(false);
    } finally {
      await registry.stop();
    }
  });
});
