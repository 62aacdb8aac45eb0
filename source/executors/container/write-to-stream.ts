// Writes to a stream no faster than it is read, and leaves no listener behind.
import {once} from 'node:events';
import type {Writable} from 'node:stream';

/** Resolves when the stream takes more; rejects when nobody reads it any more. */
export async function writeToStream(stream: Writable, chunk: Buffer): Promise<void> {
  if (stream.destroyed) throw new Error('the archive is not wanted any more');
  if (stream.write(chunk)) return;
  const settled = new AbortController();
  const {signal} = settled;
  try {
    await Promise.race([once(stream, 'drain', {signal}), once(stream, 'close', {signal})]);
  } finally {
    settled.abort();
  }
}
