// Compresses a stream into a gzip blob of a layout.
import {randomUUID} from 'node:crypto';
import {mkdir, open, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {blobPath} from './blob-store.ts';
import {type Digest, finishDigest, startDigest} from './digest.ts';
import {GzipBlocks} from './gzip-blocks.ts';

/** Writes the bytes, compressed, as a blob: digest and size are the compressed ones. */
export async function writeCompressedBlob(
  chunks: AsyncIterable<Buffer>,
  into: string,
): Promise<{readonly digest: Digest; readonly size: number}> {
  const path = join(into, 'blobs', `.${randomUUID()}.partial`);
  await mkdir(dirname(path), {recursive: true});
  const handle = await open(path, 'wx', 0o644);
  const hash = startDigest();
  let size = 0;
  const gzip = new GzipBlocks(async (chunk) => {
    hash.update(chunk);
    size += chunk.length;
    for (let offset = 0; offset < chunk.length; ) offset += (await handle.write(chunk, offset)).bytesWritten;
  });
  try {
    for await (const chunk of chunks) await gzip.add(chunk);
    await gzip.finish();
    await handle.datasync();
    const digest = finishDigest(hash);
    const target = blobPath(into, digest);
    await mkdir(dirname(target), {recursive: true});
    await rename(path, target);
    return {digest, size};
  } finally {
    await gzip.settle();
    await handle.close();
    await rm(path, {force: true});
  }
}
