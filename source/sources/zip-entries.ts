// Reads the list of what a zip archive holds (PKWARE's APPNOTE 6.3, sections 4.3 to 4.5). The archive is hostile until checked: names that
// lead out of it, a name given twice, something below a file or link, encryption and unknown methods are refused.
import type {FileHandle} from 'node:fs/promises';
import {decodePath} from '../oci/path-bytes.ts';
import {quoted} from '../oci/quoted.ts';
import type {TreeLimits} from './scan-tree.ts';
import {SourceError} from './source-error.ts';

export type ZipEntry = {
  /** Relative, with `/`, without one at the end. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'symlink';
  readonly executable: boolean;
  readonly method: 'stored' | 'deflated';
  readonly checksum: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Of the entry's own header, in bytes from the start of the file. */
  readonly offset: number;
};

/** The entries in the archive's order. Rejects with a `SourceError` (kind `bad-archive` or `too-large`). */
export async function readZipEntries(file: FileHandle, limits: TreeLimits): Promise<readonly ZipEntry[]> {
  const {size} = await file.stat();
  const directory = await findDirectory(file, size);
  if (directory.count > limits.entries) throw tooLarge(`more than ${limits.entries.toLocaleString('en')} files`);
  const bytes = await readExactly(file, directory.offset, directory.size);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let index = 0; index < directory.count; index++) {
    if (at + 46 > bytes.length || bytes.readUInt32LE(at) !== 0x02_01_4b_50)
      throw badArchive('its list of files is damaged');
    const length = 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
    if (at + length > bytes.length) throw badArchive('its list of files is damaged');
    const entry = readEntry(bytes.subarray(at, at + length), directory.prefix);
    if (entry) entries.push(entry);
    at += length;
  }
  checkTogether(entries, limits);
  return entries;
}

/** Bytes of the archive; rejects when the file ends before. */
export async function readExactly(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const {bytesRead} = await file.read(buffer, 0, length, offset);
  if (bytesRead !== length) throw badArchive('it ends too early');
  return buffer;
}

export function badArchive(problem: string, cause?: unknown): SourceError {
  return new SourceError(
    'bad-archive',
    `Expected a zip archive that can be unpacked, but ${problem}. Make the archive again.`,
    {cause},
  );
}

type Directory = {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
  /** Bytes before the archive, such as the script of an executable jar: recorded offsets may not count them. */
  readonly prefix: number;
};

const directoryLimit = 256 * 1024 * 1024;

async function findDirectory(file: FileHandle, size: number): Promise<Directory> {
  const tailSize = Math.min(size, 22 + 65_535);
  const tail = await readExactly(file, size - tailSize, tailSize);
  const at = endRecordIn(tail);
  if (at === undefined) throw badArchive('it has no list of files at its end');
  const end = size - tailSize + at;
  const short = {
    count: tail.readUInt16LE(at + 10),
    size: tail.readUInt32LE(at + 12),
    offset: tail.readUInt32LE(at + 16),
  };
  const isLong = short.count === 0xff_ff || short.size === 0xff_ff_ff_ff || short.offset === 0xff_ff_ff_ff;
  const {record, position} = isLong ? await findLongRecord(file, end, short) : {record: short, position: end};
  const prefix = position - record.size - record.offset;
  if (prefix < 0 || record.size > directoryLimit) throw badArchive('its list of files is damaged');
  return {...record, prefix, offset: record.offset + prefix};
}

