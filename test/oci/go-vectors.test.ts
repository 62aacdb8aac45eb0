// What Go's own archive/tar, filepath.Match and encoding/json gave for these inputs, ours must give as well.
import {readFileSync} from 'node:fs';
import fc from 'fast-check';
import {expect, test} from 'vitest';
import {sha256Of} from '../../source/oci/digest.ts';
import {goFilepathMatch} from '../../source/oci/go-filepath-match.ts';
import {goJson, goMap, sortedKeys} from '../../source/oci/go-json.ts';
import {OciError} from '../../source/oci/oci-error.ts';
import {comparePaths, decodePath, encodePath} from '../../source/oci/path-bytes.ts';
import {type TarEntry, writeTar} from '../../source/oci/tar-writer.ts';

type Vectors = {
  readonly tars: readonly {
    readonly name: string;
    readonly entries: readonly (TarEntry & {readonly size: number})[];
    readonly digest: string;
    readonly size: number;
  }[];
  readonly matches: readonly (readonly [pattern: string, name: string, answer: 'yes' | 'no' | 'bad'])[];
  readonly json: readonly {readonly in: string; readonly out: string}[];
};

const vectors = JSON.parse(readFileSync(new URL('fixtures/go-vectors.json', import.meta.url), 'utf8')) as Vectors;

test.each(vectors.tars)('a tar has the bytes of archive/tar: $name', async ({entries, digest, size}) => {
  const bytes = await tarOf(entries.map((entry) => ({...entry, content: Buffer.alloc(entry.size, 'z')})));
  expect({digest: sha256Of(bytes), size: bytes.length}).toEqual({digest, size});
});

test(`patterns match as with filepath.Match (${vectors.matches.length} pairs)`, () => {
  expect(vectors.matches.map(([pattern, name]) => [pattern, name, answer(pattern, name)])).toEqual(vectors.matches);
});

test.each(vectors.json)('JSON is written as by encoding/json: $out', ({in: input, out}) => {
  expect(goJson(sortedKeys(JSON.parse(input)))).toBe(out);
});

test('a struct keeps the order of its keys and leaves absent ones out, a map is sorted whatever its keys look like', () => {
  const layers = goMap({10: {sha: 'b', build: true}, 9: {sha: 'a', build: false}});
  expect(goJson({z: undefined, key: 'k', absent: null, layers})).toBe(
    '{"key":"k","absent":null,"layers":{"10":{"sha":"b","build":true},"9":{"sha":"a","build":false}}}',
  );
});

test('a number that JSON cannot hold is refused', () => {
  expect(() => goJson([Number.NaN])).toThrow(RangeError);
});

test.each([
  ['a path with NUL', {path: '/a\0b'}],
  ['an empty path', {path: ''}],
  ['a link to a target with NUL', {kind: 'symlink' as const, linkTarget: 'a\0b'}],
  ['a file with a slash at its end', {path: '/a/'}],
  ['a negative uid', {uid: -1}],
  ['half a character pair', {path: '/\uD800'}],
])('no tar is written of %s', async (_name, wrong) => {
  await expect(tarOf([{path: '/f', kind: 'file', mode: 0o644, uid: 0, gid: 0, ...wrong}])).rejects.toThrow(OciError);
});

test('any file name survives decoding and encoding, and paths sort by their bytes', () => {
  const name = fc.uint8Array({minLength: 1, maxLength: 12}).map((bytes) => Buffer.from(bytes));
  const awkward = fc.oneof(
    name,
    fc.string({unit: 'binary'}).map((text) => Buffer.from(text)),
  );
  fc.assert(
    fc.property(awkward, awkward, (left, right) => {
      expect(encodePath(decodePath(left)).equals(left)).toBe(true);
      expect(Math.sign(comparePaths(decodePath(left), decodePath(right)))).toBe(Buffer.compare(left, right));
    }),
  );
});

test('a tar is whole blocks and ends in two of zeros, for any names and sizes', async () => {
  const entry = fc.record({
    path: fc.string({unit: 'binary', minLength: 1, maxLength: 300}).map((text) => `/${text.replaceAll(/[\0/]/g, 'x')}`),
    size: fc.nat(2000),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry, {maxLength: 8}), async (entries) => {
      const bytes = await tarOf(
        entries.map(({path, size}) => ({
          path,
          kind: 'file',
          mode: 0o644,
          uid: 1,
          gid: 1,
          content: Buffer.alloc(size, 1),
        })),
      );
      expect(bytes.length % 512).toBe(0);
      expect(bytes.subarray(-1024).every((byte) => byte === 0)).toBe(true);
    }),
    {numRuns: 50},
  );
});

async function tarOf(entries: readonly TarEntry[]): Promise<Buffer> {
  const chunks: Buffer[] = [];
  await writeTar(entries, (chunk) => {
    chunks.push(chunk);
  });
  return Buffer.concat(chunks);
}

function answer(pattern: string, name: string): 'yes' | 'no' | 'bad' {
  try {
    return goFilepathMatch(pattern, name) ? 'yes' : 'no';
  } catch (error) {
    expect(error).toMatchObject({kind: 'bad-pattern'});
    return 'bad';
  }
}
