// Unpacks a zip archive into an empty directory.
import {createWriteStream} from 'node:fs';
import {chmod, type FileHandle, mkdir, symlink} from 'node:fs/promises';
import {dirname} from 'node:path';
import {Readable, Transform} from 'node:stream';
import {pipeline} from 'node:stream/promises';
import {crc32, createInflateRaw} from 'node:zlib';
import {encodePath} from '../oci/path-bytes.ts';
import {quoted} from '../oci/quoted.ts';
import type {TreeLimits} from './scan-tree.ts';
import {SourceError} from './source-error.ts';
import {badArchive, readExactly, readZipEntries, type ZipEntry} from './zip-entries.ts';

/**
 * Writes what the archive holds. Links are made last, so that nothing is written through one. Sizes and checksums are checked while
 * writing. Rejects with a `SourceError` (kind `bad-archive` or `too-large`).
 */
export async function extractZip(
  file: FileHandle,
  directory: string,
  {limits, signal}: {readonly limits: TreeLimits; readonly signal: AbortSignal},
): Promise<void> {
  const entries = await readZipEntries(file, limits);
  for (const entry of entries) {
    signal.throwIfAborted();
    const place = `${directory}/${entry.path}`;
    await mkdir(encodePath(entry.kind === 'directory' ? place : dirname(place)), {recursive: true, mode: 0o755});
    if (entry.kind === 'file') await writeFile(file, entry, place, signal);
  }
  for (const entry of entries) {
    if (entry.kind === 'symlink') await writeLink(file, entry, `${directory}/${entry.path}`, signal);
  }
}

async function writeFile(file: FileHandle, entry: ZipEntry, place: string, signal: AbortSignal): Promise<void> {
  const mode = entry.executable ? 0o755 : 0o644;
  const path = encodePath(place);
  await unpack(file, entry, signal, createWriteStream(path, {flags: 'wx', mode}));
  await chmod(path, mode);
}

async function writeLink(file: FileHandle, entry: ZipEntry, place: string, signal: AbortSignal): Promise<void> {
  const pieces: Buffer[] = [];
  const collect = new Transform({
    transform(piece: Buffer, _encoding, done) {
      pieces.push(piece);
      done();
    },
  });
  await unpack(file, entry, signal, collect.resume());
  const target = Buffer.concat(pieces);
  if (target.length === 0 || target.includes(0)) throw badArchive(`the link ${quoted(entry.path)} has no valid target`);
  await symlink(target, encodePath(place));
}

async function unpack(
  file: FileHandle,
  entry: ZipEntry,
  signal: AbortSignal,
  target: NodeJS.WritableStream,
): Promise<void> {
  const check = createCheck(entry);
  const packed = Readable.from(packedPieces(file, entry), {objectMode: false});
  try {
    if (entry.method === 'deflated') await pipeline(packed, createInflateRaw(), check.stream, target, {signal});
    else await pipeline(packed, check.stream, target, {signal});
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof SourceError || (error instanceof Error && 'syscall' in error)) throw error;
    throw badArchive(`${quoted(entry.path)} in it is damaged`, error);
  }
  check.finish();
}

const pieceSize = 256 * 1024;

async function* packedPieces(file: FileHandle, {offset, compressedSize, path}: ZipEntry): AsyncGenerator<Buffer> {
  const header = await readExactly(file, offset, 30);
  if (header.readUInt32LE(0) !== 0x04_03_4b_50) throw badArchive(`${quoted(path)} in it is damaged`);
  const start = offset + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
  for (let at = 0; at < compressedSize; at += pieceSize)
    yield await readExactly(file, start + at, Math.min(pieceSize, compressedSize - at));
}

/** Lets the bytes through while they are no more than promised, and compares size and checksum at the end. */
function createCheck({path, size, checksum}: ZipEntry): {readonly stream: Transform; readonly finish: () => void} {
  let seen = 0;
  let sum = 0;
  const stream = new Transform({
    transform(piece: Buffer, _encoding, done) {
      seen += piece.length;
      sum = crc32(piece, sum);
      if (seen > size) done(badArchive(`${quoted(path)} in it is larger than it says`));
      else done(null, piece);
    },
  });
  return {
    stream,
    finish() {
      if (seen !== size || sum !== checksum) throw badArchive(`${quoted(path)} in it is damaged`);
    },
  };
}
