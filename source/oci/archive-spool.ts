// The files of an archive, kept on disk under numbers and hashed as they came, since the document that explains them may come last. The archive's
// own names are keys and never become paths.
import {mkdir, open, rename} from 'node:fs/promises';
import {dirname, join, posix} from 'node:path';
import {blobPath, readSmallFile} from './blob-store.ts';
import {type Digest, finishDigest, startDigest} from './digest.ts';
import type {Descriptor} from './image-manifest.ts';
import {OciError} from './oci-error.ts';
import {quoted} from './quoted.ts';
import {readTar, type ReadTarEntry, type TarLimits} from './tar-reader.ts';

/** An image that was read from an archive: its manifest in the layout, and the names the archive has for it. */
export type ReadArchiveImage = {readonly descriptor: Descriptor; readonly names: readonly string[]};

/** One file of the archive: where it is kept now, its size in bytes, and the digest of its bytes. */
export type SpooledFile = {readonly path: string; readonly size: number; readonly digest: Digest};

/** More files than any archive of images has. */
const mostFiles = 50_000;

export class ArchiveSpool {
  readonly name: string;
  readonly #directory: string;
  readonly #limits: TarLimits;
  readonly #files = new Map<string, SpooledFile>();
  readonly #links = new Map<string, string>();
  #number = 0;

  constructor(directory: string, name: string, limits: TarLimits) {
    this.#directory = directory;
    this.name = name;
    this.#limits = {...limits, entries: Math.min(limits.entries, mostFiles)};
  }

  async readAll(tar: AsyncIterable<Uint8Array>, signal: AbortSignal | undefined): Promise<void> {
    for await (const entry of readTar(tar, this.#limits)) {
      signal?.throwIfAborted();
      await this.#take(entry, signal);
    }
  }

  has(path: string): boolean {
    return this.#find(path) !== undefined;
  }

  /** A file by its name in the archive, links inside the archive followed. `bad-archive` when it is not there. */
  file(path: string): SpooledFile {
    const found = this.#find(path);
    if (found) return found;
    throw new OciError(
      'bad-archive',
      `Expected ${quoted(path)} in ${this.name}, but it is not there. The archive is incomplete.`,
    );
  }

  /** A small file's bytes. */
  async document(path: string, limit: number): Promise<Buffer> {
    return readSmallFile(this.file(path).path, limit);
  }

  /** Makes a spooled file a blob of the layout; it may be asked for again. */
  async keepAsBlob(path: string, layout: string): Promise<SpooledFile> {
    const file = this.file(path);
    const target = blobPath(layout, file.digest);
    if (file.path === target) return file;
    await mkdir(dirname(target), {recursive: true});
    await rename(file.path, target);
    const kept = {...file, path: target};
    for (const [key, other] of this.#files) if (other.path === file.path) this.#files.set(key, kept);
    return kept;
  }

  async #take({header, content}: ReadTarEntry, signal: AbortSignal | undefined): Promise<void> {
    const path = key(header.path);
    switch (header.kind) {
      case 'file':
        this.#links.delete(path);
        this.#files.set(path, await this.#store(content, signal));
        return;
      case 'symlink':
        this.#links.set(path, key(posix.join(posix.dirname(path), header.linkTarget)));
        return;
      case 'hardlink':
        this.#links.set(path, key(header.linkTarget));
        return;
      default:
      // Directories say nothing, and devices have no business here.
    }
  }

  async #store(content: AsyncIterable<Buffer>, signal: AbortSignal | undefined): Promise<SpooledFile> {
    const path = join(this.#directory, String(this.#number++));
    const handle = await open(path, 'wx', 0o644);
    try {
      const hash = startDigest();
      let size = 0;
      for await (const chunk of content) {
        signal?.throwIfAborted();
        hash.update(chunk);
        for (let offset = 0; offset < chunk.length; ) offset += (await handle.write(chunk, offset)).bytesWritten;
        size += chunk.length;
      }
      await handle.datasync();
      return {path, size, digest: finishDigest(hash)};
    } finally {
      await handle.close();
    }
  }

  #find(path: string): SpooledFile | undefined {
    let name = key(path);
    for (let steps = 0; steps < mostLinks; steps++) {
      const file = this.#files.get(name);
      if (file) return file;
      const target = this.#links.get(name);
      if (target === undefined) return undefined;
      name = target;
    }
    return undefined;
  }
}

const mostLinks = 8;

function key(path: string): string {
  return posix.normalize(path).replace(/^(\.?\/)+/, '');
}
