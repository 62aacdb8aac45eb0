// Unpacks an archive into a directory on the host without trusting a byte of it. Upstream joins names onto "/" and follows what links it meets,
// inside a container; here an entry can only land below `root` and below an allowed prefix, no link is followed on the way, and only directories,
// regular files and symbolic links are made (buildpacks/lifecycle archive/extract.go accepts the same three).
//
// The caller makes sure that nobody else changes `root` meanwhile: a restore runs before any buildpack does.
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type {FileHandle} from 'node:fs/promises';
import {posix} from 'node:path';
import {pipeline} from 'node:stream';
import {createGunzip} from 'node:zlib';
import {openRegular} from './blob-store.ts';
import {type Digest, finishDigest, startDigest} from './digest.ts';
import {OciError} from './oci-error.ts';
import {encodePath} from './path-bytes.ts';
import {quoted} from './quoted.ts';
import {defaultTarLimits, type ReadTarEntry, readTar, type TarHeader, type TarLimits} from './tar-reader.ts';

/** Where the archive comes from: a file (gzip is recognised), verified as a whole against `digest` first if one is given, or a stream as it is. */
export type TarSource =
  | {readonly file: string; readonly digest?: Digest; readonly stream?: undefined}
  | {readonly stream: AsyncIterable<Uint8Array>; readonly file?: undefined; readonly digest?: undefined};

/**
 * How to unpack. The archive's "/" is `root`, an existing directory; names without a leading slash count from there. Only entries at or below one
 * of `allowedPrefixes` (absolute, as in the archive; `/` allows all) are made; directories above a prefix are made if missing and otherwise left
 * alone. `modeMask` limits the mode bits kept (default 07777), `owner` is given to everything made, `linksInside` refuses links that are absolute
 * or lead outside the prefixes.
 */
export type ExtractOptions = TarSource & {
  readonly root: string;
  readonly allowedPrefixes: readonly string[];
  readonly limits?: Partial<TarLimits>;
  readonly modeMask?: number;
  readonly owner?: {readonly uid: number; readonly gid: number};
  readonly linksInside?: boolean;
};

/** What was unpacked: entries made and bytes of content. */
export type Extracted = {readonly entries: number; readonly bytes: number};

/**
 * Unpacks an archive. Modes are those of the archive whatever the umask; modes of directories are set at the end, so that a read-only one can be
 * filled. OciErrors: `digest-mismatch` before anything is written, `unsafe-entry` naming the entry, `limit`, `bad-tar`. After an error what was
 * made so far stays: remove it with the directory.
 */
export async function extractTar(options: ExtractOptions): Promise<Extracted> {
  const limits = {...defaultTarLimits, ...options.limits};
  if (options.stream) return extractEntries(readTar(options.stream, limits), options);
  const handle = await openRegular(options.file);
  try {
    if (options.digest !== undefined) await verify(handle, options.file, options.digest);
    return await extractEntries(readTar(await fileChunks(handle), limits), options);
  } finally {
    await handle.close();
  }
}

async function extractEntries(entries: AsyncIterable<ReadTarEntry>, options: ExtractOptions): Promise<Extracted> {
  const target = new ExtractTarget(options);
  let count = 0;
  let bytes = 0;
  for await (const entry of entries) {
    await target.add(entry);
    count++;
    bytes += entry.header.size;
  }
  target.setDirectoryModes();
  return {entries: count, bytes};
}

async function verify(handle: FileHandle, file: string, digest: Digest): Promise<void> {
  const hash = startDigest();
  for await (const chunk of rawChunks(handle)) hash.update(chunk);
  const got = finishDigest(hash);
  if (got !== digest)
    throw new OciError(
      'digest-mismatch',
      `Expected ${quoted(file)} to have the digest ${digest}, got ${got}. Nothing of it was unpacked.`,
    );
}

