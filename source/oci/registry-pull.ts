// Brings an image from a registry into a layout or a pool of blobs.
import {nameManifest} from './image-layout.ts';
import {writeBlob} from './blob-store.ts';
import type {Descriptor} from './image-manifest.ts';
import type {RegistryReference} from './reference.ts';
import {atOnce} from './registry-at-once.ts';
import type {RegistryClient, RegistryImage} from './registry-client.ts';
import {RegistryError} from './registry-error.ts';

/**
 * Where a pulled image goes: a layout (made if there is none), where it gets `names`, or a pool, which has blobs and no names. `sparse` leaves the
 * layers where they are: manifest and config are enough to judge or rebase. `mostBytes` bounds the layers of one image as the manifest says them.
 */
export type PullOptions = {
  readonly into:
    | {readonly kind: 'layout'; readonly directory: string; readonly names: readonly string[]}
    | {readonly kind: 'pool'; readonly directory: string};
  readonly sparse?: boolean;
  readonly mostBytes?: number;
  readonly signal?: AbortSignal | undefined;
};

/** The image and what it cost: layers that came, layers that were there, and the bytes of those that came. */
export type PulledImage = RegistryImage & {
  readonly layers: {readonly downloaded: number; readonly present: number; readonly bytes: number};
};

/**
 * Pulls an image: layers first, then config and manifest, as they came, then the name, so that a name never points at something incomplete.
 * Rejects as RegistryClient does; `limit` before anything is fetched when the image says it is larger than `mostBytes` (64 GiB if absent).
 */
export async function pullImage(
  client: RegistryClient,
  reference: RegistryReference,
  options: PullOptions,
): Promise<PulledImage> {
  const {into, signal, sparse = false} = options;
  const image = await client.readImage(reference, {signal});
  const layers = sparse ? [] : distinct(image.manifest.layers);
  checkSize(image, layers, options.mostBytes ?? defaultMostBytes);
  const outcomes = await atOnce(layers, {limit: layersAtOnce, signal}, async (layer, partSignal) => ({
    layer,
    outcome: await client.downloadBlob(reference, layer, into.directory, {signal: partSignal}),
  }));
  await writeBlob(into.directory, image.configBytes);
  await writeBlob(into.directory, image.manifestBytes);
  if (into.kind === 'layout') await nameManifest(into.directory, image.descriptor, into.names);
  const downloaded = outcomes.filter(({outcome}) => outcome === 'downloaded').map(({layer}) => layer);
  return {
    ...image,
    layers: {
      downloaded: downloaded.length,
      present: outcomes.length - downloaded.length,
      bytes: downloaded.reduce((sum, {size}) => sum + size, 0),
    },
  };
}

const layersAtOnce = 4;
const defaultMostBytes = 64 * 1024 ** 3;

function distinct(layers: readonly Descriptor[]): readonly Descriptor[] {
  return [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
}

function checkSize({reference}: RegistryImage, layers: readonly Descriptor[], mostBytes: number): void {
  const bytes = layers.reduce((sum, {size}) => sum + size, 0);
  if (bytes <= mostBytes) return;
  throw new RegistryError(
    'limit',
    `Expected at most ${mostBytes} bytes of layers in ${reference.repository}, but its manifest lists ${bytes}.`,
    {host: reference.host},
  );
}
