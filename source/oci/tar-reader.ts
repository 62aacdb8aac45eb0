// Reads tar archives as a stream: USTAR, PAX records, GNU long names. What it reads is hostile: lengths are bounded before anything is kept in
// memory, checksums must fit, and sparse files, which hide their size, are refused.
import {OciError} from './oci-error.ts';
import {decodePath} from './path-bytes.ts';
import {quoted} from './quoted.ts';
import type {TarEntry} from './tar-writer.ts';

/** The header of one entry. `size` counts the bytes of content in the archive; only files have any. `path` stands as in the archive. */
export type TarHeader = Required<Pick<TarEntry, 'path' | 'mode' | 'uid' | 'gid' | 'size'>> & {
  readonly kind: TarEntry['kind'] | 'hardlink' | 'unknown';
  readonly linkTarget: string;
};

/** How much of an archive is read at most: entries, bytes of content in all, bytes of one path or link target. */
export type TarLimits = {readonly entries: number; readonly bytes: number; readonly pathBytes: number};

/** Generous for a layer of an app, far from what a disk or a heap bears. */
export const defaultTarLimits: TarLimits = {entries: 1_000_000, bytes: 64 * 1024 ** 3, pathBytes: 4096};

/** One entry and its content, which must be read before the next entry is asked for; what is not read is skipped. */
export type ReadTarEntry = {readonly header: TarHeader; readonly content: AsyncIterable<Buffer>};

/**
 * The entries of an archive that comes in chunks of any size, up to its trailer (or its end, if whole blocks end there). Throws OciErrors:
 * `bad-tar` (what is wrong, at which byte), `limit`, `unsupported`.
 */
export async function* readTar(
  chunks: AsyncIterable<Uint8Array>,
  limits: TarLimits = defaultTarLimits,
): AsyncGenerator<ReadTarEntry> {
  const bytes = new ByteReader(chunks);
  const budget = {entries: limits.entries, bytes: limits.bytes};
  try {
    for (;;) {
      const header = await readHeader(bytes, limits, budget);
      if (!header) return;
      budget.bytes -= header.size;
      if (budget.bytes < 0)
        throw new OciError(
          'limit',
          `Expected at most ${limits.bytes} bytes of content in the archive, ${quoted(header.path)} exceeds that.`,
        );
      const content = new EntryContent(bytes, header.size);
      yield {header, content};
      await content.skipRest();
    }
  } finally {
    await bytes.close();
  }
}

const blockSize = 512;
const longestSpecial = 1024 * 1024;

/** What special entries in front of a header say about it. */
type Overrides = {
  readonly path?: Buffer;
  readonly linkTarget?: Buffer;
  readonly size?: number;
  readonly uid?: number;
  readonly gid?: number;
};

/** The next header with all that belongs to it, or nothing at the end of the archive. */
async function readHeader(
  bytes: ByteReader,
  limits: TarLimits,
  budget: {entries: number},
): Promise<TarHeader | undefined> {
  let overrides: Overrides = {};
  for (;;) {
    if (--budget.entries < 0)
      throw new OciError('limit', `Expected at most ${limits.entries} entries in the archive, got more.`);
    const at = bytes.position;
    const block = await bytes.block();
    if (!block || isZero(block)) return endOfArchive(block, bytes, overrides, at);
    checkBlock(block, at);
    const flag = String.fromCharCode(block[156] ?? 0);
    if (!specialFlags.has(flag)) return makeHeader(block, flag, overrides, limits, at);
    const body = await readSpecial(bytes, block, at);
    overrides = {...overrides, ...specialOverrides(flag, body, at)};
  }
}

/** PAX records for one entry and for all, GNU long name and long link. */
const specialFlags: ReadonlySet<string> = new Set(['x', 'g', 'L', 'K']);

function specialOverrides(flag: string, body: Buffer, at: number): Overrides {
  switch (flag) {
    case 'x':
      return paxOverrides(body, at);
    case 'L':
      return {path: untilNul(body)};
    case 'K':
      return {linkTarget: untilNul(body)};
    default:
      // Global records hold comments; a name for all entries makes no sense and Go ignores it too.
      return {};
  }
}