/** The bytes of an open file from its beginning. (A read stream would close the handle's descriptor behind its back.) */
async function* rawChunks(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ; ) {
    const {buffer, bytesRead} = await handle.read(Buffer.allocUnsafe(256 * 1024), {position});
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The tar in a file, decompressed if it begins as gzip does. */
async function fileChunks(handle: FileHandle): Promise<AsyncIterable<Uint8Array>> {
  const magic = Buffer.alloc(2);
  await handle.read(magic, 0, 2, 0);
  return magic[0] === 0x1f && magic[1] === 0x8b ? gunzipped(rawChunks(handle)) : rawChunks(handle);
}

async function* gunzipped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  // An error of either end destroys gunzip, and so reaches the loop that reads it.
  pipeline(chunks, gunzip, () => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (cause) {
    throw new OciError('bad-tar', `Expected gzip data in the archive, got something else: ${String(cause)}.`, {cause});
  } finally {
    gunzip.destroy();
  }
}

/** The directory that is unpacked into. Remembers which directories it has made or seen to be directories, and what modes they get in the end. */
class ExtractTarget {
  readonly #options: ExtractOptions;
  readonly #prefixes: readonly string[];
  readonly #directories = new Set<string>(['/']);
  readonly #modes = new Map<string, number>();

  constructor(options: ExtractOptions) {
    this.#options = options;
    this.#prefixes = options.allowedPrefixes.map((prefix) => cleanPath(prefix));
  }

  async add({header, content}: ReadTarEntry): Promise<void> {
    const path = cleanPath(header.path);
    if (!this.#prefixes.some((prefix) => isWithin(path, prefix))) {
      this.#addAbove(path, header);
      return;
    }
    this.#enterParents(path);
    switch (header.kind) {
      case 'directory':
        this.#addDirectory(path, header);
        break;
      case 'file':
        await this.#addFile(path, header, content);
        break;
      case 'symlink':
        this.#addLink(path, header);
        break;
      default:
        throw unsafe(header, `a directory, file or symbolic link, got a ${header.kind}`);
    }
  }

  /** Children before parents, so that a directory is closed only when nothing in it needs to change any more. */
  setDirectoryModes(): void {
    const deepestFirst = [...this.#modes].toSorted(([left], [right]) => right.length - left.length);
    for (const [path, mode] of deepestFirst) chmodSync(this.#place(path), mode);
  }

  #place(path: string): Buffer {
    return encodePath(posix.join(this.#options.root, path));
  }

  #mode(header: TarHeader): number {
    return header.mode & (this.#options.modeMask ?? 0o7777);
  }

  /** A directory on the way to a prefix is made if it is missing; anything else outside the prefixes is refused. */
  #addAbove(path: string, header: TarHeader): void {
    if (header.kind !== 'directory' || !this.#prefixes.some((prefix) => isWithin(prefix, path))) {
      throw unsafe(header, `a name below ${this.#prefixes.join(' or ')}`);
    }
    this.#enterParents(path);
    this.#enter(path, header);
  }

  /** The root itself belongs to the caller: its mode and owner stay. */
  #addDirectory(path: string, header: TarHeader): void {
    if (path === '/') return;
    this.#enter(path, header);
    this.#modes.set(path, this.#mode(header));
    this.#own(this.#place(path));
  }

  async #addFile(path: string, header: TarHeader, content: AsyncIterable<Buffer>): Promise<void> {
    this.#makeRoom(path, header);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const descriptor = openSync(this.#place(path), flags, 0o600);
    try {
      for await (const chunk of content) writeAll(descriptor, chunk);
      const {owner} = this.#options;
      if (owner) fchownSync(descriptor, owner.uid, owner.gid);
      fchmodSync(descriptor, this.#mode(header));
    } finally {
      closeSync(descriptor);
    }
  }

  #addLink(path: string, header: TarHeader): void {
    if (header.linkTarget === '') throw unsafe(header, 'a link with a target');
    if (this.#options.linksInside) this.#checkTarget(path, header);
    this.#makeRoom(path, header);
    symlinkSync(encodePath(header.linkTarget), this.#place(path));
    this.#own(this.#place(path));
  }

  /**
   * A target stays inside if it is relative, climbs only at its beginning (behind a name, which may be a link, `..` could mean anything) and not
   * above the root.
   */
  #checkTarget(path: string, header: TarHeader): void {
    const steps = header.linkTarget.split('/').filter((step) => step !== '' && step !== '.');
    const climbs = steps.filter((step) => step === '..').length;
    const climbsFirst = steps.slice(0, climbs).every((step) => step === '..');
    const parent = posix.dirname(path);
    const depth = parent.split('/').filter((step) => step !== '').length;
    const target = posix.resolve(parent, header.linkTarget);
    const isInside = this.#prefixes.some((prefix) => isWithin(target, prefix));
    if (posix.isAbsolute(header.linkTarget) || !climbsFirst || climbs > depth || !isInside) {
      throw unsafe(header, `a link that stays inside, got a target of ${quoted(header.linkTarget)}`);
    }
  }

  /** Every directory above an entry must be a real one: a link there could lead anywhere. */
  #enterParents(path: string): void {
    if (path === '/') return;
    const parent = posix.dirname(path);
    if (this.#directories.has(parent)) return;
    this.#enterParents(parent);
    this.#enter(parent, undefined);
  }

  /** Makes a directory unless it is there. While unpacking it is open to us alone. */
  #enter(path: string, header: TarHeader | undefined): void {
    if (this.#directories.has(path)) return;
    const stats = lstatOrNothing(this.#place(path));
    if (stats && !stats.isDirectory()) {
      throw new OciError(
        'unsafe-entry',
        `Expected a directory at ${quoted(path)} to unpack into, got ${stats.isSymbolicLink() ? 'a link' : 'something else'}.`,
      );
    }
    if (!stats) {
      mkdirSync(this.#place(path), 0o700);
      this.#modes.set(path, header ? this.#mode(header) : 0o755);
      this.#own(this.#place(path));
    }
    this.#directories.add(path);
  }

  /** A later entry replaces an earlier file or link of that name, never a directory. */
  #makeRoom(path: string, header: TarHeader): void {
    const stats = path === '/' ? undefined : lstatOrNothing(this.#place(path));
    if (path === '/' || stats?.isDirectory())
      throw unsafe(header, `a name for a ${header.kind} that is not a directory's`);
    if (stats) unlinkSync(this.#place(path));
  }

  #own(place: Buffer): void {
    const {owner} = this.#options;
    if (owner) lchownSync(place, owner.uid, owner.gid);
  }
}

/** An absolute path without `.`, empty steps or a slash at the end; `..` anywhere is refused. */
function cleanPath(path: string): string {
  const steps = path.split('/').filter((step) => step !== '' && step !== '.');
  if (steps.includes('..') || path.includes('\0'))
    throw new OciError('unsafe-entry', `Expected a path without .. in the archive, got ${quoted(path)}.`);
  return `/${steps.join('/')}`;
}

function isWithin(path: string, prefix: string): boolean {
  return prefix === '/' || path === prefix || path.startsWith(`${prefix}/`);
}

function unsafe(header: TarHeader, expected: string): OciError {
  return new OciError(
    'unsafe-entry',
    `Expected ${expected} in the archive, entry ${quoted(header.path)}. Nothing was written for it.`,
  );
}

function lstatOrNothing(place: Buffer): Stats | undefined {
  return lstatSync(place, {throwIfNoEntry: false});
}

function writeAll(descriptor: number, chunk: Buffer): void {
  for (let offset = 0; offset < chunk.length; ) offset += writeSync(descriptor, chunk, offset);
}
