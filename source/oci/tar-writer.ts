// Writes tar archives byte for byte as Go's archive/tar does (golang/go src/archive/tar/{writer,common,format,strconv}.go), because a layer's
// identity is the sha256 of exactly these bytes: USTAR wherever it fits, PAX records where it does not, two zero blocks at the end and no
// padding to 10 KiB. As buildpacks/lifecycle archive/writer.go does, every entry gets the same modification time and no user or group name.
import {posix} from 'node:path';
import {OciError} from './oci-error.ts';
import {encodePath} from './path-bytes.ts';
import {quoted} from './quoted.ts';

/**
 * One entry of a tar archive. `path` is written as it stands (no slash is added or removed); `mode` keeps its 07777 bits; `size` is in bytes
 * and, where `content` is not a buffer, must be what the content will give. Content handed over belongs to the writer: do not reuse a buffer.
 */
export type TarEntry = {
  readonly path: string;
  readonly kind: 'directory' | 'file' | 'symlink' | 'fifo' | 'char' | 'block';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly linkTarget?: string;
  readonly size?: number;
  readonly content?: Buffer | (() => AsyncIterable<Buffer> | Iterable<Buffer>);
  readonly device?: {readonly major: number; readonly minor: number};
};

/** Seconds since 1970 of the modification time all entries get: 1980-01-01T00:00:01Z. */
export const normalizedTime = 315_532_801;

/**
 * Writes `entries` as one tar archive, piece by piece, through `write`. A promise that `write` returns is awaited before more is read, so memory
 * stays flat whatever the size. Rejects with an OciError (`bad-path`, `bad-tar`, `file-changed`) and with whatever `write` throws.
 */
export async function writeTar(
  entries: AsyncIterable<TarEntry> | Iterable<TarEntry>,
  write: (chunk: Buffer) => void | Promise<void>,
): Promise<void> {
  const sink = new TarSink(write);
  for await (const entry of entries) {
    await sink.put(entryHeader(entry));
    if (entry.kind === 'file') await writeContent(entry, sink);
  }
  await sink.put(Buffer.alloc(2 * blockSize));
  await sink.flush();
}

const blockSize = 512;
const nameSize = 100;
const prefixSize = 155;
const slash = 0x2f;
const zeroBlock = Buffer.alloc(blockSize);
const typeFlags = {file: '0', symlink: '2', char: '3', block: '4', directory: '5', fifo: '6'} as const;

/** Gathers small pieces into chunks of a useful size; lets the event loop turn after each, so that a signal or a timer is not kept waiting. */
class TarSink {
  static readonly chunkSize = 256 * 1024;

  readonly #write: (chunk: Buffer) => void | Promise<void>;
  #chunk: Buffer = Buffer.allocUnsafeSlow(TarSink.chunkSize);
  #used = 0;

  constructor(write: (chunk: Buffer) => void | Promise<void>) {
    this.#write = write;
  }

