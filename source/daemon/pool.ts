// The pool of blobs that all image layouts share by hard links.
import {createReadStream} from 'node:fs';
import {copyFile, link, lstat, mkdir, readdir, rename, rm} from 'node:fs/promises';
import {randomUUID} from 'node:crypto';
import {dirname, join} from 'node:path';
import {finishDigest, startDigest} from '../oci/digest.ts';
import {blobPath, hasBlob} from '../oci/image-layout.ts';
import type {Descriptor} from '../oci/image-manifest.ts';
import {Refusal} from './refusal.ts';

/** Copies a blob of somebody else's layout into the pool; its content is checked against its digest first. */
export async function copyIntoPool(pool: string, layout: string, blob: Descriptor): Promise<void> {
  if (await hasBlob(pool, blob.digest, blob.size)) return;
  const target = blobPath(pool, blob.digest);
  const partial = join(dirname(target), `.${randomUUID()}.partial`);
  await mkdir(dirname(target), {recursive: true});
  try {
    await copyFile(blobPath(layout, blob.digest), partial);
    await checkDigest(partial, blob, layout);
    await rename(partial, target);
  } finally {
    await rm(partial, {force: true});
  }
}

/** Moves a blob that the lifecycle wrote into the pool; one the pool has already is left where it is. */
export async function moveIntoPool(pool: string, layout: string, blob: Descriptor): Promise<void> {
  if (await hasBlob(pool, blob.digest, blob.size)) return;
  const from = blobPath(layout, blob.digest);
  const stats = await lstat(from);
  if (!stats.isFile() || stats.size !== blob.size) {
    throw new Refusal(
      'internal',
      `expected the exported blob ${blob.digest} to be a file of ${blob.size} bytes at ${from}`,
    );
  }
  const target = blobPath(pool, blob.digest);
  await mkdir(dirname(target), {recursive: true});
  await link(from, target).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') await copyFile(from, target);
  });
}

/**
 * Removes the blobs of a layout that no named manifest reaches, and from the pool those that only the pool still holds.
 * `reachable` are the digests to keep. Returns the bytes given back.
 */
export async function sweepLayout(pool: string, layout: string, reachable: ReadonlySet<string>): Promise<number> {
  const directory = dirname(blobPath(layout, `sha256:${'0'.repeat(64)}`));
  let freed = 0;
  for (const hex of await readdir(directory)) {
    if (!/^[0-9a-f]{64}$/.test(hex) || reachable.has(`sha256:${hex}`)) continue;
    await rm(join(directory, hex), {force: true});
    freed += await dropFromPool(pool, `sha256:${hex}`);
  }
  return freed;
}

async function dropFromPool(pool: string, digest: string): Promise<number> {
  const path = blobPath(pool, digest);
  const stats = await lstat(path).catch(() => undefined);
  if (!stats || stats.nlink > 1) return 0;
  await rm(path, {force: true});
  return stats.size;
}

async function checkDigest(file: string, blob: Descriptor, layout: string): Promise<void> {
  const hash = startDigest();
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  const got = finishDigest(hash);
  if (got !== blob.digest) {
    throw new Refusal(
      'invalid',
      `expected the blob ${blob.digest} in ${layout}, got content with the digest ${got}; the layout is damaged`,
    );
  }
}