async function endOfArchive(
  block: Buffer | undefined,
  bytes: ByteReader,
  overrides: Overrides,
  at: number,
): Promise<undefined> {
  if (Object.keys(overrides).length > 0) throw broken('an entry behind the extension', at);
  if (!block) return undefined;
  const second = await bytes.block();
  if (second && !isZero(second)) throw broken('a second block of zeros at the end', at + blockSize);
  return undefined;
}

async function readSpecial(bytes: ByteReader, block: Buffer, at: number): Promise<Buffer> {
  const size = number(block, 124, 12, at);
  if (size > longestSpecial)
    throw new OciError(
      'limit',
      `Expected at most ${longestSpecial} bytes in an extension header of the archive, got ${size}.`,
    );
  const body = await bytes.exactly(size + padding(size), 'an extension header');
  return body.subarray(0, size);
}

function makeHeader(block: Buffer, flag: string, overrides: Overrides, limits: TarLimits, at: number): TarHeader {
  const path = overrides.path ?? plainName(block);
  const linkTarget = overrides.linkTarget ?? untilNul(block.subarray(157, 257));
  for (const text of [path, linkTarget]) {
    if (text.length > limits.pathBytes)
      throw new OciError(
        'limit',
        `Expected paths of at most ${limits.pathBytes} bytes in the archive, got ${text.length}.`,
      );
  }
  if (path.length === 0 || path.includes(0) || linkTarget.includes(0)) throw broken('a name without NUL', at);
  const kind = kindOf(flag, path);
  const size = overrides.size ?? number(block, 124, 12, at);
  return {
    path: decodePath(path),
    kind,
    linkTarget: decodePath(linkTarget),
    mode: number(block, 100, 8, at) & 0o7777,
    uid: overrides.uid ?? number(block, 108, 8, at),
    gid: overrides.gid ?? number(block, 116, 8, at),
    size: kind === 'file' || kind === 'unknown' ? size : 0,
  };
}

function kindOf(flag: string, path: Buffer): TarHeader['kind'] {
  switch (flag) {
    case '0':
    case '\0':
    case '7':
      return path.at(-1) === 0x2f ? 'directory' : 'file';
    case '1':
      return 'hardlink';
    case '2':
      return 'symlink';
    case '3':
      return 'char';
    case '4':
      return 'block';
    case '5':
      return 'directory';
    case '6':
      return 'fifo';
    case 'S':
      throw new OciError(
        'unsupported',
        'The archive holds a sparse file, which is not supported. Make the archive without --sparse.',
      );
    default:
      return 'unknown';
  }
}

/** The name from the header itself; the prefix counts only where the header is USTAR's (GNU keeps other things there). */
function plainName(block: Buffer): Buffer {
  const name = untilNul(block.subarray(0, 100));
  const isUstar = block.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isUstar ? untilNul(block.subarray(345, 500)) : Buffer.alloc(0);
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from('/'), name]);
}

/** The records of a PAX extension: `<length> <key>=<value>\n`, one behind the other. */
function paxOverrides(body: Buffer, at: number): Overrides {
  let overrides: Overrides = {};
  for (let rest = body; rest.length > 0; ) {
    const space = rest.indexOf(0x20);
    const length = space > 0 && space < 10 ? Number(rest.toString('latin1', 0, space)) : Number.NaN;
    const record = rest.subarray(space + 1, length - 1);
    const equals = record.indexOf(0x3d);
    if (!(length > space && length <= rest.length) || rest[length - 1] !== 0x0a || equals <= 0)
      throw broken('a PAX record', at);
    overrides = {...overrides, ...paxOverride(record.toString('utf8', 0, equals), record.subarray(equals + 1), at)};
    rest = rest.subarray(length);
  }
  return overrides;
}

