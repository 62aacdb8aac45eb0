/**
 * Reads files that a buildpack may have planted. Only regular files, never through a symbolic link, never more than a limit:
 * a `launch.sbom.cdx.json -> /etc/shadow` must not end in an image, and a fifo must not hang the phase.
 */
import {constants} from 'node:fs';
import {type FileHandle, open} from 'node:fs/promises';

export type RegularFileOptions = {
  /** Follow a symbolic link at the last component; for files the platform put there, never for a buildpack's. */
  readonly followLinks?: boolean;
  /** In bytes; 16 MiB unless said otherwise. */
  readonly limit?: number;
};

const defaultLimit = 16 * 1024 * 1024;

/** The file's bytes; undefined when there is none. Throws NotARegularFileError, or the system's error with its code. */
export async function readRegularFile(path: string, options: RegularFileOptions = {}): Promise<Buffer | undefined> {
  const handle = await openRegularFile(path, options);
  if (handle === undefined) return undefined;
  try {
    return await readWithin(handle, path, options.limit ?? defaultLimit);
  } finally {
    await handle.close();
  }
}

export class NotARegularFileError extends Error {
  readonly path: string;
  constructor(path: string, got: string) {
    super(`expected a regular file at ${path}, got ${got}; only regular files are read from a buildpack's directories`);
    this.name = 'NotARegularFileError';
    this.path = path;
  }
}

async function openRegularFile(path: string, options: RegularFileOptions): Promise<FileHandle | undefined> {
  const noFollow = options.followLinks === true ? 0 : constants.O_NOFOLLOW;
  let handle: FileHandle;
  try {
    handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | noFollow);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') return undefined;
    if (code === 'ELOOP') throw new NotARegularFileError(path, 'a symbolic link');
    throw error;
  }
  const stat = await handle.stat();
  if (stat.isFile()) return handle;
  await handle.close();
  throw new NotARegularFileError(path, stat.isDirectory() ? 'a directory' : 'a device, pipe or socket');
}

async function readWithin(handle: FileHandle, path: string, limit: number): Promise<Buffer> {
  const {size} = await handle.stat();
  if (size > limit) throw new Error(`expected at most ${limit} bytes in ${path}, got ${size}`);
  return handle.readFile();
}

/** The system's code of an error (`ENOENT`), or undefined. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
