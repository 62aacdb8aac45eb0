// A zip archive of this machine (also a jar or war) as a source: pack builds from these as well (`ReadZipAsTar`).
import {createHash} from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
  writeSync,
} from 'node:fs';
import {open} from 'node:fs/promises';
import {join} from 'node:path';
import {quoted} from '../oci/quoted.ts';
import {createBreathe} from './breathe.ts';
import {extractZip} from './extract-zip.ts';
import {isStill, knownFile} from './file-digests.ts';
import type {LocalOptions, LocalRequest} from './local-directory.ts';
import type {ProjectDescriptor} from './project-descriptor.ts';
import {readPieces} from './read-pieces.ts';
import {settleTree} from './settle-tree.ts';
import {SourceError} from './source-error.ts';

/** `sha256:…` of the archive's bytes; not read again while the file is what it was. Rejects with a `SourceError`. */
export async function digestArchive(
  {path}: {readonly path: string},
  {digests, limits, now}: LocalOptions,
  signal: AbortSignal,
): Promise<string> {
  const archive = openArchive(path, limits.bytes);
  const known = digests.tree(archive.path).files.get('');
  if (isStill(known, archive.stats)) return known.digest;
  const digest = await readWhole(archive, path, signal, () => {});
  digests.remember(archive.path, new Map([['', knownFile(archive.stats, digest, now())]]), digest);
  return digest;
}

/**
 * Unpacks the archive into `directory` when its bytes still have this digest. The bytes are copied first, so what is unpacked is what was
 * digested. Rejects with a `SourceError`.
 */
export async function extractArchive(
  request: LocalRequest & {readonly digest: string; readonly directory: string},
  {limits}: LocalOptions,
): Promise<ProjectDescriptor> {
  const {source, digest, signal} = request;
  return settleTree({...request, subPath: source.subPath}, async ({tree, beside}) => {
    const copy = join(beside, 'archive.zip');
    const found = await copyArchive(openArchive(source.path, limits.bytes), source.path, copy, signal);
    if (found !== digest)
      throw new SourceError(
        'changed',
        `The archive ${quoted(source.path)} changed since it was looked at. It is tried again with the new content.`,
      );
    const file = await open(copy);
    try {
      await extractZip(file, tree, {limits, signal});
    } finally {
      await file.close();
    }
  });
}

type Archive = {readonly path: string; readonly stats: Stats};

function openArchive(path: string, limit: number): Archive {
  try {
    const real = realpathSync(path);
    const stats = statSync(real);
    if (!stats.isFile() || !beginsLikeZip(real))
      throw new SourceError(
        'bad-archive',
        `Expected a directory or a zip archive at ${quoted(path)}, got another kind of file.`,
      );
    if (stats.size <= limit) return {path: real, stats};
  } catch (error) {
    throw readable(path, error);
  }
  throw new SourceError('too-large', `The archive ${quoted(path)} is larger than ${limit.toLocaleString('en')} bytes.`);
}

function beginsLikeZip(path: string): boolean {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const start = Buffer.alloc(4);
    if (!fstatSync(descriptor).isFile()) return false;
    const length = readSync(descriptor, start, 0, 4, 0);
    // An executable jar begins with a script, an empty archive with its end record.
    return (
      length === 4 &&
      (start.readUInt32LE(0) === 0x04_03_4b_50 ||
        start.readUInt32LE(0) === 0x06_05_4b_50 ||
        start.toString('latin1', 0, 2) === '#!')
    );
  } finally {
    closeSync(descriptor);
  }
}

async function readWhole(
  archive: Archive,
  path: string,
  signal: AbortSignal,
  take: (piece: Buffer) => void,
): Promise<string> {
  const hash = createHash('sha256');
  const both = (piece: Buffer) => {
    hash.update(piece);
    take(piece);
  };
  try {
    await readPieces(archive.path, archive.stats, both, createBreathe(signal));
  } catch (error) {
    throw readable(path, error);
  }
  return `sha256:${hash.digest('hex')}`;
}

async function copyArchive(archive: Archive, path: string, copy: string, signal: AbortSignal): Promise<string> {
  const descriptor = openSync(copy, 'wx', 0o600);
  try {
    return await readWhole(archive, path, signal, (piece) => {
      for (let at = 0; at < piece.length; ) at += writeSync(descriptor, piece, at);
    });
  } finally {
    closeSync(descriptor);
  }
}

function readable(path: string, error: unknown): unknown {
  const isFileSystems = error instanceof Error && 'syscall' in error && error.syscall !== 'write';
  if (!isFileSystems) return error;
  return new SourceError(
    'unreadable',
    `The archive ${quoted(path)} cannot be read: ${error.message}. Check its permissions.`,
    {cause: error},
  );
}
