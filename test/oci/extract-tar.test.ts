// Unpacking: what was archived comes back, and nothing hostile gets out of its directory.
import {execFileSync} from 'node:child_process';
import {lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import fc from 'fast-check';
import {type Header, pack} from 'tar-stream';
import {expect, test} from 'vitest';
import {sha256Of} from '../../source/oci/digest.ts';
import {type ExtractOptions, extractTar} from '../../source/oci/extract-tar.ts';
import {directoryLayerEntries} from '../../source/oci/layer-entries.ts';
import {hashLayer, writeLayerTar} from '../../source/oci/layer-writer.ts';
import {readTar, type TarHeader} from '../../source/oci/tar-reader.ts';
import {type TarEntry, writeTar} from '../../source/oci/tar-writer.ts';
import {aTemporaryDirectory, writeTree} from './a-tree.ts';

const owner = {uid: 1000, gid: 1000, asPath: '/layers/bp/l', parentOwner: {uid: 0, gid: 0}};

test('a layer that is unpacked makes the same layer again, read-only directories, odd modes and names included', async () => {
  const place = aTemporaryDirectory();
  const tree = writeTree(join(place, 'layers/bp/l'), {
    'bin/run': 'x',
    'empty/': '',
    link: '-> ../../../etc/passwd',
    [`long/${'n'.repeat(150)}/${'m'.repeat(120)}`]: 'far',
    'naïve-日本': 'unicode',
  });
  execFileSync('chmod', ['4755', join(tree, 'bin/run')]);
  execFileSync('chmod', ['0555', join(tree, 'bin')]);
  execFileSync('chmod', ['1777', join(tree, 'empty')]);
  execFileSync('chmod', ['0666', join(tree, 'naïve-日本')]);
  writeFileSync(Buffer.concat([Buffer.from(`${tree}/`), Buffer.from([0xff, 0x41])]), 'not UTF-8');
  const tar = join(place, 'layer.tar');
  const {diffId} = await writeLayerTar(directoryLayerEntries(tree, owner), tar);
  const root = aTemporaryDirectory();
  await extractTar({file: tar, digest: diffId, root, allowedPrefixes: ['/layers/bp/l']});
  const unpacked = await hashLayer(directoryLayerEntries(join(root, 'layers/bp/l'), owner));
  execFileSync('chmod', ['u+w', join(tree, 'bin'), join(root, 'layers/bp/l/bin')]);
  expect(unpacked.diffId).toBe(diffId);
});

test('an archive with a wrong digest is refused before anything is written', async () => {
  const root = aTemporaryDirectory();
  const file = join(aTemporaryDirectory(), 'a.tar');
  writeFileSync(file, await tarOf([aFile('/ok')]));
  const wrong = `sha256:${'0'.repeat(64)}`;
  await expect(extractTar({file, digest: wrong, root, allowedPrefixes: ['/']})).rejects.toMatchObject({
    kind: 'digest-mismatch',
  });
  expect(readdirSync(root)).toEqual([]);
});

test('gzip is recognised in a file, and broken gzip is an error in words', async () => {
  const root = aTemporaryDirectory();
  const file = join(aTemporaryDirectory(), 'a.tgz');
  const zipped = gzipSync(await tarOf([aFile('./a/b')]));
  writeFileSync(file, zipped);
  expect(await extractTar({file, digest: sha256Of(zipped), root, allowedPrefixes: ['/']})).toEqual({
    entries: 1,
    bytes: 7,
  });
  expect(readFileSync(join(root, 'a/b'), 'utf8')).toBe('content');
  writeFileSync(file, zipped.subarray(0, -20));
  await expect(extractTar({file, root, allowedPrefixes: ['/']})).rejects.toMatchObject({kind: 'bad-tar'});
});

test.each<[string, TestEntry[], string]>([
  ['a path with ..', [aFile('/l/../../etc/passwd')], 'unsafe-entry'],
  ['a relative path with ..', [aFile('../x')], 'unsafe-entry'],
  ['an absolute path outside the prefix', [aFile('/etc/passwd')], 'unsafe-entry'],
  ['a path beside the prefix that begins like it', [aFile('/layers/l2/x')], 'unsafe-entry'],
  ['a file in place of a directory above the prefix', [aFile('/layers')], 'unsafe-entry'],
  ['a link in place of a directory above the prefix', [aLink('/layers', '/etc')], 'unsafe-entry'],
  ['a file below a link of the archive', [aLink('/layers/l/d', '/tmp'), aFile('/layers/l/d/x')], 'unsafe-entry'],
  [
    'a directory in place of a link of the archive',
    [aLink('/layers/l/d', '/tmp'), aDirectory('/layers/l/d')],
    'unsafe-entry',
  ],
  [
    'a link in place of a directory of the archive',
    [aDirectory('/layers/l/d'), aLink('/layers/l/d', '/tmp')],
    'unsafe-entry',
  ],
  ['a hard link', [aFile('/layers/l/x'), {name: '/layers/l/y', type: 'link', linkname: '/layers/l/x'}], 'unsafe-entry'],
  ['a hard link to a file of the host', [{name: '/layers/l/y', type: 'link', linkname: '/etc/passwd'}], 'unsafe-entry'],
  ['a device', [{name: '/layers/l/null', type: 'character-device', devmajor: 1, devminor: 3}], 'unsafe-entry'],
  ['a pipe', [{name: '/layers/l/pipe', type: 'fifo'}], 'unsafe-entry'],
  ['a PAX name with ..', [{...aFile('/layers/l/x'), pax: {path: '/layers/l/../../x'}}], 'unsafe-entry'],
  [
    'a PAX record for a sparse file',
    [{...aFile('/layers/l/x'), pax: {'GNU.sparse.realsize': '9999999999'}}],
    'unsupported',
  ],
  ['too many entries', Array.from({length: 12}, (_, index) => aFile(`/layers/l/${index}`)), 'limit'],
  ['too much content', [aFile('/layers/l/x', 'x'.repeat(3000))], 'limit'],
  ['a path that is too long', [aFile(`/layers/l/${'x/'.repeat(200)}x`)], 'limit'],
  ['a link target that is too long', [aLink('/layers/l/x', 'x'.repeat(500))], 'limit'],
])('is refused, and nothing lands outside: %s', async (_name, entries, kind) => {
  const place = aTemporaryDirectory();
  const root = join(place, 'root');
  mkdirSync(root);
  const limits = {entries: 10, bytes: 2000, pathBytes: 300};
  await expect(extract(entries, {root, allowedPrefixes: ['/layers/l'], limits})).rejects.toMatchObject({kind});
  expect(readdirSync(place)).toEqual(['root']);
  expect(readdirSync(root).filter((name) => name !== 'layers')).toEqual([]);
});

test('a link that already stands in the directory is not followed', async () => {
  const outside = aTemporaryDirectory();
  const root = aTemporaryDirectory();
  symlinkSync(outside, join(root, 'l'));
  await expect(extract([aFile('/l/x')], {root, allowedPrefixes: ['/l']})).rejects.toMatchObject({kind: 'unsafe-entry'});
  const inside = aTemporaryDirectory();
  symlinkSync(join(outside, 'victim'), join(inside, 'x'));
  await extract([aFile('/x')], {root: inside, allowedPrefixes: ['/']});
  expect(readdirSync(outside)).toEqual([]);
  expect(lstatSync(join(inside, 'x')).isFile()).toBe(true);
});

test.each([
  ['/etc/passwd', false],
  ['../../x', false],
  ['../x', true],
  ['a/../..', false],
  ['./a//b', true],
  ['..', true],
])('when links must stay inside, the target %s is accepted: %s', async (target, isAccepted) => {
  const root = aTemporaryDirectory();
  const done = extract([aLink('/d/link', target)], {root, allowedPrefixes: ['/'], linksInside: true});
  if (!isAccepted) await expect(done).rejects.toMatchObject({kind: 'unsafe-entry'});
  await done.then(
    () => expect(readlinkSync(join(root, 'd/link'))).toBe(target),
    () => expect(readdirSync(root)).not.toContain('link'),
  );
});

test('directories above the prefix are made when missing and left alone when present', async () => {
  const root = writeTree(aTemporaryDirectory(), {'layers/mine/': ''});
  execFileSync('chmod', ['0711', join(root, 'layers')]);
  await extract(
    [aDirectory('/layers'), aDirectory('/layers/bp'), aDirectory('/layers/bp/l'), aFile('/layers/bp/l/x')],
    {
      root,
      allowedPrefixes: ['/layers/bp/l'],
      modeMask: 0o700,
    },
  );
  expect(lstatSync(join(root, 'layers')).mode & 0o7777).toBe(0o711);
  expect(lstatSync(join(root, 'layers/bp/l/x')).mode & 0o7777).toBe(0o600);
});

test('an archive of any other tar program is read: GNU long names, PAX, old numbers', async () => {
  const tree = writeTree(aTemporaryDirectory(), {
    [`a/${'b'.repeat(130)}/${'c'.repeat(130)}`]: 'deep',
    link: `-> ${'t'.repeat(200)}`,
  });
  for (const format of ['gnu', 'pax', 'ustar', 'v7']) {
    const names = format === 'gnu' || format === 'pax' ? ['a', 'link'] : ['.'];
    const small = names[0] === 'a' ? tree : writeTree(aTemporaryDirectory(), {'x/y': 'deep', link: '-> x'});
    const tar = execFileSync('tar', ['--create', `--format=${format}`, '--directory', small, ...names], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const root = aTemporaryDirectory();
    await extractTar({stream: inChunks(tar, 700), root, allowedPrefixes: ['/']});
    expect(readdirSync(root, {recursive: true}).toSorted()).toEqual(readdirSync(small, {recursive: true}).toSorted());
    expect(readlinkSync(join(root, 'link'))).toBe(readlinkSync(join(small, 'link')));
  }
});

test('any archive comes back entry by entry, in whatever chunks it arrives', async () => {
  const entry = fc.record({
    path: fc.string({unit: 'binary', minLength: 1, maxLength: 200}).map((text) => `/${text.replaceAll('\0', 'x')}x`),
    mode: fc.nat(0o7777),
    uid: fc.nat(),
    content: fc.uint8Array({maxLength: 1500}).map((bytes) => Buffer.from(bytes)),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, {maxLength: 6}), fc.integer({min: 1, max: 2000}), async (entries, size) => {
      const written = entries.map(
        (fields): TarEntry => ({...fields, kind: 'file', gid: 0, size: fields.content.length}),
      );
      const chunks: Buffer[] = [];
      await writeTar(written, (chunk) => {
        chunks.push(chunk);
      });
      const read: unknown[] = [];
      for await (const {header, content} of readTar(inChunks(Buffer.concat(chunks), size))) {
        read.push({...header, content: Buffer.concat(await collect(content))});
      }
      expect(read).toEqual(written.map((fields) => ({...fields, linkTarget: ''})));
    }),
    {numRuns: 60},
  );
});

test('a damaged archive is an error, never a hang or a crash', async () => {
  const whole = await tarOf([aFile('/a', 'x'.repeat(600)), aLink('/b', 'y'.repeat(120)), aDirectory('/c')]);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), async (at, byte, end) => {
      const damaged = Buffer.from(whole.subarray(0, end));
      if (at < damaged.length) damaged[at] = byte;
      const outcome = await headersOf(damaged).catch((error: unknown) => error);
      expect(Array.isArray(outcome) || (outcome instanceof Error && outcome.name === 'OciError')).toBe(true);
    }),
    {numRuns: 300},
  );
});

