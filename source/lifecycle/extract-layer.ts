/** Unpacks layers into <layers>: only what belongs to the layer, checked against its digest before a byte is written. */
import {blobPath, hasBlob} from '../oci/image-layout.ts';
import {extractTar} from '../oci/extract-tar.ts';
import {OciError} from '../oci/oci-error.ts';
import {descriptorOfLayer, type FoundImage} from './layout-image.ts';
import {CacheReadError} from './cache-read-error.ts';
import type {CachedLayer} from './layer-cache.ts';
import type {RegistrySite} from './registry-site.ts';

/** Unpacks a cached layer at `path`, the place it had when it was cached. Throws CacheReadError when the cache cannot give it. */
export async function extractCachedLayer(layer: CachedLayer, path: string): Promise<void> {
  try {
    await extractTar({...layer, root: '/', allowedPrefixes: [path]});
  } catch (error) {
    if (error instanceof OciError) throw new CacheReadError(error.message, error);
    throw error;
  }
}

/** Unpacks the SBOM layer of an image to <layers>/sbom/launch; false when the layout does not have that layer. */
export async function extractSbomLayer(
  image: FoundImage,
  diffId: string,
  layersDir: string,
  registry: RegistrySite | undefined,
): Promise<boolean> {
  const descriptor = descriptorOfLayer(image.image, diffId);
  if (descriptor === undefined) return false;
  if (image.repository !== undefined) await registry?.layerFile(image, descriptor.digest);
  if (!(await hasBlob(image.directory, descriptor.digest))) return false;
  const file = blobPath(image.directory, descriptor.digest);
  await extractTar({file, digest: descriptor.digest, root: '/', allowedPrefixes: [`${layersDir}/sbom/launch`]});
  return true;
}
