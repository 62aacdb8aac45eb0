// The few files of an image that tell what is installed, found by laying its layers on top of each other: the topmost wins, whiteouts and opaque
// directories take away what lies below (OCI image specification, layer.md). Nothing is unpacked but these files, and every one has a limit.
import {createWriteStream} from 'node:fs';
import type {FileHandle} from 'node:fs/promises';
import {join, posix} from 'node:path';
import {pipeline} from 'node:stream/promises';
import {createGunzip, createZstdDecompress} from 'node:zlib';
import {blobPath, openRegular} from './blob-store.ts';
import {type Digest, finishDigest, startDigest} from './digest.ts';
import type {LayoutImage} from './image-layout.ts';
import {OciError} from './oci-error.ts';
import {quoted} from './quoted.ts';
import {type ReadTarEntry, readTar, type TarHeader, type TarLimits} from './tar-reader.ts';

/** A file as the whole image has it. `layer` counts from 0, the bottom. Content is in memory, on disk (`file`), or left where it is (`why`). */
export type FoundFile = {
  readonly path: string;
  readonly layer: number;
  readonly content:
    | {readonly kind: 'bytes'; readonly bytes: Buffer}
    | {readonly kind: 'file'; readonly file: string}
    | {readonly kind: 'link'; readonly target: string}
    | {readonly kind: 'unread'; readonly why: string};
};

/** Which files are wanted: whole paths, directories of which the files directly below count, and a test for the files of one layer. */
export type WantedFiles = {
  readonly paths: ReadonlyMap<string, FileLimit>;
  readonly directories: ReadonlyMap<string, {readonly names: RegExp; readonly limit: FileLimit}>;
  /** Of the layer with this diffID every file with such a name counts. */
  readonly layer?: {readonly diffId: Digest; readonly names: RegExp; readonly limit: FileLimit};
};

/** How much of a file is read (bytes), and whether into memory or onto disk. */
export type FileLimit = {readonly bytes: number; readonly to: 'memory' | 'disk' | 'nowhere'};

/** How much an image may make us read: entries and bytes of content of one layer, files that are kept, their bytes in memory and on disk. */
const tarLimits: TarLimits = {entries: 1_000_000, bytes: 32 * 1024 ** 3, pathBytes: 4096};
const mostFiles = 20_000;
const mostBytes = {memory: 256 * 1024 ** 2, disk: 1024 ** 3};

/**
 * The wanted files of an image. Those that go to disk are written below `scratch`, a directory that is ours alone. OciErrors: `not-found` when a
 * layer is not there, `digest-mismatch`, `bad-tar`, `unsafe-entry`, `limit`, `unsupported` for a compression that is not known.
 */
export async function findFiles(
  directory: string,
  image: LayoutImage,
  wanted: WantedFiles,
  scratch: string,
): Promise<ReadonlyMap<string, FoundFile>> {
  const view = new LayeredView(wanted, scratch);
  for (const [index, layer] of image.manifest.layers.entries()) {
    const handle = await openRegular(blobPath(directory, layer.digest));
    try {
      await verify(handle, layer.digest);
      await view.add(readTar(await tarChunks(handle), tarLimits), index, image.config.rootfs.diff_ids[index]);
    } finally {
      await handle.close();
    }
  }
  return view.files();
}

/** What one layer does to those below: paths it takes away with all below them, directories it empties, paths it makes directories; and its files. */
type LayerChange = {
  readonly removed: Set<string>;
  readonly emptied: Set<string>;
  readonly directories: Set<string>;
  readonly files: Map<string, FoundFile>;
};

class LayeredView {
  readonly #wanted: WantedFiles;
  readonly #scratch: string;
  readonly #files = new Map<string, FoundFile>();
  readonly #places: ReadonlySet<string>;
  readonly #kept = {files: 0, memory: 0, disk: 0};

  constructor(wanted: WantedFiles, scratch: string) {
    this.#wanted = wanted;
    this.#scratch = scratch;
    this.#places = new Set([...wanted.paths.keys(), ...wanted.directories.keys()].flatMap(withParents));
  }

  files(): ReadonlyMap<string, FoundFile> {
    return this.#files;
  }

