// Gzip in independent blocks on zlib's own threads: the blocks of one stream are compressed side by side while the caller reads and hashes on,
// so two cores are busy and memory holds a few blocks. The result is one ordinary gzip member. Its bytes depend on the content alone: the header
// carries no time and no name, and the blocks are cut at fixed places.
import {promisify} from 'node:util';
import {constants, crc32, deflateRaw} from 'node:zlib';

const deflate = promisify(deflateRaw);
const blockSize = 1024 * 1024;
const blocksInFlight = 3;

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
    this.#block = finishFlush === constants.Z_FINISH ? Buffer.alloc(0) : Buffer.allocUnsafeSlow(blockSize);
    this.#used = 0;
    const compressed = deflate(block, {level: 1, finishFlush});
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
    this.#running.shift();
  }
}