  /** A promise only when a chunk was full: an entry of a small file costs no turn. */
  put(bytes: Buffer): void | Promise<void> {
    if (this.#used + bytes.length > TarSink.chunkSize) return this.#flushAndPut(bytes);
    this.#used += bytes.copy(this.#chunk, this.#used);
  }

  async flush(): Promise<void> {
    if (this.#used === 0) return;
    const full = this.#chunk.subarray(0, this.#used);
    this.#chunk = Buffer.allocUnsafeSlow(TarSink.chunkSize);
    this.#used = 0;
    await this.#write(full);
    await new Promise<void>((resolve) => {
      setImmediate(resolve);
    });
  }

  async #flushAndPut(bytes: Buffer): Promise<void> {
    await this.flush();
    if (bytes.length < TarSink.chunkSize) this.#used = bytes.copy(this.#chunk);
    else await this.#write(bytes);
  }
}

async function writeContent(entry: TarEntry, sink: TarSink): Promise<void> {
  const size = sizeOf(entry);
  const written = Buffer.isBuffer(entry.content)
    ? await putBuffer(entry.content, sink)
    : await putStream(entry, size, sink);
  if (written !== size) throw changedSize(entry, size, written);
  await sink.put(zeroBlock.subarray(0, padding(size)));
}

async function putBuffer(content: Buffer, sink: TarSink): Promise<number> {
  await sink.put(content);
  return content.length;
}

async function putStream(entry: TarEntry, size: number, sink: TarSink): Promise<number> {
  if (entry.content === undefined || Buffer.isBuffer(entry.content)) return 0;
  let written = 0;
  for await (const chunk of entry.content()) {
    written += chunk.length;
    if (written > size) throw changedSize(entry, size, written);
    await sink.put(chunk);
  }
  return written;
}

function changedSize(entry: TarEntry, expected: number, got: number): OciError {
  const came = got > expected ? `at least ${got}` : `${got}`;
  return new OciError(
    'file-changed',
    `Expected ${expected} bytes of ${quoted(entry.path)}, got ${came}: the file changed while it was read. End what writes to it and try again.`,
  );
}

function sizeOf(entry: TarEntry): number {
  if (entry.kind !== 'file') return 0;
  return entry.size ?? (Buffer.isBuffer(entry.content) ? entry.content.length : 0);
}

function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** The blocks in front of an entry's content: a USTAR header, or a PAX extension and the header it extends. */
function entryHeader(entry: TarEntry): Buffer {
  checkEntry(entry);
  const name = encodePath(entry.path);
  const link = encodePath(entry.linkTarget ?? '');
  const records = paxRecords(entry, name, link);
  if (records.length === 0) return headerBlock(entry, name, link);
  const split = records.length === 1 ? splitUstarPath(name) : undefined;
  if (split) return headerBlock(entry, split.suffix, link, split.prefix);
  return Buffer.concat([paxExtension(entry.path, records), headerBlock(entry, toAscii(name), toAscii(link))]);
}

function checkEntry(entry: TarEntry): void {
  if (entry.path === '' || entry.path.includes('\0') || entry.linkTarget?.includes('\0')) {
    throw new OciError('bad-path', `Expected a path without NUL for a tar entry, got ${quoted(entry.path)}.`);
  }
  if (entry.path.endsWith('/') && entry.kind !== 'directory' && entry.kind !== 'symlink') {
    throw new OciError(
      'bad-path',
      `Expected no slash at the end of a ${entry.kind}'s path, got ${quoted(entry.path)}.`,
    );
  }
  checkNumber(entry, 'uid', entry.uid);
  checkNumber(entry, 'gid', entry.gid);
  checkNumber(entry, 'size', sizeOf(entry));
}

function checkNumber(entry: TarEntry, field: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 0) return;
  throw new OciError(
    'bad-tar',
    `Expected ${field} of ${quoted(entry.path)} to be a whole number of at least 0, got ${value}.`,
  );
}

type UstarSplit = {readonly prefix: Buffer; readonly suffix: Buffer};

/** Splits a name of more than 100 bytes at its last slash within the first 156, if both halves then fit. */
function splitUstarPath(name: Buffer): UstarSplit | undefined {
  if (name.length <= nameSize || !isAscii(name)) return undefined;
  let length = name.length;
  if (length > prefixSize + 1) length = prefixSize + 1;
  else if (name[length - 1] === slash) length--;
  const at = name.subarray(0, length).lastIndexOf(slash);
  const suffixLength = name.length - at - 1;
  if (at <= 0 || suffixLength > nameSize || suffixLength === 0 || at > prefixSize) return undefined;
  return {prefix: name.subarray(0, at), suffix: name.subarray(at + 1)};
}

