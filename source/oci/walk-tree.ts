// Reads a directory tree the way Go's filepath.Walk does and turns what it finds into tar entries. What a build left behind is hostile until
// checked: no link is ever followed, and each file must still be the one that was seen when it is opened.
//
// The calls are the synchronous ones on purpose: a tree of many small files takes a third of the time, and the tar writer lets the event loop
// turn between chunks.
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  statSync,
  type Stats,
} from 'node:fs';
import {OciError} from './oci-error.ts';
import {decodePath, encodePath} from './path-bytes.ts';
import {quoted} from './quoted.ts';
import type {TarEntry} from './tar-writer.ts';

/** A file as the walk saw it. A symbolic link is itself, never what it points to. */
export type DiskFile = {
  readonly path: string;
  readonly kind: TarEntry['kind'] | 'socket';
  readonly stats: Stats;
};

/** `root` and everything below it: names in the order of their bytes, a directory before its content. Throws what the file system throws. */
export function* walkTree(root: string): Generator<DiskFile> {
  const file = seeFile(root, lstatSync(encodePath(root)));
  yield file;
  if (file.kind !== 'directory') return;
  for (const name of namesIn(file)) yield* walkTree(root === '/' ? `/${name}` : `${root}/${name}`);
}

/** The directory at `path`, a link to one being followed: for the parents of a layer, which the build does not own. */
export function statDirectory(path: string): DiskFile {
  return seeFile(path, statSync(encodePath(path)));
}

/** The tar entry for a file, recorded under `path`, with owner and mode as on disk. Content is read when the entry is written. */
export function diskEntry(file: DiskFile, path: string): TarEntry {
  const {stats, kind} = file;
  if (kind === 'socket') throw new OciError('unsupported', `A socket cannot be archived: ${quoted(file.path)}.`);
  const entry = {path, kind, mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid};
  switch (kind) {
    case 'file':
      return {...entry, size: stats.size, content: () => readUnchanged(file)};
    case 'symlink':
      return {...entry, linkTarget: decodePath(readlinkSync(encodePath(file.path), {encoding: 'buffer'}))};
    case 'char':
    case 'block':
      return {...entry, device: deviceNumbers(stats.rdev)};
    case 'directory':
    case 'fifo':
      return entry;
    default:
      return kind satisfies never;
  }
}

function seeFile(path: string, stats: Stats): DiskFile {
  return {path, kind: kindOf(path, stats), stats};
}

function kindOf(path: string, stats: Stats): DiskFile['kind'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isSocket()) return 'socket';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isCharacterDevice()) return 'char';
  if (stats.isBlockDevice()) return 'block';
  throw new OciError(
    'unsupported',
    `Expected a file, directory, link, socket, pipe or device, got something else at ${quoted(path)}.`,
  );
}

/** The names in a directory, sorted by their bytes. The directory must still be the one that was seen, not a link put in its place. */
function namesIn(directory: DiskFile): readonly string[] {
  const names = readdirSync(encodePath(directory.path), {encoding: 'buffer'});
  if (!isSameFile(directory.stats, lstatSync(encodePath(directory.path)))) throw changed(directory.path);
  return names.toSorted((left, right) => Buffer.compare(left, right)).map(decodePath);
}

const readSize = 256 * 1024;

/** The content of a regular file: exactly as many bytes as the walk saw, or an error that names the file. */
function* readUnchanged(file: DiskFile): Generator<Buffer> {
  const descriptor = openSync(encodePath(file.path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const opened = fstatSync(descriptor);
    if (!opened.isFile() || !isSameFile(file.stats, opened) || opened.size !== file.stats.size)
      throw changed(file.path);
    yield* readAll(descriptor, file);
  } finally {
    closeSync(descriptor);
  }
}

function* readAll(descriptor: number, file: DiskFile): Generator<Buffer> {
  for (let left = file.stats.size; left > 0; ) {
    const buffer = Buffer.allocUnsafe(Math.min(readSize, left));
    const length = readSync(descriptor, buffer, 0, buffer.length, null);
    if (length === 0) throw changed(file.path);
    left -= length;
    yield buffer.subarray(0, length);
  }
  if (fstatSync(descriptor).size !== file.stats.size) throw changed(file.path);
}

function isSameFile(seen: Stats, now: Stats): boolean {
  return seen.dev === now.dev && seen.ino === now.ino;
}

function changed(path: string): OciError {
  return new OciError(
    'file-changed',
    `Expected ${quoted(path)} to stay as it was, but it changed while the layer was made. End what writes to it and try again.`,
  );
}

/** Linux' encoding of a device's numbers (gnu_dev_major, gnu_dev_minor). */
function deviceNumbers(device: number): {readonly major: number; readonly minor: number} {
  const bits = BigInt(device);
  return {
    major: Number(((bits >> 8n) & 0xf_ffn) | ((bits >> 32n) & 0xff_ff_f0_00n)),
    minor: Number((bits & 0xffn) | ((bits >> 12n) & 0xff_ff_ff_00n)),
  };
}
