// Puts an encoded image into a layout with as little waiting as durability allows: its documents are written and flushed side by side. Whoever is
// told that it is done finds it after a loss of power; whoever is not does it again, which gives the same image.
import {linkSync, lstatSync} from 'node:fs';
import {join} from 'node:path';
import {blobPath, linkBlob} from './blob-store.ts';
import {type EncodedImage, formatLayoutIndex, type ImageLayout, missingLayer, named} from './image-layout.ts';
import type {Descriptor} from './image-manifest.ts';
import {mediaTypes} from './media-types.ts';
import {readLayoutAtOnce} from './read-at-once.ts';
import {type FileContent, replaceFiles} from './replace-files.ts';

/**
 * What `writeImage` does, for a layout that is there. A document that is there already is left alone. The caller holds the image's lock. Rejects as
 * reading the layout does; `not-found` names a layer that is not there.
 */
export async function putImage(directory: string, image: EncodedImage, names: readonly string[]): Promise<void> {
  const layout = readLayoutAtOnce(directory);
  for (const layer of image.manifest.layers) {
    if (!isThere(directory, layer)) throw missingLayer(directory, layer);
  }
  const {manifest, digest, configBytes, manifestBytes} = image;
  const descriptor = {mediaType: mediaTypes.manifest, digest, size: manifestBytes.length};
  const documents: readonly [Descriptor, Uint8Array][] = [
    [manifest.config, configBytes],
    [descriptor, manifestBytes],
  ];
  const missing = documents.filter(([blob]) => !isThere(directory, blob));
  await replaceFiles([
    ...missing.map(([blob, bytes]) => ({path: blobPath(directory, blob.digest), bytes})),
    indexFile(layout, descriptor, names),
  ]);
}

/** What `nameManifest` does, for a layout that is there. */
export async function nameImage(directory: string, descriptor: Descriptor, names: readonly string[]): Promise<void> {
  await replaceFiles([indexFile(readLayoutAtOnce(directory), descriptor, names)]);
}

/** What `linkBlob` does, in one step where a link can be made. */
export async function linkLayer(from: string, directory: string, layer: Descriptor): Promise<void> {
  if (isThere(directory, layer)) return;
  if (isThere(from, layer) && tryLink(from, directory, layer)) return;
  await linkBlob(from, directory, layer.digest);
}

function indexFile({directory, index}: ImageLayout, descriptor: Descriptor, names: readonly string[]): FileContent {
  return {path: join(directory, 'index.json'), bytes: formatLayoutIndex(named(index, descriptor, names))};
}

function isThere(directory: string, {digest, size}: Descriptor): boolean {
  const stats = lstatSync(blobPath(directory, digest), {throwIfNoEntry: false});
  return stats !== undefined && stats.isFile() && stats.size === size;
}

/** False where the file system cannot, or something else stands in the way. */
function tryLink(from: string, directory: string, {digest}: Descriptor): boolean {
  try {
    linkSync(blobPath(from, digest), blobPath(directory, digest));
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error) return false;
    throw error;
  }
}