/** What does not fit the plain fields, as PAX records sorted by key. A long name that splits is among them, and needed when another field is. */
function paxRecords(entry: TarEntry, name: Buffer, link: Buffer): readonly Buffer[] {
  const records: Buffer[] = [];
  if (!fitsInOctal(8, entry.gid)) records.push(paxRecord('gid', String(entry.gid)));
  if (link.length > nameSize || !isAscii(link)) records.push(paxRecord('linkpath', link));
  if (name.length > nameSize || !isAscii(name)) records.push(paxRecord('path', name));
  if (!fitsInOctal(12, sizeOf(entry))) records.push(paxRecord('size', String(sizeOf(entry))));
  if (!fitsInOctal(8, entry.uid)) records.push(paxRecord('uid', String(entry.uid)));
  return records;
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
function paxRecord(key: string, value: Buffer | string): Buffer {
  const body = Buffer.concat([
    Buffer.from(` ${key}=`),
    typeof value === 'string' ? Buffer.from(value) : value,
    Buffer.from('\n'),
  ]);
  let size = body.length + String(body.length).length;
  size = body.length + String(size).length;
  return Buffer.concat([Buffer.from(String(size)), body]);
}

function paxExtension(path: string, records: readonly Buffer[]): Buffer {
  const body = Buffer.concat(records);
  const block = Buffer.alloc(blockSize);
  putString(block, 0, nameSize, paxName(path));
  putOctal(block, 100, 8, 0);
  putOctal(block, 108, 8, 0);
  putOctal(block, 116, 8, 0);
  putOctal(block, 124, 12, body.length);
  putOctal(block, 136, 12, 0);
  block.write('x', 156);
  seal(block);
  return Buffer.concat([block, body, zeroBlock.subarray(0, padding(body.length))]);
}

/** Where the extension says it stands: `PaxHeaders.0` beside the entry, in ASCII and at most 100 bytes. */
function paxName(path: string): Buffer {
  const at = path.lastIndexOf('/') + 1;
  const joined = posix.join(path.slice(0, at), 'PaxHeaders.0', path.slice(at));
  let name = toAscii(encodePath(joined)).subarray(0, nameSize);
  while (name.length > 0 && name[name.length - 1] === slash) name = name.subarray(0, -1);
  return name;
}

function headerBlock(entry: TarEntry, name: Buffer, link: Buffer, prefix?: Buffer): Buffer {
  const block = Buffer.alloc(blockSize);
  putString(block, 0, nameSize, name);
  putOctal(block, 100, 8, entry.mode & 0o7777);
  putOctal(block, 108, 8, entry.uid);
  putOctal(block, 116, 8, entry.gid);
  putOctal(block, 124, 12, sizeOf(entry));
  putOctal(block, 136, 12, normalizedTime);
  block.write(typeFlags[entry.kind], 156);
  putString(block, 157, nameSize, link);
  putOctal(block, 329, 8, entry.device?.major ?? 0);
  putOctal(block, 337, 8, entry.device?.minor ?? 0);
  if (prefix) putString(block, 345, prefixSize, prefix);
  seal(block);
  return block;
}

/** Copies a string into its field; one that is cut so that it would end in a slash ends before it, or a regular file would read as a directory. */
function putString(block: Buffer, offset: number, length: number, text: Buffer): void {
  text.copy(block, offset, 0, length);
  if (text.length <= length || block[offset + length - 1] !== slash) return;
  let end = length - 1;
  while (end > 0 && text[end - 1] === slash) end--;
  block[offset + end] = 0;
}

/** Zero-padded octal with a NUL behind it; a number too large for the field is written as 0 (its PAX record then holds it). */
function putOctal(block: Buffer, offset: number, length: number, value: number): void {
  const digits = (fitsInOctal(length, value) ? value : 0).toString(8).padStart(length - 1, '0');
  block.write(digits, offset, 'latin1');
}

function fitsInOctal(length: number, value: number): boolean {
  return value < 8 ** (length - 1);
}

/** Writes the magic and, last, the checksum: the sum of all bytes with the checksum's own field read as spaces. */
function seal(block: Buffer): void {
  block.write('ustar\u000000', 257, 'latin1');
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
}

function isAscii(bytes: Buffer): boolean {
  return bytes.every((byte) => byte < 0x80);
}

function toAscii(bytes: Buffer): Buffer {
  return isAscii(bytes) ? bytes : Buffer.from(bytes.filter((byte) => byte < 0x80));
}
