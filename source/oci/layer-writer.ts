// Turns entries into a layer: one pass makes the tar, hashes it (the diffID), and, as asked, compresses it into a blob or writes it as it is.
// Hashing runs on this thread, deflate on zlib's, so both cores work; what is in memory at any time is a few megabytes.
import {randomUUID} from 'node:crypto';
import {type FileHandle, mkdir, open, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {type Digest, digestHex, finishDigest, startDigest} from './digest.ts';
import {GzipBlocks} from './gzip-blocks.ts';
import {mediaTypes} from './media-types.ts';
import {type TarEntry, writeTar} from './tar-writer.ts';

type Entries = AsyncIterable<TarEntry> | Iterable<TarEntry>;

/** A layer's identity: the digest of its uncompressed tar, and that tar's size in bytes. */
export type LayerHash = {readonly diffId: Digest; readonly size: number};

/** A layer's blob: what the manifest says of it (`digest`, `size`, `mediaType`) and what the config says (`diffId`). Sizes are in bytes. */
export type WrittenLayer = {
  readonly diffId: Digest;
  readonly digest: Digest;
  readonly size: number;
  readonly uncompressedSize: number;
  readonly mediaType: string;
};

/** Where a layer goes: `into` is the directory that holds `blobs/sha256` (an image layout or the pool); without it the blob is only measured. */
export type WriteLayerOptions = {readonly compress: boolean; readonly into?: string};

/**
 * Writes a layer's blob, gzip level 1 or uncompressed, through a temporary file that takes its final name when it is complete and on disk; a
 * blob that is there already is left alone. Rejects with what `writeTar` and the file system throw, and leaves no temporary file.
 */
export async function writeLayer(entries: Entries, {compress, into}: WriteLayerOptions): Promise<WrittenLayer> {
  const blob = into === undefined ? new MeasuredBlob() : await BlobFile.create(into);
  try {
    const tar = compress ? await writeCompressed(entries, blob) : await writePlain(entries, blob);
    const {digest, size} = await blob.finish();
    const mediaType = compress ? mediaTypes.layerGzip : mediaTypes.layerTar;
    return {diffId: tar.diffId, digest, size, uncompressedSize: tar.size, mediaType};
  } finally {
    await blob.dispose();
  }
}

/** The identity of the layer that these entries make, with nothing written: enough to decide whether a previous layer is used again. */
export async function hashLayer(entries: Entries): Promise<LayerHash> {
  const hash = startDigest();
  let size = 0;
  await writeTar(entries, (chunk) => {
    hash.update(chunk);
    size += chunk.length;
  });
  return {diffId: finishDigest(hash), size};
}

/** Writes the uncompressed tar to `file` (new, or replaced when it is complete) and gives its identity: for the layer cache. */
export async function writeLayerTar(entries: Entries, file: string): Promise<LayerHash> {
  const temporary = `${file}.${randomUUID()}.partial`;
  const handle = await open(temporary, 'wx', 0o644);
  try {
    const identity = await hashWhile(entries, (chunk) => writeAll(handle, chunk));
    await handle.close();
    await rename(temporary, file);
    return identity;
  } finally {
    await handle.close();
    await rm(temporary, {force: true});
  }
}

async function hashWhile(entries: Entries, write: (chunk: Buffer) => Promise<void>): Promise<LayerHash> {
  const hash = startDigest();
  let size = 0;
  await writeTar(entries, async (chunk) => {
    hash.update(chunk);
    size += chunk.length;
    await write(chunk);
  });
  return {diffId: finishDigest(hash), size};
}

function writePlain(entries: Entries, blob: BlobSink): Promise<LayerHash> {
  return hashWhile(entries, (chunk) => blob.write(chunk));
}

async function writeCompressed(entries: Entries, blob: BlobSink): Promise<LayerHash> {
  const gzip = new GzipBlocks((chunk) => blob.write(chunk));
  try {
    const identity = await hashWhile(entries, (chunk) => gzip.add(chunk));
    await gzip.finish();
    return identity;
  } finally {
    await gzip.settle();
  }
}

/** Something blob bytes go to: measured as they pass, named at the end. */
type BlobSink = {
  write(chunk: Buffer): Promise<void>;
  finish(): Promise<{readonly digest: Digest; readonly size: number}>;
  dispose(): Promise<void>;
};

class MeasuredBlob implements BlobSink {
  readonly #hash = startDigest();
  #size = 0;

  async write(chunk: Buffer): Promise<void> {
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  async finish(): Promise<{readonly digest: Digest; readonly size: number}> {
    return {digest: finishDigest(this.#hash), size: this.#size};
  }

  async dispose(): Promise<void> {}
}

class BlobFile implements BlobSink {
  readonly #directory: string;
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #measured = new MeasuredBlob();

  private constructor(directory: string, path: string, handle: FileHandle) {
    this.#directory = directory;
    this.#path = path;
    this.#handle = handle;
  }

  static async create(into: string): Promise<BlobFile> {
    const directory = join(into, 'blobs', 'sha256');
    await mkdir(directory, {recursive: true});
    const path = join(into, 'blobs', `.${randomUUID()}.partial`);
    return new BlobFile(directory, path, await open(path, 'wx', 0o644));
  }

  async write(chunk: Buffer): Promise<void> {
    await this.#measured.write(chunk);
    await writeAll(this.#handle, chunk);
  }

  async finish(): Promise<{readonly digest: Digest; readonly size: number}> {
    const result = await this.#measured.finish();
    await this.#handle.datasync();
    await this.#handle.close();
    await rename(this.#path, join(this.#directory, digestHex(result.digest)));
    return result;
  }

  async dispose(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, {force: true});
  }
}

async function writeAll(handle: FileHandle, chunk: Buffer): Promise<void> {
  for (let offset = 0; offset < chunk.length; ) {
    offset += (await handle.write(chunk, offset)).bytesWritten;
  }
}