  /** Lays one more layer on top. Within a layer the order of entries does not matter: what it takes away is only what lies below it. */
  async add(entries: AsyncIterable<ReadTarEntry>, index: number, diffId: Digest | undefined): Promise<void> {
    const change: LayerChange = {removed: new Set(), emptied: new Set(), directories: new Set(), files: new Map()};
    const below = new Set([...this.#files.keys()].flatMap(withParents));
    // What a layer does elsewhere is not remembered, however much it is.
    const matters = (path: string): boolean => path === '' || this.#places.has(path) || below.has(path);
    for await (const {header, content} of entries) {
      const path = imagePath(header);
      const name = posix.basename(path);
      const parent = parentOf(path);
      if (name === opaqueMarker) {
        if (matters(parent)) change.emptied.add(parent);
      } else if (name.startsWith('.wh.')) {
        const hidden = hiddenBy(path, name, parent);
        if (hidden !== undefined && matters(hidden)) change.removed.add(hidden);
      } else if (header.kind === 'directory') {
        if (matters(path)) change.directories.add(path);
      } else {
        if (matters(path)) change.removed.add(path);
        const limit = this.#limitOf(path, diffId);
        if (limit) change.files.set(path, {path, layer: index, content: await this.#read(header, content, limit)});
      }
    }
    for (const path of this.#files.keys()) if (isHidden(path, change)) this.#files.delete(path);
    for (const [path, file] of change.files) this.#files.set(path, file);
  }

  #limitOf(path: string, diffId: Digest | undefined): FileLimit | undefined {
    const {paths, directories, layer} = this.#wanted;
    const exact = paths.get(path);
    if (exact) return exact;
    const name = posix.basename(path);
    const directory = directories.get(parentOf(path));
    if (directory?.names.test(name)) return directory.limit;
    return layer && layer.diffId === diffId && layer.names.test(name) ? layer.limit : undefined;
  }

  async #read(header: TarHeader, content: AsyncIterable<Buffer>, limit: FileLimit): Promise<FoundFile['content']> {
    this.#count('files', 1, mostFiles);
    switch (header.kind) {
      case 'symlink':
        return {kind: 'link', target: header.linkTarget};
      case 'hardlink':
        return {kind: 'link', target: `/${header.linkTarget.replace(/^\/+/, '')}`};
      case 'file':
        return this.#readFile(header, content, limit);
      default:
        return {kind: 'unread', why: `it is a ${header.kind}, no file`};
    }
  }

  async #readFile(header: TarHeader, content: AsyncIterable<Buffer>, limit: FileLimit): Promise<FoundFile['content']> {
    if (header.size > limit.bytes)
      return {kind: 'unread', why: `it has ${header.size} bytes, at most ${limit.bytes} are read`};
    switch (limit.to) {
      case 'nowhere':
        return {kind: 'unread', why: header.size === 0 ? 'it is empty' : 'its format cannot be read here'};
      case 'memory':
        this.#count('memory', header.size, mostBytes.memory);
        return {kind: 'bytes', bytes: await wholeOf(content)};
      case 'disk': {
        this.#count('disk', header.size, mostBytes.disk);
        const file = join(this.#scratch, `${this.#kept.files}.extracted`);
        await pipeline(content, createWriteStream(file, {flags: 'wx', mode: 0o600}));
        return {kind: 'file', file};
      }
      default:
        return limit.to satisfies never;
    }
  }

  #count(what: 'files' | 'memory' | 'disk', more: number, most: number): void {
    this.#kept[what] += more;
    if (this.#kept[what] <= most) return;
    const unit = what === 'files' ? 'files' : `bytes (${what})`;
    throw new OciError(
      'limit',
      `Expected at most ${most} ${unit} of package databases in the layers of an image, got more.`,
    );
  }
}

const opaqueMarker = '.wh..wh..opq';

/** A path as the image has it, without a slash at either end; `..` in it is refused. */
function imagePath({path}: TarHeader): string {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.');
  if (steps.includes('..'))
    throw new OciError('unsafe-entry', `Expected a path without .. in the layer, got ${quoted(path)}.`);
  return steps.join('/');
}

/** What a whiteout hides; nothing for the marks that some storage drivers leave behind (`.wh..wh.aufs`). */
function hiddenBy(path: string, name: string, parent: string): string | undefined {
  if (name.startsWith('.wh..wh.')) return undefined;
  const hidden = name.slice('.wh.'.length);
  if (hidden === '' || hidden === '.' || hidden === '..')
    throw new OciError('unsafe-entry', `Expected a whiteout that names what it hides, got ${quoted(path)}.`);
  return parent === '' ? hidden : `${parent}/${hidden}`;
}

function isHidden(path: string, {removed, emptied, directories}: LayerChange): boolean {
  const places = withParents(path);
  if (directories.has(path) || emptied.has('')) return true;
  return places.some((place) => removed.has(place) || (place !== path && emptied.has(place)));
}

/** The path and every directory above it, without the root. */
function withParents(path: string): readonly string[] {
  const steps = path.split('/');
  return steps.map((_, index) => steps.slice(0, index + 1).join('/'));
}

function parentOf(path: string): string {
  const parent = posix.dirname(path);
  return parent === '.' ? '' : parent;
}

async function wholeOf(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of content) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A blob is read only when all of it is what its digest says. */
async function verify(handle: FileHandle, digest: Digest): Promise<void> {
  const hash = startDigest();
  for await (const chunk of rawChunks(handle)) hash.update(chunk);
  const got = finishDigest(hash);
  if (got === digest) return;
  throw new OciError(
    'digest-mismatch',
    `Expected the layer ${digest} to have that digest, got ${got}. The layout is damaged: write the image again.`,
  );
}

async function* rawChunks(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const {buffer, bytesRead} = await handle.read(Buffer.allocUnsafe(256 * 1024), {position});
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The tar in a blob; how it is compressed is seen from its first bytes, as media types are often wrong. */
async function tarChunks(handle: FileHandle): Promise<AsyncIterable<Uint8Array>> {
  const magic = Buffer.alloc(4);
  await handle.read(magic, 0, 4, 0);
  if (magic[0] === 0x1f && magic[1] === 0x8b) return decompressed(rawChunks(handle), createGunzip());
  if (magic.readUInt32LE(0) === 0xfd_2f_b5_28) return decompressed(rawChunks(handle), createZstdDecompress());
  return rawChunks(handle);
}

async function* decompressed(
  chunks: AsyncIterable<Buffer>,
  stream: ReturnType<typeof createGunzip> | ReturnType<typeof createZstdDecompress>,
): AsyncGenerator<Uint8Array> {
  const fed = pipeline(chunks, stream);
  // What goes wrong on either side destroys the stream, and so reaches the loop that reads it.
  fed.catch(() => undefined);
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    throw new OciError('bad-tar', `Expected compressed data in the layer, got something else: ${String(cause)}.`, {
      cause,
    });
  } finally {
    stream.destroy();
    await fed.catch(() => undefined);
  }
}