function paxOverride(key: string, value: Buffer, at: number): Overrides {
  switch (key) {
    case 'path':
      return value.length === 0 ? {} : {path: value};
    case 'linkpath':
      return value.length === 0 ? {} : {linkTarget: value};
    case 'size':
    case 'uid':
    case 'gid':
      return {[key]: decimal(value, at)};
    default:
      if (!key.startsWith('GNU.sparse.')) return {};
      throw new OciError(
        'unsupported',
        'The archive holds a sparse file, which is not supported. Make the archive without --sparse.',
      );
  }
}

function decimal(value: Buffer, at: number): number {
  const text = value.toString('latin1');
  const result = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(result)) throw broken('a number in a PAX record', at);
  return result;
}

/** A number field: octal digits, or, with the highest bit set, base 256 (GNU). */
function number(block: Buffer, offset: number, length: number, at: number): number {
  const field = block.subarray(offset, offset + length);
  if (((field[0] ?? 0) & 0x80) !== 0) return base256(field, at);
  const text = field.toString('latin1').replaceAll('\0', ' ').trim();
  if (!/^[0-7]*$/.test(text)) throw broken('an octal number', at + offset);
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function base256(field: Buffer, at: number): number {
  let value = BigInt((field[0] ?? 0) & 0x7f);
  for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte);
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw broken('a number of a sensible size', at);
  return Number(value);
}

/** The checksum must fit, counted over unsigned or, as some old programs did, signed bytes. */
function checkBlock(block: Buffer, at: number): void {
  let unsigned = 0;
  let signed = 0;
  for (const [index, byte] of block.entries()) {
    const counted = index >= 148 && index < 156 ? 0x20 : byte;
    unsigned += counted;
    signed += counted < 0x80 ? counted : counted - 0x1_00;
  }
  const stored = number(block, 148, 8, at);
  if (stored !== unsigned && stored !== signed) throw broken('a tar header with a fitting checksum', at);
}

function broken(expected: string, at: number): OciError {
  return new OciError(
    'bad-tar',
    `Expected ${expected} at byte ${at} of the archive, got something else: it is damaged or no tar archive.`,
  );
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end === -1 ? bytes : bytes.subarray(0, end);
}

function padding(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

/** The content of one entry as it comes; knows what is left of it and of the padding behind it. */
class EntryContent implements AsyncIterable<Buffer> {
  readonly #bytes: ByteReader;
  readonly #padding: number;
  #left: number;

  constructor(bytes: ByteReader, size: number) {
    this.#bytes = bytes;
    this.#left = size;
    this.#padding = padding(size);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    while (this.#left > 0) {
      const chunk = await this.#bytes.atMost(this.#left);
      this.#left -= chunk.length;
      yield chunk;
    }
  }

  async skipRest(): Promise<void> {
    while (this.#left > 0) this.#left -= (await this.#bytes.atMost(this.#left)).length;
    await this.#bytes.exactly(this.#padding, 'padding');
  }
}

/** Hands out the bytes of a stream of chunks in the portions that are asked for. */
class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);
  position = 0;

  constructor(chunks: AsyncIterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** The next block, or nothing where the stream ends. */
  async block(): Promise<Buffer | undefined> {
    if (!(await this.#fill())) return undefined;
    return this.exactly(blockSize, 'a block of 512 bytes');
  }

  async exactly(size: number, what: string): Promise<Buffer> {
    if (size === 0) return Buffer.alloc(0);
    const first = await this.#take(size, what);
    if (first.length === size) return first;
    const parts = [first];
    for (let length = first.length; length < size; ) {
      const part = await this.#take(size - length, what);
      parts.push(part);
      length += part.length;
    }
    return Buffer.concat(parts);
  }

  /** Some bytes, at least one and at most `size`. */
  async atMost(size: number): Promise<Buffer> {
    return this.#take(size, 'content');
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #take(size: number, what: string): Promise<Buffer> {
    if (!(await this.#fill()))
      throw new OciError(
        'bad-tar',
        `Expected ${what} at byte ${this.position} of the archive, but it ends there: it was cut off.`,
      );
    const taken = this.#chunk.subarray(0, size);
    this.#chunk = this.#chunk.subarray(taken.length);
    this.position += taken.length;
    return taken;
  }

  async #fill(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return false;
      this.#chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    return true;
  }
}
