// Gzip in independent blocks on zlib's own threads: the blocks of one stream are compressed side by side while the caller reads and hashes on,
// so two cores are busy and memory holds a few blocks. The result is one ordinary gzip member. Its bytes depend on the content alone: the header
// carries no time and no name, and the blocks are cut at fixed places. A block that is noise already (archives, pictures, media) is stored as it
// is: zlib would spend more time on it than on anything else and save nothing.
import {promisify} from 'node:util';
import {constants, crc32, deflateRaw} from 'node:zlib';

const deflate = promisify(deflateRaw);
const blockSize = 128 * 1024;
const blocksInFlight = 8;
/** Room for a whole compressed block, so that zlib's thread is asked once for each. */
const roomForBlock = blockSize + 4096;

/** Magic, deflate, no flags, no time, "fastest", unknown system. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255]);

/** Compresses what `add` is given and passes it on, in order, to `write`. Call `finish` at the end; both reject with what `write` throws. */
export class GzipBlocks {
  readonly #write: (chunk: Buffer) => void | Promise<void>;
  readonly #running: Promise<Buffer>[] = [];
  #block: Buffer = Buffer.allocUnsafeSlow(blockSize);
  #used = 0;
  #checksum = 0;
  #length = 0;
  #started = false;

  constructor(write: (chunk: Buffer) => void | Promise<void>) {
    this.#write = write;
  }

  /** Takes some bytes (copied); waits while too many blocks are being compressed. */
  async add(bytes: Buffer): Promise<void> {
    this.#checksum = crc32(bytes, this.#checksum);
    this.#length += bytes.length;
    for (let offset = 0; offset < bytes.length; ) {
      if (this.#used === blockSize) await this.#compress(constants.Z_SYNC_FLUSH);
      const copied = bytes.copy(this.#block, this.#used, offset);
      this.#used += copied;
      offset += copied;
    }
  }

  /** Compresses what is left and writes the trailer. */
  async finish(): Promise<void> {
    await this.#compress(constants.Z_FINISH);
    while (this.#running.length > 0) await this.#writeOldest();
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#checksum, 0);
    trailer.writeUInt32LE(this.#length % 2 ** 32, 4);
    await this.#write(trailer);
  }

  /** Waits until nothing is being compressed any more, whatever became of it: for giving up in the middle. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#running);
  }

  async #compress(finishFlush: number): Promise<void> {
    const block = this.#block.subarray(0, this.#used);
    const isLast = finishFlush === constants.Z_FINISH;
    this.#block = isLast ? Buffer.alloc(0) : Buffer.allocUnsafeSlow(blockSize);
    this.#used = 0;
    const compressed = isNoise(block)
      ? Promise.resolve(storedBlocks(block, isLast))
      : deflate(block, {level: 1, finishFlush, chunkSize: roomForBlock});
    // A failure is met when the block is written; until then it must not count as unhandled.
    compressed.catch(() => undefined);
    this.#running.push(compressed);
    if (this.#running.length > blocksInFlight) await this.#writeOldest();
  }

  async #writeOldest(): Promise<void> {
    if (!this.#started) {
      this.#started = true;
      await this.#write(header);
    }
    const oldest = this.#running[0];
    if (oldest) await this.#write(await oldest);
    void this.#running.shift();
  }
}

/** Too few samples look less even than they are, and too few bytes cost nothing. */
const leastSample = 2048;
const sampleStep = 17;
/** Of the 8 bits a byte has. Random bytes give 7.98 in a sample of this size, compressed files 7.9 and more, machine code about 6.5, text below 5. */
const noiseEntropy = 7.9;

/** Do the bytes occur about equally often? Taken from one byte in 17: a prime, so that no record length falls in step with it. */
function isNoise(block: Buffer): boolean {
  if (block.length < leastSample * sampleStep) return false;
  const counts = new Uint32Array(256);
  let samples = 0;
  for (let index = 0; index < block.length; index += sampleStep) {
    const byte = block[index] ?? 0;
    counts[byte] = (counts[byte] ?? 0) + 1;
    samples += 1;
  }
  let entropy = 0;
  for (const count of counts) if (count > 0) entropy -= (count / samples) * Math.log2(count / samples);
  return entropy > noiseEntropy;
}

const storedLimit = 65_535;

/** The bytes as deflate's stored blocks (RFC 1951, 3.2.4). What stands before them ends at a byte, as a flushed stream does. */
function storedBlocks(block: Buffer, isLast: boolean): Buffer {
  const pieces: Buffer[] = [];
  for (let offset = 0; offset < block.length; offset += storedLimit) {
    const piece = block.subarray(offset, offset + storedLimit);
    const start = Buffer.alloc(5);
    start.writeUInt8(isLast && offset + storedLimit >= block.length ? 1 : 0, 0);
    start.writeUInt16LE(piece.length, 1);
    start.writeUInt16LE(~piece.length & 0xff_ff, 3);
    pieces.push(start, piece);
  }
  return Buffer.concat(pieces);
}
