// Builds base images for the tests: layers from plain entries, written through the oci room; rpm databases made with SQLite.
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {onTestFinished} from 'vitest';
import type {ContainerConfig} from '../../source/oci/image-config.ts';
import {writeImage} from '../../source/oci/image-layout.ts';
import {writeLayer} from '../../source/oci/layer-writer.ts';
import type {TarEntry} from '../../source/oci/tar-writer.ts';

export type BaseImage = {readonly layout: string; readonly digest: string; readonly diffIds: readonly string[]};

/** Files as `path: content`; `-> target` is a link, a path that ends in a slash a directory. */
export type LayerFiles = Readonly<Record<string, string | Buffer>>;

/** A directory that is gone when the test ends. */
export function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-packages-test-'));
  onTestFinished(() => {
    rmSync(directory, {recursive: true, force: true});
  });
  return directory;
}

/** An image of these layers, bottom first. */
export async function aBaseImage(
  layers: readonly LayerFiles[],
  config: ContainerConfig | ((diffIds: readonly string[]) => ContainerConfig) = {},
  layout: string = aDirectory(),
): Promise<BaseImage> {
  const written = [];
  for (const [index, files] of layers.entries())
    written.push(await writeLayer(entriesOf(files), {compress: index % 2 === 0, into: layout}));
  const diffIds = written.map(({diffId}) => diffId);
  const {digest} = await writeImage(layout, {
    manifest: {layers: written.map(({mediaType, digest, size}) => ({mediaType, digest, size}))},
    config: {
      created: '2026-03-01T00:00:00Z',
      architecture: 'amd64',
      os: 'linux',
      config: typeof config === 'function' ? config(diffIds) : config,
      rootfs: {type: 'layers', diff_ids: diffIds},
    },
    names: ['latest'],
  });
  return {layout, digest, diffIds};
}

function entriesOf(files: LayerFiles): readonly TarEntry[] {
  return Object.entries(files).map(([path, content]): TarEntry => {
    const owner = {uid: 0, gid: 0};
    if (path.endsWith('/')) return {path, kind: 'directory', mode: 0o755, ...owner};
    if (typeof content === 'string' && content.startsWith('-> '))
      return {path, kind: 'symlink', mode: 0o777, linkTarget: content.slice(3), ...owner};
    const bytes = Buffer.from(content);
    return {path, kind: 'file', mode: 0o644, size: bytes.length, content: bytes, ...owner};
  });
}

/** A dpkg status file of such packages. */
export function aDpkgStatus(packages: Readonly<Record<string, string>>): string {
  return Object.entries(packages)
    .map(
      ([name, version]) =>
        `Package: ${name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: ${version}\nDescription: ${name}\n more of it\n`,
    )
    .join('\n');
}

export type RpmFields = {
  readonly name: string;
  readonly version: string;
  readonly release: string;
  readonly epoch?: number;
  readonly arch?: string;
};

/** A header blob as rpm stores it: index and data, big-endian, strings ended by NUL, numbers aligned. */
export function aHeader({name, version, release, epoch, arch}: RpmFields): Buffer {
  const texts: readonly (readonly [tag: number, text: string | undefined])[] = [
    [1000, name],
    [1001, version],
    [1002, release],
    [1022, arch],
  ];
  const index: Buffer[] = [];
  let data = Buffer.alloc(0);
  for (const [tag, text] of texts) {
    if (text === undefined) continue;
    index.push(indexEntry(tag, 6, data.length));
    data = Buffer.concat([data, Buffer.from(`${text}\0`)]);
  }
  if (epoch !== undefined) {
    data = Buffer.concat([data, Buffer.alloc((4 - (data.length % 4)) % 4)]);
    index.push(indexEntry(1003, 4, data.length));
    data = Buffer.concat([data, numbers(epoch)]);
  }
  return Buffer.concat([numbers(index.length, data.length), ...index, data]);
}

function indexEntry(tag: number, type: number, offset: number): Buffer {
  return numbers(tag, type, offset, 1);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, at * 4);
  return bytes;
}

/** An rpmdb.sqlite with these header blobs, or made by the statements given. */
export function anRpmDatabase(headers: readonly Buffer[], statements: readonly string[] = rpmSchema): Buffer {
  const file = join(aDirectory(), 'rpmdb.sqlite');
  const database = new DatabaseSync(file);
  for (const statement of statements) database.exec(statement);
  if (headers.length > 0) {
    const insert = database.prepare('INSERT INTO Packages (blob) VALUES (?)');
    for (const header of headers) insert.run(header);
  }
  database.close();
  return readFileSync(file);
}

const rpmSchema = ["CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)"];
