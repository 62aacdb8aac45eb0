/** What a build keeps for the next one, wherever that is: a directory (volume-cache.ts) or an image in a registry (image-cache.ts). */
import type {LayerHash, writeLayerTar} from '../oci/layer-writer.ts';
import type {CacheMetadata} from './layers-metadata.ts';

export type LayerCache = {
  /** False where there was none before. */
  readonly found: boolean;
  readonly metadata: CacheMetadata;
  /** A layer to be unpacked, as yet unread: it may be damaged. Rejects with CacheReadError when the cache cannot give it. */
  readonly layer: (diffId: string) => Promise<CachedLayer>;
  /** Begins the cache of the next build. */
  readonly write: () => CacheWriter;
};

/** A layer's file, compressed or not, and what the file's digest has to be. */
export type CachedLayer = {readonly file: string; readonly digest: string};

export type CacheWriter = {
  /** Keeps a layer the cache has already. False when it has it not, or damaged. */
  readonly reuse: (diffId: string) => Promise<boolean>;
  /** Writes a layer; gives its diffID. */
  readonly add: (entries: Parameters<typeof writeLayerTar>[0]) => Promise<LayerHash>;
  /** Makes what was kept and written the cache; everything else in it goes. */
  readonly commit: (metadata: CacheMetadata) => Promise<void>;
};