test('what is no archive, is cut off, or announces nonsense is named', async () => {
  const whole = await tarOf([aFile('/a', 'x'.repeat(600))]);
  const negative = Buffer.from(whole);
  negative.fill(0xff, 124, 136);
  await expect(headersOf(Buffer.alloc(600, 'text'))).rejects.toMatchObject({kind: 'bad-tar'});
  await expect(headersOf(whole.subarray(0, 700))).rejects.toThrow('cut off');
  await expect(headersOf(negative)).rejects.toMatchObject({kind: 'bad-tar'});
  await expect(headersOf(whole.subarray(0, 300))).rejects.toThrow('cut off');
});

type TestEntry = Partial<Header> & {readonly name: string; readonly pax?: Readonly<Record<string, string>>} & {
  readonly content?: string;
};

function aFile(name: string, content = 'content'): TestEntry {
  return {name, type: 'file', mode: 0o644, content};
}

function aDirectory(name: string): TestEntry {
  return {name, type: 'directory', mode: 0o755};
}

function aLink(name: string, linkname: string): TestEntry {
  return {name, type: 'symlink', linkname, mode: 0o777};
}

/** An archive made by another library than ours. */
async function tarOf(entries: readonly TestEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const {content, ...header} of entries) archive.entry(header, content ?? '');
  archive.finalize();
  return Buffer.concat(await collect(archive as unknown as AsyncIterable<Buffer>));
}

async function extract(
  entries: readonly TestEntry[],
  options: Omit<ExtractOptions, 'file' | 'stream' | 'digest'>,
): Promise<unknown> {
  return extractTar({...options, stream: inChunks(await tarOf(entries), 512)});
}

async function headersOf(bytes: Buffer): Promise<readonly TarHeader[]> {
  const headers: TarHeader[] = [];
  for await (const {header} of readTar(inChunks(bytes, 1000))) headers.push(header);
  return headers;
}

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let offset = 0; offset < bytes.length; offset += size) yield bytes.subarray(offset, offset + size);
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}
