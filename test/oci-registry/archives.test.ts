// Docker archives and tars of layouts: what is written can be read again by us and by skopeo, what docker and podman write can be read, and what
// is wrong with an archive is found.
import {spawnSync} from 'node:child_process';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {gzipSync, zstdCompressSync} from 'node:zlib';
import {pack} from 'tar-stream';
import {describe, expect, test} from 'vitest';
import {readArchive, readArchiveFile} from '../../source/oci/archive-read.ts';
import {writeDockerArchive} from '../../source/oci/archive-docker-write.ts';
import {sha256Of} from '../../source/oci/digest.ts';
import {formatImageConfig} from '../../source/oci/image-config.ts';
import {blobPath, readImage, writeImage} from '../../source/oci/image-layout.ts';
import {writeLayer} from '../../source/oci/layer-writer.ts';
import {mediaTypes} from '../../source/oci/media-types.ts';
import {aTemporaryDirectory} from '../oci/a-tree.ts';
import {aConfig, anImage} from '../oci/an-image.ts';

type Part = {readonly name: string; readonly content?: Buffer | string; readonly link?: string};

/** A tar of these files, made by another program's hands. */
async function aTar(parts: readonly Part[]): Promise<Buffer> {
  const tar = pack();
  for (const {name, content = '', link} of parts) {
    if (link === undefined) tar.entry({name}, content);
    else tar.entry({name, type: 'symlink', linkname: link});
  }
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

async function* inPieces(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function written(layout: string, images: Parameters<typeof writeDockerArchive>[1]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await writeDockerArchive(layout, images, (chunk) => {
    chunks.push(Buffer.from(chunk));
  });
  return Buffer.concat(chunks);
}

/** One layer and its config, as a docker archive holds them. */
async function aLayer(text: string) {
  const scratch = aTemporaryDirectory();
  const entry = {path: `/${text}`, kind: 'file', mode: 0o644, uid: 0, gid: 0, content: Buffer.from(text)} as const;
  const layer = await writeLayer([entry], {compress: false, into: scratch});
  const config = formatImageConfig(aConfig({diffIds: [layer.diffId]}));
  return {tar: readFileSync(blobPath(scratch, layer.digest)), diffId: layer.diffId, config};
}

function manifestJson(...lines: readonly object[]): Part {
  return {name: 'manifest.json', content: JSON.stringify(lines)};
}

describe('an archive that was written', () => {
  test('is read again as the same images, layers shared and named', async () => {
    const [from, to] = [aTemporaryDirectory(), aTemporaryDirectory()];
    const one = await anImage(from, ['base', 'one'], {names: ['one'], env: ['A=1']});
    const two = await anImage(from, ['base', 'two'], {names: ['two']});
    const bytes = await written(from, [
      {digest: one.digest, tags: ['acme/one:1', 'acme/one:2']},
      {digest: two.digest, tags: []},
    ]);
    expect(
      await written(from, [
        {digest: one.digest, tags: ['acme/one:1', 'acme/one:2']},
        {digest: two.digest, tags: []},
      ]),
    ).toEqual(bytes);
    const images = await readArchive(inPieces(bytes), 'the archive', {into: to});
    expect(images.map(({names}) => names)).toEqual([['acme/one:1', 'acme/one:2'], []]);
    expect((await readImage(to, 'acme/one:2')).config).toEqual(one.config);
    expect((await readImage(to, images[1]?.descriptor.digest)).manifest.config.digest).toBe(two.manifest.config.digest);
    expect(readdirSync(join(to, 'blobs'))).toEqual(['sha256']);
    const compressed = aTemporaryDirectory();
    await readArchive(inPieces(gzipSync(bytes)), 'the archive', {into: compressed, compress: true});
    expect((await readImage(compressed, 'acme/one:1')).manifest.layers.map(({mediaType}) => mediaType)).toEqual([
      mediaTypes.layerGzip,
      mediaTypes.layerGzip,
    ]);
  });

  const skopeo = spawnSync('skopeo', ['--version']).status === 0;
  test.skipIf(!skopeo)(
    `is taken by skopeo, and skopeo’s are taken here${skopeo ? '' : ' (skipped: it is not installed)'}`,
    async () => {
      const [from, scratch, to] = [aTemporaryDirectory(), aTemporaryDirectory(), aTemporaryDirectory()];
      const image = await anImage(from, ['some', 'layers']);
      const ours = join(scratch, 'ours.tar');
      writeFileSync(ours, await written(from, [{digest: image.digest, tags: ['acme/app:1']}]));
      const copy = (source: string, target: string) => {
        const {status, stderr} = spawnSync('skopeo', ['--insecure-policy', 'copy', source, target], {encoding: 'utf8'});
        expect({status, stderr}).toMatchObject({status: 0});
      };
      copy(`docker-archive:${ours}:acme/app:1`, `oci:${join(scratch, 'copied')}:app`);
      expect((await readImage(join(scratch, 'copied'), 'app')).config).toEqual(image.config);
      copy(`oci:${from}:latest`, `docker-archive:${join(scratch, 'theirs.tar')}:acme/theirs:1`);
      copy(`oci:${from}:latest`, `oci-archive:${join(scratch, 'oci.tar')}:theirs`);
      await readArchiveFile(join(scratch, 'theirs.tar'), {into: to});
      await readArchiveFile(join(scratch, 'oci.tar'), {into: to, names: ['as-oci']});
      const names = readdirSync(join(to, 'blobs', 'sha256'));
      expect(names.length).toBeGreaterThan(4);
      expect((await readImage(to, 'docker.io/acme/theirs:1')).config.rootfs).toEqual(image.config.rootfs);
      expect((await readImage(to, 'as-oci')).digest).toBe(image.digest);
    },
  );

  test('holds no layer that is not what its config says', async () => {
    const from = aTemporaryDirectory();
    const [layer] = (await anImage(from, ['right'], {names: ['right']})).written;
    if (!layer) throw new Error('no layer');
    const {mediaType, digest, size} = layer;
    const wrong = await writeImage(from, {
      manifest: {layers: [{mediaType, digest, size}]},
      config: aConfig({diffIds: [sha256Of('other')]}),
      names: ['wrong'],
    });
    await expect(written(from, [{digest: wrong.digest, tags: []}])).rejects.toMatchObject({kind: 'digest-mismatch'});
  });
});

describe('an archive from elsewhere', () => {
  test('may have links, directories, compressed layers and its list at the front', async () => {
    const [one, two, three] = [await aLayer('one'), await aLayer('two'), await aLayer('three')];
    const config = formatImageConfig(aConfig({diffIds: [one.diffId, two.diffId, three.diffId, one.diffId]}));
    const tar = await aTar([
      manifestJson({
        Config: 'config.json',
        RepoTags: ['acme/app:1'],
        Layers: ['a/layer.tar', 'two.tgz', 'three.zst', 'b/layer.tar'],
      }),
      {name: 'b/layer.tar', link: '../a/layer.tar'},
      {name: 'a/layer.tar', content: one.tar},
      {name: 'two.tgz', content: gzipSync(two.tar)},
      {name: 'three.zst', content: zstdCompressSync(three.tar)},
      {name: './config.json', content: config},
      {name: 'repositories', content: '{}'},
    ]);
    const into = aTemporaryDirectory();
    await readArchive(inPieces(tar, 777), 'the archive', {into});
    const image = await readImage(into, 'acme/app:1');
    expect(image.manifest.layers.map(({mediaType}) => mediaType)).toEqual([
      mediaTypes.layerTar,
      mediaTypes.layerGzip,
      mediaTypes.layerZstd,
      mediaTypes.layerTar,
    ]);
    expect(image.manifest.config.digest).toBe(sha256Of(config));
    const again = await written(into, [{digest: image.digest, tags: ['again:1']}]);
    const back = aTemporaryDirectory();
    await readArchive(inPieces(again), 'the archive', {into: back});
    expect((await readImage(back, 'again:1')).manifest.config.digest).toBe(sha256Of(config));
  });

  const good = async () => {
    const {tar, config} = await aLayer('one');
    return {
      layer: {name: 'layer.tar', content: tar},
      config: {name: 'config.json', content: config},
      list: manifestJson({Config: 'config.json', RepoTags: ['a:1'], Layers: ['layer.tar']}),
    };
  };

  test.each<[string, (parts: Awaited<ReturnType<typeof good>>) => readonly Part[], string]>([
    ['without a list', ({layer, config}) => [layer, config], 'bad-archive'],
    ['without a layer it lists', ({config, list}) => [config, list], 'bad-archive'],
    ['without the config', ({layer, list}) => [layer, list], 'bad-archive'],
    ['with another layer', ({config, list}) => [{name: 'layer.tar', content: 'x'}, config, list], 'digest-mismatch'],
    [
      'with a damaged compressed layer',
      ({layer, config, list}) => [{name: 'layer.tar', content: gzipSync(layer.content).subarray(0, 40)}, config, list],
      'bad-layout',
    ],
    ['with too few layers', ({config}) => [config, manifestJson({Config: 'config.json', Layers: []})], 'bad-archive'],
    ['with a list that is none', () => [{name: 'manifest.json', content: '{}'}], 'bad-archive'],
    ['with an empty list', () => [manifestJson()], 'bad-archive'],
    [
      'with links in a circle',
      ({config, list}) => [{name: 'layer.tar', link: 'other'}, {name: 'other', link: 'layer.tar'}, config, list],
      'bad-archive',
    ],
    [
      'with a link to this machine',
      ({config, list}) => [{name: 'layer.tar', link: '/etc/passwd'}, config, list],
      'bad-archive',
    ],
    [
      'whose list names a file of this machine',
      ({layer}) => [layer, manifestJson({Config: '../../../../etc/passwd', Layers: ['layer.tar']})],
      'bad-archive',
    ],
    [
      'with a name no layout takes',
      ({layer, config}) => [
        layer,
        config,
        manifestJson({Config: 'config.json', RepoTags: ['\u001B[2J'], Layers: ['layer.tar']}),
      ],
      'bad-reference',
    ],
    ['of a layout with a wrong blob', () => ociParts('not what its name says'), 'digest-mismatch'],
  ])('is refused %s, and leaves nothing beside blobs', async (_case, parts, kind) => {
    const into = aTemporaryDirectory();
    const tar = await aTar(parts(await good()));
    await expect(readArchive(inPieces(tar), 'the archive', {into})).rejects.toMatchObject({kind});
    expect(readdirSync(into)).toEqual(['blobs']);
    expect(readdirSync(join(into, 'blobs')).filter((name) => name !== 'sha256')).toEqual([]);
  });

  test.each([
    ['entries', {entries: 2}],
    ['bytes', {bytes: 1000}],
  ])('is read only up to its bound of %s', async (_case, limit) => {
    const {layer, config, list} = await good();
    const limits = {entries: 100, bytes: 1_000_000, pathBytes: 100, ...limit};
    const tar = await aTar([layer, config, list]);
    await expect(
      readArchive(inPieces(tar), 'the archive', {into: aTemporaryDirectory(), limits}),
    ).rejects.toMatchObject({kind: 'limit'});
  });

  test('is named after what is asked for, if it holds one image', async () => {
    const {layer, config, list} = await good();
    const into = aTemporaryDirectory();
    await readArchive(inPieces(await aTar([layer, config, list])), 'the archive', {into, names: ['mine']});
    expect((await readImage(into, 'mine')).manifest.layers).toHaveLength(1);
  });
});

function ociParts(blob: string): readonly Part[] {
  const digest = sha256Of('something else');
  const index = {schemaVersion: 2, manifests: [{mediaType: mediaTypes.manifest, digest, size: blob.length}]};
  return [
    {name: 'oci-layout', content: '{"imageLayoutVersion":"1.0.0"}'},
    {name: 'index.json', content: JSON.stringify(index)},
    {name: `blobs/sha256/${digest.slice('sha256:'.length)}`, content: blob},
  ];
}
