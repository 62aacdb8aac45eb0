import {chmodSync, readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {crc32, deflateRawSync} from 'node:zlib';
import {createHash} from 'node:crypto';
import {execa} from 'execa';
import {describe, expect, test} from 'vitest';
import type {LocalSource} from '../../source/domain/source.ts';
import {aDirectory, aResolver, never, problemOf, writeFiles} from './a-repository.ts';

type Entry = {
  readonly name: string;
  readonly text?: string;
  readonly mode?: number;
  readonly method?: number;
  readonly flags?: number;
  readonly size?: number;
  readonly checksum?: number;
};

/** A zip archive made of these entries, true or false as they are. */
function aZip(entries: readonly Entry[], {before = Buffer.alloc(0), long = false} = {}): LocalSource {
  const locals: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const {name, text = '', mode = 0o10_0644, method = 8, flags = 0, ...lies} of entries) {
    const content = Buffer.from(text);
    const packed = method === 8 ? deflateRawSync(content) : content;
    const size = lies.size ?? content.length;
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(45, 0);
    fields.writeUInt16LE(flags, 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(lies.checksum ?? crc32(content), 10);
    fields.writeUInt32LE(long ? 0xff_ff_ff_ff : packed.length, 14);
    fields.writeUInt32LE(long ? 0xff_ff_ff_ff : size, 18);
    fields.writeUInt16LE(Buffer.byteLength(name), 22);
    locals.push(Buffer.from('PK\u0003\u0004'), fields, Buffer.from(name), packed);
    const extra = Buffer.alloc(long ? 28 : 0);
    if (long) {
      extra.writeUInt16LE(1, 0);
      extra.writeUInt16LE(24, 2);
      for (const [index, value] of [size, packed.length, offset].entries())
        extra.writeBigUInt64LE(BigInt(value), 4 + index * 8);
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(mode * 0x1_00_00, 6);
    tail.writeUInt32LE(long ? 0xff_ff_ff_ff : offset, 10);
    const lengths = Buffer.from(fields);
    lengths.writeUInt16LE(extra.length, 24);
    central.push(Buffer.from('PK\u0001\u0002'), Buffer.from([45, 3]), lengths, tail, Buffer.from(name), extra);
    offset += 30 + Buffer.byteLength(name) + packed.length;
  }
  const list = Buffer.concat(central);
  const ends = long ? [longEnd(entries.length, list.length, offset)] : [];
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt16LE(long ? 0xff_ff : entries.length, 10);
  end.writeUInt32LE(long ? 0xff_ff_ff_ff : list.length, 12);
  end.writeUInt32LE(long ? 0xff_ff_ff_ff : offset, 16);
  return aFile(Buffer.concat([before, ...locals, list, ...ends, end]));
}

function longEnd(count: number, size: number, offset: number): Buffer {
  const record = Buffer.alloc(76);
  record.write('PK\u0006\u0006', 'latin1');
  for (const [at, value] of [
    [4, 44],
    [24, count],
    [32, count],
    [40, size],
    [48, offset],
    [64, offset + size],
  ] as const)
    record.writeBigUInt64LE(BigInt(value), at);
  record.write('PK\u0006\u0007', 56, 'latin1');
  return record;
}

function aFile(bytes: Buffer | string): LocalSource {
  const path = join(aDirectory(), 'app.zip');
  writeFileSync(path, bytes);
  return {kind: 'local', path};
}

async function aZipOf(files: Readonly<Record<string, string>>, prepare = (_root: string) => {}): Promise<LocalSource> {
  const root = writeFiles(aDirectory(), files);
  prepare(root);
  const path = join(aDirectory(), 'app.zip');
  await execa('zip', ['--quiet', '--recurse-paths', '--symlinks', path, '.'], {cwd: root});
  return {kind: 'local', path};
}

test('the revision of an archive is the digest of its bytes', async () => {
  const source = aZip([{name: 'a', text: '1'}]);
  const digest = createHash('sha256').update(readFileSync(source.path)).digest('hex');
  expect(await aResolver().look(source)).toEqual({kind: 'local', type: 'Archive', revision: `sha256:${digest}`});
});

test('an archive is unpacked as zip packed it', async () => {
  const files = {
    run: 'x',
    'a/b/c': 'text '.repeat(100_000),
    link: '-> a/b',
    outside: '-> /etc/passwd',
    'empty/': '',
    nothing: '',
  };
  const source = await aZipOf(files, (root) => chmodSync(join(root, 'run'), 0o755));
  const {files: unpacked, fetched, log} = await aResolver().get(source);
  expect(unpacked).toEqual({...files, run: '#x x'});
  expect(fetched.metadata.type).toBe('archive');
  expect(log[1]).toContain('Successfully copied');
});

test('sub path and project descriptor count', async () => {
  const source = await aZipOf({
    'app/project.toml': '[build]\nexclude = ["*.md"]\n[[build.env]]\nname = "A"\nvalue = "1"',
    'app/a': '1',
    'app/b.md': 'x',
    other: 'x',
  });
  const {files, fetched} = await aResolver().get({...source, subPath: 'app'});
  expect(Object.keys(files).toSorted()).toEqual(['a', 'project.toml']);
  expect(fetched.env).toEqual([{name: 'A', value: '1'}]);
});

test('stored files, a script before the archive, and the long form are read', async () => {
  const entries = [{name: 'd/'}, {name: 'd/a', text: 'stored', method: 0}, {name: 'b', text: 'packed'}];
  const expected = {'d/a': 'stored', b: 'packed'};
  expect((await aResolver().get(aZip(entries))).files).toEqual(expected);
  expect((await aResolver().get(aZip(entries, {before: Buffer.from('#!/bin/sh\n')}))).files).toEqual(expected);
  expect((await aResolver().get(aZip(entries, {long: true}))).files).toEqual(expected);
});

test('an archive without anything in it is an empty source', async () => {
  expect((await aResolver().get(aZip([]))).files).toEqual({});
});

const link = 0o12_0777;

describe('a hostile archive is refused, and nothing is left behind', () => {
  test.each<[string, readonly Entry[], RegExp]>([
    ['a name that climbs', [{name: '../x', text: 'x'}], /leads out of it/],
    ['a name that climbs later', [{name: 'a/../../x', text: 'x'}], /leads out of it/],
    ['an absolute name', [{name: '/etc/x', text: 'x'}], /leads out of it/],
    ['a backslash', [{name: '..\\x', text: 'x'}], /leads out of it/],
    ['a drive letter', [{name: 'C:/x', text: 'x'}], /leads out of it/],
    ['a zero byte', [{name: 'a\0b', text: 'x'}], /leads out of it/],
    [
      'a file below a link',
      [
        {name: 'l', text: '/tmp', mode: link},
        {name: 'l/x', text: 'x'},
      ],
      /lies below "l"/,
    ],
    [
      'a link after its file',
      [
        {name: 'l/x', text: 'x'},
        {name: 'l', text: '/tmp', mode: link},
      ],
      /lies below "l"/,
    ],
    [
      'a link by a second name',
      [
        {name: 'l', text: '/tmp', mode: link},
        {name: './l/x', text: 'x'},
      ],
      /lies below "l"/,
    ],
    [
      'a name given twice',
      [
        {name: 'a', text: '1'},
        {name: 'a', text: '2'},
      ],
      /holds "a" twice/,
    ],
    ['a link without a target', [{name: 'l', text: '', mode: link}], /no valid target/],
    ['a device', [{name: 'd', mode: 0o2_0644}], /neither a file nor a directory nor a link/],
    ['more than it says', [{name: 'a', text: 'xxxxxxxxxx', size: 3}], /larger than it says/],
    ['less than it says', [{name: 'a', text: 'x', size: 3}], /is damaged/],
    ['a wrong checksum', [{name: 'a', text: 'x', checksum: 1}], /is damaged/],
    ['encryption', [{name: 'a', text: 'x', flags: 1}], /is encrypted/],
    ['an unknown method', [{name: 'a', text: 'x', method: 12}], /method 12/],
  ])('%s', async (_name, entries, message) => {
    const source = aZip(entries);
    const resolver = aResolver();
    const directory = aDirectory();
    const found = await resolver.look(source);
    const problem = await problemOf(resolver.fetch(source, found, directory, {signal: never, log: () => {}}));
    expect(problem.kind).toBe('bad-archive');
    expect(problem.message).toMatch(message);
    expect(readdirSync(directory)).toEqual([]);
  });

  test('one that unpacks to more than the limit', async () => {
    const source = aZip([{name: 'a', text: '0'.repeat(100_000)}]);
    const problem = await problemOf(aResolver({limits: {entries: 10, bytes: 5000}}).get(source));
    expect(problem.kind).toBe('too-large');
  });

  test('one that is cut short', async () => {
    const whole = readFileSync(aZip([{name: 'a', text: 'x'.repeat(1000)}]).path);
    for (const length of [30, whole.length - 30, whole.length - 1])
      expect((await problemOf(aResolver().get(aFile(whole.subarray(0, length))))).kind).toBe('bad-archive');
  });
});

test('a file that is no archive is refused when it is looked at', async () => {
  const problem = await problemOf(aResolver().look(aFile('just text')));
  expect(problem.message).toMatch(/Expected a directory or a zip archive at ".*", got another kind of file/);
});

test('an archive that changed since it was looked at is refused, and may be tried again', async () => {
  const source = aZip([{name: 'a', text: '1'}]);
  const resolver = aResolver();
  const found = await resolver.look(source);
  writeFileSync(source.path, readFileSync(aZip([{name: 'a', text: '2'}]).path));
  expect(await problemOf(resolver.get(source, found))).toMatchObject({kind: 'changed', retryable: true});
  expect((await resolver.get(source)).files).toEqual({a: '2'});
});
