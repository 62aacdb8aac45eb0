// What comes out of the layout volume was written by the builder's own lifecycle: nothing in it is believed.
import {createHash} from 'node:crypto';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {layoutPathOf, takeOutLayout, withoutLayers} from '../../source/executors/container/exported-layout.ts';
import {tarStream} from '../../source/executors/container/tar-stream.ts';
import {readImage} from '../../source/oci/image-layout.ts';
import type {TarEntry} from '../../source/oci/tar-writer.ts';

let directory = '';
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'slipway-exported-'));
});
afterEach(() => rm(directory, {recursive: true, force: true}));

const sha = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const layer = Buffer.from('a layer');
const config = Buffer.from(
  JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: {type: 'layers', diff_ids: [`sha256:${sha(layer)}`]},
    history: [{created_by: "Layer: 'launched', Created by buildpack: acme/tool@1.2.3"}],
  }),
);
const manifest = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      digest: `sha256:${sha(config)}`,
      size: config.length,
    },
    layers: [
      {mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: `sha256:${sha(layer)}`, size: layer.length},
    ],
  }),
);
const index = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: `sha256:${sha(manifest)}`,
        size: manifest.length,
      },
    ],
  }),
);

const file = (name: string, content: Buffer): TarEntry => ({
  path: `latest/${name}`,
  kind: 'file',
  mode: 0o600,
  uid: 1001,
  gid: 1000,
  content,
});
const anImage = (more: readonly TarEntry[] = []): readonly TarEntry[] => [
  file('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}')),
  file('index.json', index),
  ...[layer, config, manifest].map((bytes) => file(`blobs/sha256/${sha(bytes)}`, bytes)),
  ...more,
];

test('an image is taken out, with the sizes of the layers that the lifecycle names', async () => {
  const taken = await takeOutLayout(tarStream(anImage()), directory);
  expect(taken).toMatchObject({layout: path.join(directory, 'layout'), digest: `sha256:${sha(manifest)}`});
  expect([...taken.sizes]).toEqual([['acme/tool:launched', layer.length]]);
});

test("layers that it calls by Docker's media types in an OCI manifest are called by OCI's", async () => {
  const mixed = Buffer.from(
    manifest.toString().replace('vnd.oci.image.layer.v1.tar+gzip', 'vnd.docker.image.rootfs.diff.tar.gzip'),
  );
  const mixedIndex = Buffer.from(
    index.toString().replace(sha(manifest), sha(mixed)).replace(`"size":${manifest.length}`, `"size":${mixed.length}`),
  );
  const entries = [
    ...anImage().filter(({path: place}) => !place.endsWith('index.json') && !place.endsWith(sha(manifest))),
    file('index.json', mixedIndex),
    file(`blobs/sha256/${sha(mixed)}`, mixed),
  ];
  const taken = await takeOutLayout(tarStream(entries), directory);
  expect(taken.digest).toBe(`sha256:${sha(manifest)}`);
  expect((await readImage(taken.layout)).manifest.layers).toMatchObject([
    {mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: `sha256:${sha(layer)}`},
  ]);
});

test('what a phase gets of an earlier image is its documents, in the place that the lifecycle looks in', async () => {
  const {layout, digest} = await takeOutLayout(tarStream(anImage()), directory);
  const files = await withoutLayers('registry.example:5000/team/app', {layout, digest});
  const place = 'registry.example:5000/team/app/latest';
  expect([...files.keys()].toSorted()).toEqual(
    [
      `${place}/oci-layout`,
      `${place}/index.json`,
      ...[manifest, config].map((bytes) => `${place}/blobs/sha256/${sha(bytes)}`),
    ].toSorted(),
  );
});

test.each([
  ['app', '/layout-repo/index.docker.io/library/app/latest'],
  ['registry.example/team/app:1', '/layout-repo/registry.example/team/app/1'],
])('%s lies at %s', (reference, expected) => {
  expect(layoutPathOf(reference)).toBe(expected);
});

describe('a hostile lifecycle', () => {
  const link = (name: string, linkTarget: string): TarEntry => ({
    path: `latest/${name}`,
    kind: 'symlink',
    mode: 0o777,
    uid: 0,
    gid: 0,
    linkTarget,
  });
  const zeros = '0'.repeat(64);
  test.each([
    [
      'a blob that is not what its name says',
      [file(`blobs/sha256/${zeros}`, Buffer.from('another image'))],
      /what its name says/,
    ],
    ['a link for a blob', [link(`blobs/sha256/${zeros}`, '/etc/shadow')], /a regular file/],
    ['a link for a directory', [link('more', '/etc')], /expected nothing/],
    ['a file beside', [file('evil', Buffer.from('x'))], /expected nothing/],
    ['a name that leads out', [{...file('x', Buffer.from('x')), path: 'latest/../../x'}], /without \.\./],
    ['a second directory', [{...file('x', Buffer.from('x')), path: 'other/x'}], /one directory/],
  ])('%s is refused', async (_what, entries, message) => {
    await expect(takeOutLayout(tarStream(anImage(entries)), directory)).rejects.toThrow(message);
  });
});
