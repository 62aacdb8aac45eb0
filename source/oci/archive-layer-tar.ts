// The uncompressed tar of a layer blob, whatever it is compressed with.
import {pipeline} from 'node:stream/promises';
import {PassThrough, type Transform} from 'node:stream';
import {createGunzip, createZstdDecompress} from 'node:zlib';
import {openRegular} from './blob-store.ts';
import {blobPath} from './image-layout.ts';
import type {Descriptor} from './image-manifest.ts';
import {OciError} from './oci-error.ts';

/**
 * A layer of a layout, uncompressed, piece by piece. What it is compressed with is seen from its first bytes, since media types are not always
 * right. OciErrors: `not-found`, `bad-layout` (damaged), `limit` (more than `mostBytes` uncompressed).
 */
export function readLayerTar(
  layout: string,
  {digest}: Pick<Descriptor, 'digest'>,
  mostBytes: number = defaultMostBytes,
): AsyncGenerator<Buffer, undefined> {
  return readTarFile(blobPath(layout, digest), mostBytes);
}

/** As `readLayerTar`, for a file anywhere. */
export async function* readTarFile(
  path: string,
  mostBytes: number = defaultMostBytes,
): AsyncGenerator<Buffer, undefined> {
  const handle = await openRegular(path);
  try {
    const first = Buffer.alloc(4);
    const {bytesRead} = await handle.read(first, 0, first.length, 0);
    const file = handle.createReadStream({start: 0, autoClose: false, highWaterMark: chunkSize});
    const decompressor = decompressorFor(first.subarray(0, bytesRead));
    yield* bounded(decompressor ? decompressed(file, decompressor, path) : file, mostBytes, path);
    return undefined;
  } finally {
    await handle.close();
  }
}

const chunkSize = 256 * 1024;
const defaultMostBytes = 64 * 1024 ** 3;

/** What reads a stream that begins like this; nothing when it is not compressed. */
export function decompressorFor(first: Buffer): Transform | undefined {
  if (first[0] === 0x1f && first[1] === 0x8b) return createGunzip({chunkSize});
  if (first.length >= 4 && first.readUInt32LE(0) === 0xfd_2f_b5_28) return createZstdDecompress({chunkSize});
  return undefined;
}

/** The bytes of `source` behind `decompressor`; the pipeline ends when the reader goes away. */
export async function* decompressed(
  source: AsyncIterable<Uint8Array>,
  decompressor: Transform,
  name: string,
): AsyncGenerator<Buffer, undefined> {
  const end = new PassThrough({highWaterMark: chunkSize});
  const stop = new AbortController();
  const running = pipeline(source, decompressor, end, {signal: stop.signal});
  // A failure reaches the reader through `end`; here it must only not count as unhandled.
  running.catch(() => undefined);
  try {
    for await (const chunk of end) yield chunk as Buffer;
    return undefined;
  } catch (cause) {
    if (cause instanceof OciError) throw cause;
    throw new OciError(
      'bad-layout',
      `Expected complete compressed data in ${name}, got something damaged or cut off.`,
      {cause},
    );
  } finally {
    stop.abort();
  }
}

async function* bounded(
  chunks: AsyncIterable<unknown>,
  mostBytes: number,
  name: string,
): AsyncGenerator<Buffer, undefined> {
  let bytes = 0;
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > mostBytes) throw new OciError('limit', `Expected at most ${mostBytes} bytes in ${name}, got more.`);
    yield chunk;
  }
  return undefined;
}
