// Image layouts: what is written is read again, names move in one step, and what others wrote is believed only after a check.
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import {dirname, join} from 'node:path';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {digestHex, sha256Of} from '../../source/oci/digest.ts';
import {formatImageConfig, type ImageConfig, parseImageConfig} from '../../source/oci/image-config.ts';
import {
  blobPath,
  encodeImage,
  hasBlob,
  linkBlob,
  nameManifest,
  readBlob,
  readConfig,
  readImage,
  readLayout,
  readManifest,
  refName,
  removeNames,
  resolveManifest,
  writeBlob,
  writeImage,
} from '../../source/oci/image-layout.ts';
import {aTemporaryDirectory} from './a-tree.ts';
import {aConfig, anImage, writeTextLayer} from './an-image.ts';

test('an image is read as it was written, under each of its names, by digest, and alone without a name', async () => {
  const directory = aTemporaryDirectory();
  const written = await anImage(directory, ['one', 'two'], {names: ['latest', 'b1'], labels: {b: '<2>', a: '1'}});
  for (const wanted of ['latest', 'b1', written.digest, undefined]) {
    const image = await readImage(directory, wanted);
    expect(image.digest).toBe(written.digest);
    expect(image.manifest).toEqual(written.manifest);
    expect(image.config).toEqual(written.config);
  }
  expect((await readLayout(directory)).index.manifests.map(refName)).toEqual(['b1', 'latest']);
});

