// The image that the export phase left in the layout volume: taken out, checked, measured. The lifecycle that wrote it came with the builder, so
// nothing in it is believed.
import {mkdir, readdir, rename, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {finishDigest, startDigest} from '../../oci/digest.ts';
import {extractTar} from '../../oci/extract-tar.ts';
import {openRegular} from '../../oci/blob-store.ts';
import {readBlob, readImage, writeBlob} from '../../oci/image-layout.ts';
import {formatIndex} from '../../oci/image-manifest.ts';
import {mediaTypes, toOciMediaType} from '../../oci/media-types.ts';
import {placeInLayoutDir} from '../../lifecycle/layout-image.ts';
import {checkStagedImage} from '../staged-image.ts';

/** Where the layout volume is mounted. */
export const layoutRoot = '/layout-repo';

/** The absolute path of an image's layout in a container, as the lifecycle makes it (lifecycle `image/layout_handler.go`). */
export function layoutPathOf(reference: string): string {
  return placeInLayoutDir(layoutRoot, reference).directory;
}

/** The same, below the layout volume. */
export function layoutPlace(reference: string): string {
  return path.posix.relative(layoutRoot, layoutPathOf(reference));
}

/**
 * The files that let a phase read an image without its layers, by their paths below the layout volume: the lifecycle reads configs and labels,
 * and takes over a layer that it does not find as what it is called.
 */
export async function withoutLayers(
  reference: string,
  image: {readonly layout: string; readonly digest: string},
): Promise<ReadonlyMap<string, Buffer>> {
  const {descriptor, manifest} = await readImage(image.layout, image.digest);
  const place = layoutPlace(reference);
  const {mediaType, digest, size} = descriptor;
  const files = new Map([
    [`${place}/oci-layout`, Buffer.from('{"imageLayoutVersion":"1.0.0"}')],
    [`${place}/index.json`, formatIndex({schemaVersion: 2, manifests: [{mediaType, digest, size}]})],
  ]);
  for (const blob of [descriptor, manifest.config]) {
    files.set(`${place}/blobs/${blob.digest.replace(':', '/')}`, await readBlob(image.layout, blob, largestDocument));
  }
  return files;
}

const largestDocument = 64 * 1024 * 1024;

export type ExportedLayout = {
  readonly layout: string;
  readonly digest: string;
  /** Compressed sizes in bytes of the layers that the lifecycle named, by these names. */
  readonly sizes: ReadonlyMap<string, number>;
};

/**
 * Unpacks the archive of one layout into `directory` (made). Rejects in words when anything in it is no regular file in its place, or not what
 * its name says.
 */
export async function takeOutLayout(archive: AsyncIterable<Uint8Array>, directory: string): Promise<ExportedLayout> {
  const unpacked = path.join(directory, 'unpacked');
  const layout = path.join(directory, 'layout');
  await mkdir(unpacked, {recursive: true, mode: 0o700});
  await extractTar({stream: archive, root: unpacked, allowedPrefixes: ['/'], modeMask: 0o755, limits});
  const [name, ...others] = await readdir(unpacked);
  if (name === undefined || others.length > 0)
    throw new Error('expected one directory in the archive of the exported image');
  await rename(path.join(unpacked, name), layout);
  const written = await checkStagedImage(layout, process.getuid?.() ?? 0);
  await checkBlobs(path.join(layout, 'blobs', 'sha256'));
  const digest = await inOneVocabulary(layout, written);
  return {layout, digest, sizes: await namedSizes(layout, digest)};
}

const limits = {entries: 20_000, bytes: 64 * 1024 ** 3};

/** Blobs go into a pool that all images share, under their names: a wrong one would be somebody else's layer. */
async function checkBlobs(directory: string): Promise<void> {
  for (const hex of await readdir(directory)) {
    const handle = await openRegular(path.join(directory, hex));
    try {
      const hash = startDigest();
      for await (const piece of handle.createReadStream({autoClose: false, highWaterMark: 256 * 1024})) {
        hash.update(piece as Buffer);
      }
      const digest = finishDigest(hash);
      if (digest !== `sha256:${hex}`) {
        throw new Error(
          `expected the blob sha256:${hex} of the exported image to be what its name says, got ${digest}`,
        );
      }
    } finally {
      await handle.close();
    }
  }
}

/**
 * Upstream's exporter calls new layers by Docker's media types in a manifest of OCI's (imgutil's layouts), which containers/image, and so skopeo
 * and podman, refuse to convert or push. The same layers by one vocabulary are another manifest; its digest comes back.
 */
async function inOneVocabulary(layout: string, digest: string): Promise<string> {
  const {manifest, descriptor} = await readImage(layout, digest);
  const layers = manifest.layers.map((layer) => ({...layer, mediaType: toOciMediaType(layer.mediaType)}));
  const isMixed = layers.some(({mediaType}, index) => mediaType !== manifest.layers[index]?.mediaType);
  if (!isMixed || descriptor.mediaType !== mediaTypes.manifest) return digest;
  const named = await writeBlob(layout, Buffer.from(JSON.stringify({...manifest, layers})));
  const entry = {mediaType: mediaTypes.manifest, digest: named.digest, size: named.size};
  await writeFile(path.join(layout, 'index.json'), formatIndex({schemaVersion: 2, manifests: [entry]}));
  return named.digest;
}

/** The history says which layer is which (lifecycle `layers/layers.go`); a layer without an entry of its own has no name. */
async function namedSizes(layout: string, digest: string): Promise<ReadonlyMap<string, number>> {
  const {manifest, config} = await readImage(layout, digest);
  const entries = (config.history ?? []).filter((entry) => entry.empty_layer !== true);
  const sizes = new Map<string, number>();
  entries.toReversed().forEach(({created_by: createdBy}, index) => {
    const layer = manifest.layers.at(-1 - index);
    const name = nameFromHistory(createdBy ?? '');
    if (layer && name !== undefined) sizes.set(name, layer.size);
  });
  return sizes;
}

function nameFromHistory(createdBy: string): string | undefined {
  const [, layer, buildpack] = /^Layer: '(.+)', Created by buildpack: (\S+)@\S+$/.exec(createdBy) ?? [];
  if (layer !== undefined && buildpack !== undefined) return `${buildpack}:${layer}`;
  return lifecycleLayers[createdBy];
}

const lifecycleLayers: Readonly<Record<string, string>> = {
  'Software Bill-of-Materials': 'buildpacksio/lifecycle:launch.sbom',
  'Buildpacks Application Launcher': 'buildpacksio/lifecycle:launcher',
  'Buildpacks Launcher Config': 'buildpacksio/lifecycle:config',
  'Buildpacks Process Types': 'buildpacksio/lifecycle:process-types',
};
