// Content-addressed blobs: `<directory>/blobs/sha256/<hex>`. An image layout and the pool that layouts share are both such directories. What is
// read is checked against its digest; what is written appears under its name only when it is complete.
import {randomUUID} from 'node:crypto';
import {constants, type Stats} from 'node:fs';
import {copyFile, type FileHandle, link, lstat, mkdir, open, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {type Digest, digestHex, sha256Of} from './digest.ts';
import {flushDirectory} from './flush.ts';
import {OciError} from './oci-error.ts';
import {quoted} from './quoted.ts';

/** The file that holds a blob; throws an OciError of kind `bad-digest` for anything that is no digest. */
export function blobPath(directory: string, digest: Digest): string {
  return join(directory, 'blobs', 'sha256', digestHex(digest));
}

/** Is the blob there, as a regular file (and of this size in bytes, if one is given)? */
export async function hasBlob(directory: string, digest: Digest, size?: number): Promise<boolean> {
  const stats = await statOrNothing(blobPath(directory, digest));
  return stats !== undefined && stats.isFile() && (size === undefined || stats.size === size);
}

/**
 * A small blob's bytes, whole in memory. OciErrors: `not-found`; `limit` when it has more than `limit` bytes; `digest-mismatch` when its
 * content is not what its name says, or its size not what the descriptor says.
 */
export async function readBlob(
  directory: string,
  {digest, size}: {readonly digest: Digest; readonly size?: number},
  limit: number,
): Promise<Buffer> {
  const path = blobPath(directory, digest);
  return checkedBlob(await readSmallFile(path, limit), path, {digest, size});
}

/** Bytes that were read from a blob's file, when they are what its name and descriptor say; `digest-mismatch` otherwise. */
export function checkedBlob(
  bytes: Buffer,
  path: string,
  {digest, size}: {readonly digest: Digest; readonly size?: number},
): Buffer {
  if (size !== undefined && bytes.length !== size) {
    throw new OciError(
      'digest-mismatch',
      `Expected ${size} bytes in ${path}, got ${bytes.length}. The layout is damaged: write the image again.`,
    );
  }
  const got = sha256Of(bytes);
  if (got !== digest) {
    throw new OciError(
      'digest-mismatch',
      `Expected ${path} to have the digest it is named after, got ${got}. The layout is damaged: write the image again.`,
    );
  }
  return bytes;
}

/** A regular file of at most `limit` bytes, no link followed. OciErrors: `not-found`, `limit`, `bad-layout`. */
export async function readSmallFile(path: string, limit: number): Promise<Buffer> {
  const handle = await openRegular(path);
  try {
    const {size} = await handle.stat();
    if (size > limit) throw new OciError('limit', `Expected at most ${limit} bytes in ${path}, got ${size}.`);
    const buffer = Buffer.alloc(size);
    const {bytesRead} = await handle.read(buffer, 0, size, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** Opens a regular file for reading, and nothing else: no link, pipe or device. */
export async function openRegular(path: string): Promise<FileHandle> {
  const handle = await openExisting(path);
  const stats = await handle.stat();
  if (stats.isFile()) return handle;
  await handle.close();
  throw new OciError('bad-layout', `Expected a regular file at ${quoted(path)}, got something else.`);
}

/** Writes a small blob and gives its digest and size. A blob that is there already is left alone. */
export async function writeBlob(
  directory: string,
  bytes: Uint8Array,
): Promise<{readonly digest: Digest; readonly size: number}> {
  const digest = sha256Of(bytes);
  const path = blobPath(directory, digest);
  if (!(await hasBlob(directory, digest, bytes.length))) await writeFileAtomically(path, bytes);
  return {digest, size: bytes.length};
}

/** Writes several small blobs side by side, and flushes their directory once for all. Those that are there already are left alone. */
export async function writeBlobs(directory: string, all: readonly Uint8Array[]): Promise<void> {
  const written = await Promise.all(
    all.map(async (bytes) => {
      const path = blobPath(directory, sha256Of(bytes));
      if (await hasBlob(directory, sha256Of(bytes), bytes.length)) return undefined;
      await writeThenRename(path, bytes);
      return path;
    }),
  );
  const [first] = written.filter((path) => path !== undefined);
  if (first !== undefined) await flushDirectory(join(first, '..'));
}

/** Replaces a file in one step: complete and on disk before it takes its name, so that a crash leaves the old one or the new one. */
export async function writeFileAtomically(path: string, bytes: Uint8Array): Promise<void> {
  await writeThenRename(path, bytes);
  await flushDirectory(join(path, '..'));
}

async function writeThenRename(path: string, bytes: Uint8Array): Promise<void> {
  const parent = join(path, '..');
  const temporary = join(parent, `.${randomUUID()}.partial`);
  try {
    const handle = await openNew(temporary, parent);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, {force: true});
    throw error;
  }
}

/** Its directory is nearly always there: it is made when it turns out not to be. */
async function openNew(path: string, parent: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', 0o644);
  } catch (cause) {
    if (errorCode(cause) !== 'ENOENT') throw cause;
    await mkdir(parent, {recursive: true});
    return open(path, 'wx', 0o644);
  }
}

/**
 * Puts a blob of `pool` into `directory` as a hard link, or as a copy where the file system cannot link. Nothing of it is read. `not-found`
 * when the pool has no such blob; a blob that is there already is left alone.
 */
export async function linkBlob(
  pool: string,
  directory: string,
  digest: Digest,
): Promise<'linked' | 'copied' | 'present'> {
  const from = blobPath(pool, digest);
  const to = blobPath(directory, digest);
  const stats = await statOrNothing(from);
  if (!stats?.isFile())
    throw new OciError('not-found', `Expected the blob ${digest} in ${pool}, but it is not there as a regular file.`);
  if (await hasBlob(directory, digest, stats.size)) return 'present';
  await mkdir(join(to, '..'), {recursive: true});
  return linkOrCopy(from, to);
}

const cannotLink: ReadonlySet<unknown> = new Set([
  'EXDEV',
  'EPERM',
  'EMLINK',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EACCES',
]);

async function linkOrCopy(from: string, to: string): Promise<'linked' | 'copied'> {
  const temporary = join(to, '..', '..', `.${randomUUID()}.partial`);
  try {
    const how = await linkTo(from, temporary);
    await rename(temporary, to);
    return how;
  } finally {
    await rm(temporary, {force: true});
  }
}

async function linkTo(from: string, temporary: string): Promise<'linked' | 'copied'> {
  try {
    await link(from, temporary);
    return 'linked';
  } catch (cause) {
    if (!cannotLink.has(errorCode(cause))) throw cause;
    await copyFile(from, temporary, constants.COPYFILE_EXCL);
    return 'copied';
  }
}

async function openExisting(path: string): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw openingError(path, cause);
  }
}

/** What is said of a file that cannot be opened for reading. */
export function openingError(path: string, cause: unknown): unknown {
  if (errorCode(cause) === 'ENOENT')
    return new OciError('not-found', `Expected a file at ${path}, but there is none.`, {cause});
  if (errorCode(cause) === 'ELOOP')
    return new OciError('bad-layout', `Expected a regular file at ${path}, got a link.`, {cause});
  return cause;
}

/** Is there anything at this path? */
export async function exists(path: string): Promise<boolean> {
  return (await statOrNothing(path)) !== undefined;
}

async function statOrNothing(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw cause;
  }
}

function errorCode(cause: unknown): unknown {
  return cause instanceof Error && 'code' in cause ? cause.code : undefined;
}
