// Writes images of a layout as one docker archive: `manifest.json`, one config and the uncompressed layers, as `docker save` and `podman save
// --format docker-archive` make it and `docker load` and `podman load` take it (moby image/tarexport/load.go). Older engines refuse an OCI layout tar.
import {startDigest, finishDigest, type Digest, digestHex} from './digest.ts';
import {documentLimits, parseConfigOf, readBlob, readManifest} from './image-layout.ts';
import type {Descriptor} from './image-manifest.ts';
import {readLayerTar} from './archive-layer-tar.ts';
import {OciError} from './oci-error.ts';
import {writeTar, type TarEntry} from './tar-writer.ts';

/** An image of the layout by manifest digest, and the names (`acme/app:1`) it is loaded under. */
export type ArchivedImage = {readonly digest: Digest; readonly tags: readonly string[]};

export type WriteDockerArchive = {
  readonly signal?: AbortSignal | undefined;
  /**
   * DiffIDs of layers that the engine has one upon the other, from the lowest: they are named and left out. Only for an engine that looks
   * for a chain of layers before it opens their files (moby image/tarexport/load.go, without containerd's store).
   */
  readonly present?: readonly Digest[];
};

/**
 * Writes the archive piece by piece through `write`, whose promise is awaited: memory stays flat. Each layer is read twice, first to learn its
 * uncompressed size and to check it against the config's diffID, so nothing wrong is handed to an engine. The same images give the same bytes.
 * OciErrors: `not-found`, `digest-mismatch`, `bad-manifest`, `unsupported` (a layer compressed otherwise than by gzip or zstd).
 */
export async function writeDockerArchive(
  layout: string,
  images: readonly ArchivedImage[],
  write: (chunk: Buffer) => void | Promise<void>,
  {signal, present = []}: WriteDockerArchive = {},
): Promise<void> {
  const plans = await planImages(layout, images);
  await writeTar(archiveEntries(layout, plans, present), (chunk) => {
    signal?.throwIfAborted();
    return write(chunk);
  });
}

type Layer = {readonly diffId: Digest; readonly descriptor: Descriptor};

type ImagePlan = {
  readonly tags: readonly string[];
  readonly config: {readonly digest: Digest; readonly bytes: Buffer};
  readonly layers: readonly Layer[];
};

async function planImages(layout: string, images: readonly ArchivedImage[]): Promise<readonly ImagePlan[]> {
  const plans: ImagePlan[] = [];
  for (const {digest, tags} of images) {
    const manifest = await readManifest(layout, {digest});
    const bytes = await readBlob(layout, manifest.config, documentLimits.config);
    const diffIds = parseConfigOf(manifest, bytes).rootfs.diff_ids;
    const layers = manifest.layers.map((descriptor, index) => ({descriptor, diffId: diffIds[index] ?? ''}));
    plans.push({tags, config: {digest: manifest.config.digest, bytes}, layers});
  }
  return plans;
}

/** The layers first, each once; `manifest.json` last, as `docker save` has it. */
async function* archiveEntries(
  layout: string,
  plans: readonly ImagePlan[],
  present: readonly Digest[],
): AsyncGenerator<TarEntry, undefined> {
  const written = new Set<Digest>(plans.length === 1 ? commonBeginning(plans[0]?.layers ?? [], present) : []);
  for (const {layers} of plans) {
    for (const layer of layers) {
      if (written.has(layer.diffId)) continue;
      written.add(layer.diffId);
      yield await layerEntry(layout, layer);
    }
  }
  for (const {config} of plans) {
    if (written.has(config.digest)) continue;
    written.add(config.digest);
    yield fileEntry(configName(config.digest), config.bytes);
  }
  yield fileEntry('manifest.json', Buffer.from(JSON.stringify(plans.map(manifestLine))));
  return undefined;
}

/** A layer counts only upon the layers it stands on: its chain is what the engine knows. */
function commonBeginning(layers: readonly Layer[], present: readonly Digest[]): readonly Digest[] {
  const other = layers.findIndex(({diffId}, index) => diffId !== present[index]);
  return layers.slice(0, other === -1 ? layers.length : other).map(({diffId}) => diffId);
}

async function layerEntry(layout: string, layer: Layer): Promise<TarEntry> {
  const hash = startDigest();
  let size = 0;
  for await (const chunk of readLayerTar(layout, layer.descriptor)) {
    hash.update(chunk);
    size += chunk.length;
  }
  const got = finishDigest(hash);
  if (got !== layer.diffId) {
    throw new OciError(
      'digest-mismatch',
      `Expected the layer ${layer.descriptor.digest} in ${layout} to have the diffID ${layer.diffId}, got ${got}. The layout is damaged: write the image again.`,
    );
  }
  return {
    ...fileEntry(layerName(layer.diffId), undefined),
    size,
    content: () => readLayerTar(layout, layer.descriptor),
  };
}

function manifestLine({tags, config, layers}: ImagePlan): object {
  return {
    Config: configName(config.digest),
    RepoTags: tags.length === 0 ? null : tags,
    Layers: layers.map(({diffId}) => layerName(diffId)),
  };
}

function fileEntry(path: string, content: Buffer | undefined): TarEntry {
  return {path, kind: 'file', mode: 0o644, uid: 0, gid: 0, ...(content && {content, size: content.length})};
}

function configName(digest: Digest): string {
  return `${digestHex(digest)}.json`;
}

function layerName(diffId: Digest): string {
  return `${digestHex(diffId)}.tar`;
}
