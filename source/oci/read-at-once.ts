// Reads the small documents of an image layout in one go, on the caller's thread: from memory, as a rule. A fleet's rebase reads four of them for
// each image, and by way of the thread pool each costs ten times what reading it does.
import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs';
import {join} from 'node:path';
import {blobPath, checkedBlob, openingError} from './blob-store.ts';
import type {Digest} from './digest.ts';
import {checkMarker, documentLimits, type ImageLayout, type LayoutImage, parseConfigOf} from './image-layout.ts';
import {parseIndex, parseManifest} from './image-manifest.ts';
import {mediaTypes} from './media-types.ts';
import {OciError} from './oci-error.ts';
import {quoted} from './quoted.ts';

/** Manifest and config of the image with this digest, checked as `readImage` checks them; its OciErrors. For layouts of one's own disk. */
export function readDocumentsAtOnce(directory: string, digest: Digest): LayoutImage {
  const manifestBytes = readBlobAtOnce(directory, {digest}, documentLimits.manifest);
  const manifest = parseManifest(manifestBytes, `manifest ${digest}`);
  const config = parseConfigOf(manifest, readBlobAtOnce(directory, manifest.config, documentLimits.config));
  const descriptor = {mediaType: manifest.mediaType ?? mediaTypes.manifest, digest, size: manifestBytes.length};
  return {digest, descriptor, manifest, config};
}

/** What `readLayout` gives, with its OciErrors. */
export function readLayoutAtOnce(directory: string): ImageLayout {
  const marker = join(directory, 'oci-layout');
  checkMarker(readFileAtOnce(marker, documentLimits.layoutFile), marker);
  const index = join(directory, 'index.json');
  return {directory, index: parseIndex(readFileAtOnce(index, documentLimits.index), index)};
}

/** A small blob of at most `limit` bytes, checked against its digest; the OciErrors of `readBlob`. */
export function readBlobAtOnce(
  directory: string,
  blob: {readonly digest: Digest; readonly size?: number},
  limit: number,
): Buffer {
  const path = blobPath(directory, blob.digest);
  return checkedBlob(readFileAtOnce(path, limit), path, blob);
}

/** A regular file of at most `limit` bytes; no link is followed, no pipe waited for. */
function readFileAtOnce(path: string, limit: number): Buffer {
  const file = openAtOnce(path);
  try {
    const stats = fstatSync(file);
    if (!stats.isFile())
      throw new OciError('bad-layout', `Expected a regular file at ${quoted(path)}, got something else.`);
    const {size} = stats;
    if (size > limit) throw new OciError('limit', `Expected at most ${limit} bytes in ${path}, got ${size}.`);
    const bytes = Buffer.allocUnsafe(size);
    return bytes.subarray(0, readSync(file, bytes, 0, size, 0));
  } finally {
    closeSync(file);
  }
}

function openAtOnce(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    throw openingError(path, cause);
  }
}
