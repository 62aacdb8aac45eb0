// Layers on their way to disk: the same content gives the same bytes, whatever became of times and however it is written.
import {execFileSync} from 'node:child_process';
import {randomBytes} from 'node:crypto';
import {readdirSync, readFileSync, statSync, utimesSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {gunzipSync} from 'node:zlib';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {blobPath} from '../../source/oci/blob-store.ts';
import {sha256Of} from '../../source/oci/digest.ts';
import {GzipBlocks} from '../../source/oci/gzip-blocks.ts';
import {directoryLayerEntries} from '../../source/oci/layer-entries.ts';
import {hashLayer, writeLayer, writeLayerTar} from '../../source/oci/layer-writer.ts';
import type {TarEntry} from '../../source/oci/tar-writer.ts';
import {aTemporaryDirectory, writeTree} from './a-tree.ts';

const owner = {uid: 1000, gid: 1000, parents: false};

function aSmallTree(): string {
  return writeTree(aTemporaryDirectory(), {
    'bin/run': '#!/bin/sh\n',
    'lib/': '',
    link: '-> bin/run',
    'big.txt': 'x'.repeat(3_000_000),
  });
}

test('a layer is the same however it is written: hashed only, as a tar file, as a plain blob, compressed', async () => {
  const tree = aSmallTree();
  const place = aTemporaryDirectory();
  const entries = (): Iterable<TarEntry> => directoryLayerEntries(tree, {...owner, asPath: '/layers/bp/l'});
  const hashed = await hashLayer(entries());
  const plain = await writeLayer(entries(), {compress: false, into: place});
  const compressed = await writeLayer(entries(), {compress: true, into: place});
  const cached = await writeLayerTar(entries(), join(place, 'cached.tar'));
  expect(cached).toEqual(hashed);
  expect(plain).toEqual({
    diffId: hashed.diffId,
    digest: hashed.diffId,
    size: hashed.size,
    uncompressedSize: hashed.size,
    mediaType: 'application/vnd.oci.image.layer.v1.tar',
  });
  expect(compressed).toMatchObject({diffId: hashed.diffId, uncompressedSize: hashed.size});
  const blob = readFileSync(blobPath(place, compressed.digest));
  expect(sha256Of(blob)).toBe(compressed.digest);
  expect(blob.length).toBe(compressed.size);
  expect(gunzipSync(blob).equals(readFileSync(join(place, 'cached.tar')))).toBe(true);
});

test('a layer does not depend on modification times, and compressing twice gives the same blob', async () => {
  const tree = aSmallTree();
  const first = await writeLayer(directoryLayerEntries(tree, {...owner, asPath: '/l'}), {compress: true});
  utimesSync(join(tree, 'big.txt'), 1, 1);
  const second = await writeLayer(directoryLayerEntries(tree, {...owner, asPath: '/l'}), {compress: true});
  expect(second).toEqual(first);
});

test('an ordinary tar program lists and unpacks what was written', async () => {
  const place = aTemporaryDirectory();
  const tar = join(place, 'layer.tar');
  const deep = `deep/${'d'.repeat(120)}/${'e'.repeat(90)}`;
  const tree = writeTree(aTemporaryDirectory(), {
    'a/file': 'content',
    [deep]: 'far',
    'unicode-é': 'u',
    link: `-> ${'t'.repeat(150)}`,
  });
  await writeLayerTar(directoryLayerEntries(tree, {...owner, asPath: '/layers/l'}), tar);
  const listed = execFileSync('tar', ['--list', '--absolute-names', '--quoting-style=literal', '--file', tar], {
    encoding: 'utf8',
  });
  expect(listed.trim().split('\n')).toEqual([
    '/layers/l',
    '/layers/l/a',
    '/layers/l/a/file',
    '/layers/l/deep',
    `/layers/l/deep/${'d'.repeat(120)}`,
    `/layers/l/${deep}`,
    '/layers/l/link',
    '/layers/l/unicode-é',
  ]);
  execFileSync('tar', ['--extract', '--no-same-owner', '--file', tar, '--directory', place], {stdio: 'ignore'});
  expect(readFileSync(join(place, 'layers/l', deep), 'utf8')).toBe('far');
});

test('a file that changes its size while it is read is named, and no partial blob stays', async () => {
  const tree = aSmallTree();
  const place = aTemporaryDirectory();
  const entries = function* (): Generator<TarEntry> {
    for (const entry of directoryLayerEntries(tree, {...owner, asPath: '/l'})) {
      if (entry.path === '/l/big.txt') writeFileSync(join(tree, 'big.txt'), 'shorter');
      yield entry;
    }
  };
  await expect(writeLayer(entries(), {compress: true, into: place})).rejects.toMatchObject({
    kind: 'file-changed',
    message: expect.stringContaining('big.txt'),
  });
  expect(readdirSync(join(place, 'blobs'), {recursive: true})).toEqual(['sha256']);
});

test('content that gives fewer or more bytes than announced is refused', async () => {
  for (const text of ['abcd', 'abcdef']) {
    const entry: TarEntry = {
      path: '/f',
      kind: 'file',
      mode: 0o644,
      uid: 0,
      gid: 0,
      size: 5,
      content: () => [Buffer.from(text)],
    };
    await expect(hashLayer([entry])).rejects.toMatchObject({kind: 'file-changed'});
  }
});

test('memory stays flat while a large layer is written', async () => {
  const place = aTemporaryDirectory();
  const chunk = Buffer.alloc(1024 * 1024, 'slipway');
  let peak = 0;
  const content = function* (): Generator<Buffer> {
    for (let count = 0; count < 192; count++) {
      peak = Math.max(peak, process.memoryUsage().arrayBuffers);
      yield chunk;
    }
  };
  const before = process.memoryUsage().arrayBuffers;
  const size = 192 * chunk.length;
  const entry: TarEntry = {path: '/big', kind: 'file', mode: 0o644, uid: 0, gid: 0, size, content};
  const written = await writeLayer([entry], {compress: true, into: place});
  expect(statSync(blobPath(place, written.digest)).size).toBe(written.size);
  expect(peak - before).toBeLessThan(64 * 1024 * 1024);
});

test('gzip in blocks gives one ordinary gzip file for any content in any pieces', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({maxLength: 5000}), {maxLength: 20}),
      fc.integer({min: 1, max: 200}),
      async (pieces, times) => {
        const written: Buffer[] = [];
        const gzip = new GzipBlocks((chunk) => {
          written.push(chunk);
        });
        const content = pieces.flatMap((piece) => Array.from({length: times}, () => Buffer.from(piece)));
        for (const piece of content) await gzip.add(piece);
        await gzip.finish();
        expect(gunzipSync(Buffer.concat(written)).equals(Buffer.concat(content))).toBe(true);
      },
    ),
    {numRuns: 30},
  );
});

test.for([
  {what: 'noise alone', content: () => randomBytes(1_000_000), largest: 1_000_300},
  {what: 'noise that ends with a whole block', content: () => randomBytes(4 * 128 * 1024), largest: 524_600},
  {
    what: 'noise between text',
    content: () => Buffer.concat([aText(300_000), randomBytes(600_000), aText(300_000)]),
    largest: 800_000,
  },
  {what: 'text alone', content: () => aText(1_000_000), largest: 100_000},
])('gzip in blocks stores $what without growing it, and it unpacks', async ({content, largest}) => {
  const written: Buffer[] = [];
  const gzip = new GzipBlocks((chunk) => {
    written.push(chunk);
  });
  const bytes = content();
  await gzip.add(bytes);
  await gzip.finish();
  const compressed = Buffer.concat(written);
  expect(gunzipSync(compressed).equals(bytes)).toBe(true);
  expect(compressed.length).toBeLessThan(largest);
});

function aText(size: number): Buffer {
  return Buffer.alloc(size, 'a line of a text that comes again and again\n');
}
