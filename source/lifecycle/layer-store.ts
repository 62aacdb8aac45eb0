/** Puts layers into the image being made: one that is the same as before is referenced, one that some pool holds already too, others written. */
import type {Descriptor} from '../oci/image-manifest.ts';
import {hashLayer, writeLayer} from '../oci/layer-writer.ts';
import {descriptorOfLayer, type FoundImage} from './layout-image.ts';
import type {Report} from './lifecycle-events.ts';
import type {Log} from './log.ts';
import {isTomlTable} from './toml-value.ts';

type Entries = Parameters<typeof hashLayer>[0];

export type ImageLayer = {readonly diffId: string; readonly descriptor: Descriptor; readonly createdBy: string};

export type LayerRequest = {
  /** Its name in logs and events. */
  readonly id: string;
  readonly createdBy: string;
  /** Called once for every time the entries are read. */
  readonly entries: () => Entries;
  /** diffIDs that count as unchanged. */
  readonly previous: readonly string[];
};

export type KnownLayers = ReadonlyMap<string, Descriptor>;

/** `size` is the uncompressed tar's, in bytes. */
export type PutLayer = {readonly diffId: string; readonly reused: boolean; readonly size: number};

export type LayerStore = {
  /** Layers in the order they were put. */
  readonly layers: readonly ImageLayer[];
  /** Adds the layer; `reused` says that the previous image has the very same. */
  readonly put: (request: LayerRequest) => Promise<PutLayer>;
  /** Adds a layer of the previous image without having its contents. Throws when the previous image has no such layer. */
  readonly keep: (diffId: string, id: string, createdBy: string) => void;
};

export type LayerStoreSettings = {
  /** The layout new layers are written to. */
  readonly output: string;
  readonly previousImage?: FoundImage;
  readonly known: KnownLayers;
  readonly log: Log;
  readonly report: Report;
};

/** An empty image to be filled. */
export function createLayerStore(settings: LayerStoreSettings): LayerStore {
  const layers: ImageLayer[] = [];
  return {
    layers,
    put: async (request) => {
      const {layer, reused, size} = await findOrWrite(settings, request);
      layers.push(layer);
      settings.log.debug(`Layer '${request.id}' SHA: ${layer.diffId}`);
      settings.report({kind: reused ? 'layer.reused' : 'layer.added', name: request.id, diffId: layer.diffId, size});
      return {diffId: layer.diffId, reused, size};
    },
    keep: (diffId, id, createdBy) => {
      const descriptor = settings.previousImage && descriptorOfLayer(settings.previousImage.image, diffId);
      if (descriptor === undefined)
        throw new Error(`reusing layer: '${id}': previous image did not have layer with diff id '${diffId}'`);
      layers.push({diffId, descriptor, createdBy});
      settings.report({kind: 'layer.reused', name: id, diffId});
    },
  };
}

type Stored = {readonly layer: ImageLayer; readonly reused: boolean; readonly size: number};

/** Hashing first costs a second reading of a layer that turns out to be new, but saves compressing one that is not. */
async function findOrWrite(settings: LayerStoreSettings, request: LayerRequest): Promise<Stored> {
  const {createdBy} = request;
  if (request.previous.some((sha) => sha !== '') || settings.known.size > 0) {
    const {diffId, size} = await hashLayer(request.entries());
    const previous = settings.previousImage && descriptorOfLayer(settings.previousImage.image, diffId);
    if (request.previous.includes(diffId) && previous !== undefined) {
      return {layer: {diffId, descriptor: previous, createdBy}, reused: true, size};
    }
    const known = settings.known.get(diffId);
    if (known !== undefined) return {layer: {diffId, descriptor: known, createdBy}, reused: false, size};
  }
  const written = await writeLayer(request.entries(), {compress: true, into: settings.output});
  const descriptor = {mediaType: written.mediaType, digest: written.digest, size: written.size};
  return {layer: {diffId: written.diffId, descriptor, createdBy}, reused: false, size: written.uncompressedSize};
}

/** The file SLIPWAY_KNOWN_LAYERS names: `{"<diffID>": {"digest", "size", "mediaType"}}`. Throws on anything else. */
export function parseKnownLayers(text: string, file: string): KnownLayers {
  const parsed: unknown = JSON.parse(text);
  if (!isTomlTable(parsed)) throw new Error(`expected an object of diffIDs in ${file}`);
  return new Map(Object.entries(parsed).map(([diffId, blob]) => [diffId, knownBlob(diffId, blob, file)]));
}

function knownBlob(diffId: string, blob: unknown, file: string): Descriptor {
  if (isTomlTable(blob)) {
    const {digest, size, mediaType} = blob as Readonly<Record<string, unknown>>;
    if (isSha(digest) && typeof size === 'number' && typeof mediaType === 'string') return {digest, size, mediaType};
  }
  throw new Error(`expected {"digest", "size", "mediaType"} for ${diffId} in ${file}, got ${JSON.stringify(blob)}`);
}

function isSha(value: unknown): value is string {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}