function endRecordIn(tail: Buffer): number | undefined {
  for (let at = tail.length - 22; at >= 0; at--) {
    if (tail.readUInt32LE(at) === 0x06_05_4b_50 && at + 22 + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  return undefined;
}

type EndRecord = {readonly count: number; readonly size: number; readonly offset: number};

/** Zip64: the record for archives with more or larger files, found through a locator just before the ordinary one. */
async function findLongRecord(
  file: FileHandle,
  end: number,
  short: EndRecord,
): Promise<{readonly record: EndRecord; readonly position: number}> {
  if (end < 20) return {record: short, position: end};
  const locator = await readExactly(file, end - 20, 20);
  if (locator.readUInt32LE(0) !== 0x07_06_4b_50) return {record: short, position: end};
  const position = end - 20 - 56;
  const record = position < 0 ? undefined : await readExactly(file, position, 56);
  if (record?.readUInt32LE(0) !== 0x06_06_4b_50) throw badArchive('its list of files is damaged');
  return {record: {count: long(record, 32), size: long(record, 40), offset: long(record, 48)}, position};
}

function long(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw badArchive('its list of files is damaged');
  return Number(value);
}

/** An entry of the list; undefined for the root itself. */
function readEntry(bytes: Buffer, prefix: number): ZipEntry | undefined {
  const nameEnd = 46 + bytes.readUInt16LE(28);
  const name = decodePath(bytes.subarray(46, nameEnd));
  const path = checkName(name);
  if (path === '') return undefined;
  if ((bytes.readUInt16LE(8) & 1) !== 0) throw badArchive(`${quoted(name)} is encrypted`);
  const extra = bytes.subarray(nameEnd, nameEnd + bytes.readUInt16LE(30));
  const sizes = readSizes(bytes, extra);
  return {
    path,
    ...readMode(bytes, name),
    method: methodOf(bytes.readUInt16LE(10), name),
    checksum: bytes.readUInt32LE(16),
    ...sizes,
    offset: sizes.offset + prefix,
  };
}

function checkName(name: string): string {
  const parts = name.split('/');
  if (name === '' || name.startsWith('/') || /[\0\\]/.test(name) || parts.includes('..') || /^[a-z]:/i.test(name))
    throw badArchive(`the name ${quoted(name)} in it leads out of it or is no name of a file`);
  return parts.filter((part) => part !== '' && part !== '.').join('/');
}

function methodOf(method: number, name: string): ZipEntry['method'] {
  if (method === 0) return 'stored';
  if (method === 8) return 'deflated';
  throw badArchive(`${quoted(name)} is packed with method ${method}; only deflate (8) and stored (0) can be read`);
}

/** Sizes and offset; those that do not fit are in the zip64 extra field, in this order. */
function readSizes(bytes: Buffer, extra: Buffer): Pick<ZipEntry, 'size' | 'compressedSize' | 'offset'> {
  const longs = longField(extra);
  let at = 0;
  const value = (position: number) => {
    const short = bytes.readUInt32LE(position);
    if (short !== 0xff_ff_ff_ff || !longs) return short;
    if (at + 8 > longs.length) throw badArchive('its list of files is damaged');
    at += 8;
    return long(longs, at - 8);
  };
  const size = value(24);
  const compressedSize = value(20);
  return {size, compressedSize, offset: value(42)};
}

function longField(extra: Buffer): Buffer | undefined {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) === 1) return extra.subarray(at + 4, at + 4 + extra.readUInt16LE(at + 2));
  }
  return undefined;
}

/** Permissions and kind, where the archive was made on Unix; elsewhere only the slash at the end tells. */
function readMode(bytes: Buffer, name: string): Pick<ZipEntry, 'kind' | 'executable'> {
  const mode = bytes.readUInt16LE(4) >> 8 === 3 ? bytes.readUInt32LE(38) >>> 16 : 0;
  const executable = (mode & 0o100) !== 0;
  if (name.endsWith('/')) return {kind: 'directory', executable};
  switch (mode & 0o17_0000) {
    case 0:
    case 0o10_0000:
      return {kind: 'file', executable};
    case 0o4_0000:
      return {kind: 'directory', executable};
    case 0o12_0000:
      return {kind: 'symlink', executable: false};
    default:
      throw badArchive(`${quoted(name)} is neither a file nor a directory nor a link`);
  }
}

const targetLimit = 4096;

function checkTogether(entries: readonly ZipEntry[], limits: TreeLimits): void {
  const kinds = new Map<string, ZipEntry['kind']>();
  let bytes = 0;
  for (const {path, kind, size} of entries) {
    if (kinds.has(path) && !(kind === 'directory' && kinds.get(path) === 'directory'))
      throw badArchive(`it holds ${quoted(path)} twice`);
    if (kind === 'symlink' && size > targetLimit)
      throw badArchive(`the target of the link ${quoted(path)} is too long`);
    kinds.set(path, kind);
    bytes += size;
  }
  if (bytes > limits.bytes) throw tooLarge(`more than ${limits.bytes.toLocaleString('en')} bytes`);
  for (const {path} of entries) {
    for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
      const above = kinds.get(path.slice(0, at));
      if (above !== undefined && above !== 'directory')
        throw badArchive(`${quoted(path)} in it lies below ${quoted(path.slice(0, at))}, which is no directory`);
    }
  }
}

function tooLarge(what: string): SourceError {
  return new SourceError('too-large', `The archive holds ${what}. Leave out what the build does not need.`);
}