test('a manifest has OCI media types throughout, and the same image gives the same bytes', async () => {
  const directory = aTemporaryDirectory();
  const layer = await writeTextLayer(directory, 'one');
  const docker = {
    digest: layer.digest,
    size: layer.size,
    mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
  };
  const config = aConfig({diffIds: [layer.diffId], labels: {z: '1', a: '2'}});
  const encoded = encodeImage({manifest: {layers: [docker]}, config});
  expect(JSON.parse(encoded.manifestBytes.toString())).toEqual({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      size: encoded.configBytes.length,
      digest: sha256Of(encoded.configBytes),
    },
    layers: [{...docker, mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip'}],
  });
  const again = await writeImage(directory, {manifest: {layers: [docker]}, config, names: []});
  expect(again.manifestBytes.equals(encoded.manifestBytes)).toBe(true);
});

test('a name moves to the newer image; the older one stays findable by digest', async () => {
  const directory = aTemporaryDirectory();
  const first = await anImage(directory, ['one'], {names: ['latest', 'b1']});
  const second = await anImage(directory, ['two'], {names: ['latest']});
  expect((await readImage(directory, 'latest')).digest).toBe(second.digest);
  expect((await readImage(directory, 'b1')).digest).toBe(first.digest);
  await removeNames(directory, ['b1']);
  await expect(readImage(directory, 'b1')).rejects.toMatchObject({
    kind: 'not-found',
    message: expect.stringContaining('"latest"'),
  });
  expect((await readImage(directory, first.digest)).digest).toBe(first.digest);
  const descriptor = await resolveManifest(directory, first.digest);
  await nameManifest(directory, descriptor, ['latest']);
  expect((await readImage(directory, 'latest')).digest).toBe(first.digest);
});

test('an image without a name replaces itself, and annotations stand on its descriptor', async () => {
  const directory = aTemporaryDirectory();
  const layer = await writeTextLayer(directory, 'one');
  const request = {
    manifest: {layers: [{mediaType: layer.mediaType, digest: layer.digest, size: layer.size}]},
    config: aConfig({diffIds: [layer.diffId]}),
    names: [],
    annotations: {'com.example.note': 'x'},
  };
  await writeImage(directory, request);
  await writeImage(directory, request);
  expect((await readLayout(directory)).index.manifests).toMatchObject([{annotations: {'com.example.note': 'x'}}]);
});

test('an image whose layers are not there is not written', async () => {
  const directory = aTemporaryDirectory();
  const layer = {mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: sha256Of('nothing'), size: 7};
  const request = {manifest: {layers: [layer]}, config: aConfig({diffIds: [layer.digest]}), names: ['latest']};
  await expect(writeImage(directory, request)).rejects.toMatchObject({kind: 'not-found'});
  expect(readdirSync(directory)).toEqual([]);
});

test.each(['', 'a b', '../x', 'x\n', sha256Of('x')])('%j is no name for an image', async (name) => {
  const directory = aTemporaryDirectory();
  await expect(anImage(directory, [], {names: [name]})).rejects.toMatchObject({kind: 'bad-reference'});
});

test('several images without a wanted name are an error that lists them', async () => {
  const directory = aTemporaryDirectory();
  await anImage(directory, ['one'], {names: ['a']});
  await anImage(directory, ['two'], {names: ['b']});
  await expect(resolveManifest(directory)).rejects.toMatchObject({
    kind: 'not-found',
    message: expect.stringContaining('"a", "b"'),
  });
});

test('a name may be a whole reference and is then found by its tag', async () => {
  const directory = aTemporaryDirectory();
  const image = await anImage(directory, ['one'], {names: ['ghcr.io/acme/app:1']});
  expect((await resolveManifest(directory, '1')).digest).toBe(image.digest);
});

const host = {x64: 'amd64', arm64: 'arm64'}[process.arch as string] ?? process.arch;

test.each([
  [
    'the host among others',
    [
      ['linux', host],
      ['windows', host],
      ['linux', 's390x'],
    ],
    0,
  ],
  [
    'the only one besides an attestation',
    [
      ['linux', 's390x'],
      ['unknown', 'unknown'],
    ],
    0,
  ],
  [
    'none that fits',
    [
      ['linux', 's390x'],
      ['linux', 'riscv64'],
    ],
    undefined,
  ],
])('of an index for several platforms: %s', async (_name, platforms, expected) => {
  const directory = aTemporaryDirectory();
  const manifests = [];
  for (const [os = '', architecture = ''] of platforms) {
    const image = await anImage(directory, [`${os}-${architecture}`], {names: ['x'], os, architecture});
    manifests.push({
      ...(await resolveManifest(directory, image.digest)),
      annotations: undefined,
      platform: {os, architecture},
    });
  }
  const index = await writeBlob(directory, Buffer.from(JSON.stringify({schemaVersion: 2, manifests})));
  const descriptor = {mediaType: 'application/vnd.docker.distribution.manifest.list.v2+json', ...index};
  await nameManifest(directory, descriptor, ['many']);
  const outcome = resolveManifest(directory, 'many');
  if (expected === undefined) await expect(outcome).rejects.toMatchObject({kind: 'not-found'});
  else expect((await outcome).digest).toBe(manifests[expected]?.digest);
});

test('blobs come from the pool by hard link, and a second time not at all', async () => {
  const pool = aTemporaryDirectory();
  const directory = aTemporaryDirectory();
  const {digest} = await writeBlob(pool, Buffer.from('blob'));
  expect(await linkBlob(pool, directory, digest)).toBe('linked');
  expect(statSync(blobPath(directory, digest)).ino).toBe(statSync(blobPath(pool, digest)).ino);
  expect(await linkBlob(pool, directory, digest)).toBe('present');
  await expect(linkBlob(pool, directory, sha256Of('other'))).rejects.toMatchObject({kind: 'not-found'});
  expect(readdirSync(join(directory, 'blobs'))).toEqual(['sha256']);
});

test('a link in place of a blob is neither linked nor read', async () => {
  const pool = aTemporaryDirectory();
  const digest = sha256Of(readFileSync('/etc/hostname'));
  mkdirSync(dirname(blobPath(pool, digest)), {recursive: true});
  symlinkSync('/etc/hostname', blobPath(pool, digest));
  await expect(linkBlob(pool, aTemporaryDirectory(), digest)).rejects.toMatchObject({kind: 'not-found'});
  await expect(readBlob(pool, {digest}, 1000)).rejects.toMatchObject({kind: 'bad-layout'});
  expect(await hasBlob(pool, digest)).toBe(false);
});

test('a blob is written once and is complete when it has its name', async () => {
  const directory = aTemporaryDirectory();
  const bytes = Buffer.from('blob');
  const first = await writeBlob(directory, bytes);
  const inode = statSync(blobPath(directory, first.digest)).ino;
  expect(await writeBlob(directory, bytes)).toEqual(first);
  expect(statSync(blobPath(directory, first.digest)).ino).toBe(inode);
  truncateSync(blobPath(directory, first.digest), 2);
  await writeBlob(directory, bytes);
  expect(readFileSync(blobPath(directory, first.digest)).equals(bytes)).toBe(true);
});

const good = {mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: sha256Of('x'), size: 1};

test.each<[string, string, unknown, RegExp]>([
  ['oci-layout', 'bad-layout', {imageLayoutVersion: '2.0.0'}, /oci-layout, field imageLayoutVersion, got "2.0.0"/],
  ['oci-layout', 'bad-layout', 'not JSON', /Expected JSON in .*oci-layout/],
  ['oci-layout', 'limit', ' '.repeat(5000), /at most 4096 bytes/],
  ['index.json', 'bad-manifest', {schemaVersion: 1, manifests: []}, /field schemaVersion/],
  ['index.json', 'bad-manifest', [], /the whole document/],
  ['index.json', 'bad-manifest', {schemaVersion: 2, manifests: {}}, /field manifests/],
  [
    'index.json',
    'bad-manifest',
    {schemaVersion: 2, manifests: [good, {...good, digest: 'sha256:../..'}]},
    /manifests\[1\]\.digest/,
  ],
  ['index.json', 'bad-manifest', {schemaVersion: 2, manifests: [{...good, size: -1}]}, /manifests\[0\]\.size/],
  ['index.json', 'bad-manifest', {schemaVersion: 2, manifests: [{...good, annotations: {a: 1}}]}, /annotations\.a/],
  ['index.json', 'bad-manifest', {schemaVersion: 2, manifests: [], layers: []}, /manifest or an index/],
  ['index.json', 'bad-manifest', {schemaVersion: 2, mediaType: 'text/html', manifests: []}, /field mediaType/],
])('a wrong %s is an error (%s) that names file and field: %j', async (file, kind, content, words) => {
  const directory = aTemporaryDirectory();
  await anImage(directory, ['one']);
  writeFileSync(join(directory, file), typeof content === 'string' ? content : JSON.stringify(content));
  await expect(readImage(directory, 'latest')).rejects.toMatchObject({kind, message: expect.stringMatching(words)});
});

test.each<[string, object, RegExp]>([
  ['manifest', {layers: 'none'}, /field layers/],
  ['manifest', {config: {}}, /config\.mediaType/],
  ['config', {architecture: undefined}, /field architecture/],
  ['config', {rootfs: {type: 'layers', diff_ids: ['x']}}, /rootfs\.diff_ids\[0\]/],
  ['config', {rootfs: {type: 'layers', diff_ids: []}}, /1 layers, as in the manifest/],
  ['config', {config: {Env: ['A=1', 2]}}, /config\.Env\[1\]/],
  ['config', {config: {Labels: {a: {}}}}, /config\.Labels\.a/],
  ['config', {history: [{created_by: 1}]}, /history\[0\]\.created_by/],
])('a wrong %s is an error that names the field: %j', async (document, change, words) => {
  const directory = aTemporaryDirectory();
  const layer = await writeTextLayer(directory, 'one');
  const configBytes = Buffer.from(
    JSON.stringify({...aConfig({diffIds: [layer.diffId]}), ...(document === 'config' && change)}),
  );
  const config = {mediaType: 'application/vnd.oci.image.config.v1+json', ...(await writeBlob(directory, configBytes))};
  const layers = [{mediaType: layer.mediaType, digest: layer.digest, size: layer.size}];
  const manifest = {schemaVersion: 2, config, layers, ...(document === 'manifest' && change)};
  const written = await writeBlob(directory, Buffer.from(JSON.stringify(manifest)));
  const reading = readManifest(directory, written).then((read) => readConfig(directory, read));
  await expect(reading).rejects.toMatchObject({kind: 'bad-manifest', message: expect.stringMatching(words)});
});

test('a blob that is not what its name says, or not as long as its descriptor says, is refused', async () => {
  const directory = aTemporaryDirectory();
  const {digest} = await anImage(directory, ['one']);
  const bytes = readFileSync(blobPath(directory, digest));
  const write = (content: Buffer): void => {
    rmSync(blobPath(directory, digest));
    writeFileSync(blobPath(directory, digest), content);
  };
  write(Buffer.concat([bytes, Buffer.from(' ')]));
  await expect(readImage(directory)).rejects.toMatchObject({kind: 'digest-mismatch'});
  write(Buffer.concat([bytes.subarray(1), Buffer.from(' ')]));
  await expect(readImage(directory)).rejects.toMatchObject({kind: 'digest-mismatch'});
  rmSync(blobPath(directory, digest));
  await expect(readImage(directory)).rejects.toMatchObject({kind: 'not-found'});
});

test('a missing layout says so', async () => {
  await expect(readLayout(join(aTemporaryDirectory(), 'none'))).rejects.toMatchObject({kind: 'not-found'});
});

test('a config keeps what it does not know, and its bytes have an order of their own', () => {
  const text = JSON.stringify({
    rootfs: {diff_ids: [], type: 'layers'},
    history: null,
    'x-other': {b: 1, a: [null, {z: 1, y: 2}]},
    os: 'linux',
    config: {Shell: ['/bin/sh'], Labels: {b: '<', a: '&'}, Env: ['A=1'], Volumes: {'/v': {}}, Cmd: null, User: ''},
    architecture: 'amd64',
  });
  expect(formatImageConfig(parseImageConfig(Buffer.from(text), 'test')).toString()).toBe(
    '{"architecture":"amd64","os":"linux","config":{"Env":["A=1"],"Volumes":{"/v":{}},"Labels":{"a":"\\u0026","b":"\\u003c"},"Shell":["/bin/sh"]},' +
      '"rootfs":{"type":"layers","diff_ids":[]},"x-other":{"a":[null,{"y":2,"z":1}],"b":1}}',
  );
});

test('any config survives writing and reading', () => {
  const config = fc.record({
    architecture: fc.string({minLength: 1}),
    os: fc.constant('linux'),
    config: fc.record({
      Env: fc.array(fc.string({unit: 'grapheme'}), {minLength: 1}),
      Labels: fc.dictionary(fc.string({minLength: 1}), fc.string({unit: 'grapheme'}), {minKeys: 1}),
    }),
    rootfs: fc.constant({type: 'layers', diff_ids: [sha256Of('a')]}),
  });
  fc.assert(
    fc.property(config, (value) => {
      expect(parseImageConfig(formatImageConfig(value as ImageConfig), 'test')).toEqual(
        JSON.parse(JSON.stringify(value)),
      );
    }),
  );
});

test('the index is replaced, never changed in place: a link to the old one keeps the old text', async () => {
  const directory = aTemporaryDirectory();
  await anImage(directory, ['one']);
  linkSync(join(directory, 'index.json'), join(directory, 'old'));
  const before = readFileSync(join(directory, 'old'), 'utf8');
  await anImage(directory, ['two'], {names: ['b2']});
  expect(readFileSync(join(directory, 'old'), 'utf8')).toBe(before);
  expect(readdirSync(directory).toSorted()).toEqual(['blobs', 'index.json', 'oci-layout', 'old']);
  expect(readdirSync(join(directory, 'blobs', 'sha256')).every((name) => digestHex(`sha256:${name}`) === name)).toBe(
    true,
  );
});
