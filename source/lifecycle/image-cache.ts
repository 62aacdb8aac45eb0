/** The cache in an image of a registry: its layers are the cached ones, a label says which is which (upstream's cache/image_cache.go). */
import {join} from 'node:path';
import {encodeImage, nameManifest, writeBlob} from '../oci/image-layout.ts';
import type {Descriptor} from '../oci/image-manifest.ts';
import {type LayerHash, writeLayer} from '../oci/layer-writer.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {atLeast} from './api-version.ts';
import {CacheReadError} from './cache-read-error.ts';
import type {CachedLayer, CacheWriter, LayerCache} from './layer-cache.ts';
import {descriptorOfLayer, type FoundImage, labelsOf, parseImageName} from './layout-image.ts';
import {type CacheMetadata, cacheMetadataText, parseCacheMetadata} from './layers-metadata.ts';
import type {PhaseContext} from './phase-context.ts';
import type {RegistrySite} from './registry-site.ts';
import {goArchitecture} from './target.ts';

const metadataLabel = 'io.buildpacks.lifecycle.cache.metadata';

/** An image that is not there yet is an empty cache. */
export async function openImageCache(context: PhaseContext, name: string): Promise<LayerCache> {
  const {registry} = context;
  if (registry === undefined) throw new Error(`accessing cache image "${name}": there is no way to registries here`);
  const image = await registry.find(name);
  const label = image === undefined ? undefined : labelsOf(image.image)[metadataLabel];
  return {
    found: image !== undefined,
    metadata: label === undefined ? {sbom: ''} : parseCacheMetadata(label),
    layer: (diffId) => fetchLayer(registry, image, diffId),
    write: () => writerFor(context, registry, name, image),
  };
}

async function fetchLayer(registry: RegistrySite, image: FoundImage | undefined, diffId: string): Promise<CachedLayer> {
  const descriptor = image && descriptorOfLayer(image.image, diffId);
  if (image === undefined || descriptor === undefined)
    throw new CacheReadError(`failed to find cache layer with SHA '${diffId}'`);
  try {
    return {file: await registry.layerFile(image, descriptor.digest), digest: descriptor.digest};
  } catch (error) {
    throw new CacheReadError(`failed to get cache layer with SHA '${diffId}'`, error);
  }
}

type Kept = {readonly diffId: string; readonly descriptor: Descriptor};

function writerFor(
  context: PhaseContext,
  registry: RegistrySite,
  name: string,
  before: FoundImage | undefined,
): CacheWriter {
  const layout = join(registry.scratch, 'cache');
  const kept = new Map<string, Kept>();
  const add = async (entries: Parameters<typeof writeLayer>[0]): Promise<LayerHash> => {
    const {diffId, digest, size, mediaType, uncompressedSize} = await writeLayer(entries, {
      compress: true,
      into: layout,
    });
    kept.set(diffId, {diffId, descriptor: {mediaType, digest, size}});
    return {diffId, size: uncompressedSize};
  };
  return {
    reuse: async (diffId) => {
      const descriptor = before && descriptorOfLayer(before.image, diffId);
      if (descriptor !== undefined) kept.set(diffId, {diffId, descriptor});
      return descriptor !== undefined;
    },
    add,
    commit: async (metadata) => {
      // An image without layers is refused by some registries.
      if (kept.size === 0) await add([]);
      const digest = await writeCacheImage(layout, [...kept.values()], metadata);
      await registry.push(layout, digest, [name], before === undefined ? [] : [before]);
      if (before !== undefined && before.image.digest !== digest) await removeBefore(context, registry, before);
    },
  };
}

async function writeCacheImage(layout: string, kept: readonly Kept[], metadata: CacheMetadata): Promise<string> {
  const encoded = encodeImage({
    manifest: {layers: kept.map(({descriptor}) => descriptor)},
    config: {
      os: 'linux',
      architecture: goArchitecture(process.arch),
      created: '1980-01-01T00:00:01Z',
      config: {Labels: {[metadataLabel]: cacheMetadataText(metadata).trimEnd()}},
      rootfs: {type: 'layers', diff_ids: kept.map(({diffId}) => diffId)},
    },
  });
  await writeBlob(layout, encoded.configBytes);
  await writeBlob(layout, encoded.manifestBytes);
  const {digest, manifestBytes} = encoded;
  await nameManifest(layout, {mediaType: mediaTypes.manifest, digest, size: manifestBytes.length}, ['latest']);
  return digest;
}

/** Below Platform API 0.13 the image that the cache was before is deleted; a registry that does not allow it keeps it. */
async function removeBefore(
  {inputs, log}: PhaseContext,
  registry: RegistrySite,
  {image, repository, reference}: FoundImage,
): Promise<void> {
  if (repository === undefined || atLeast(inputs.platformApi, '0.13')) return;
  try {
    await registry.client.deleteManifest(parseImageName(reference), image.digest);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    log.warn(`Unable to delete cache image: ${problem}`);
  }
}
