/**
 * The cache in a directory: uncompressed layer tars named by diffID and one metadata file (upstream's cache/volume_cache.go). Written to
 * `staging`, then swapped with `committed`. Nothing locks it: whoever starts builds runs one at a time on a cache.
 */
import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {link, mkdir, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {type LayerHash, writeLayerTar} from '../oci/layer-writer.ts';
import {type CacheMetadata, cacheMetadataText, parseCacheMetadata} from './layers-metadata.ts';
import {errorCode, readRegularFile} from './read-regular-file.ts';
import {writeWholeFile} from './write-file.ts';

const metadataFile = 'io.buildpacks.lifecycle.cache.metadata';

type Entries = Parameters<typeof writeLayerTar>[0];

export type CacheReader = {
  readonly metadata: CacheMetadata;
  /** The tar of a layer, as yet unread: it may be missing or damaged. Throws CacheReadError when `diffId` is none. */
  readonly tarOf: (diffId: string) => CachedTar;
};

/** A tar in the cache: uncompressed, so that its digest is the layer's diffID. */
export type CachedTar = {readonly file: string; readonly diffId: string};

/** A layer that the cache should have and cannot give: the build goes on without it. */
export class CacheReadError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, {cause});
    this.name = 'CacheReadError';
  }
}

/** Opens a cache for reading; a directory that is not there is an empty cache. */
export async function openCache(directory: string): Promise<CacheReader> {
  const committed = join(directory, 'committed');
  const bytes = await readRegularFile(join(committed, metadataFile));
  return {
    metadata: bytes === undefined ? {sbom: ''} : parseCacheMetadata(bytes.toString('utf8')),
    tarOf: (diffId) => ({file: tarPath(committed, diffId), diffId}),
  };
}

/** The digest is part of a path, and comes out of a file that a build could reach in a careless set-up. */
function tarPath(directory: string, diffId: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(diffId)) throw new CacheReadError(`expected a layer's SHA, got "${diffId}"`);
  return join(directory, `${diffId}.tar`);
}

async function digestOfFile(path: string, diffId: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT') throw new CacheReadError(`failed to find cache layer with SHA '${diffId}'`, error);
    if (code === 'EACCES' || code === 'EPERM') {
      throw new CacheReadError(
        `failed to read cache layer with SHA '${diffId}' due to insufficient permissions`,
        error,
      );
    }
    throw error;
  }
  return `sha256:${hash.digest('hex')}`;
}

export type CacheWriter = {
  readonly previous: CacheMetadata;
  /** Keeps a layer the cache has already, by hard link. False when it has it not, or damaged. */
  readonly reuse: (diffId: string) => Promise<boolean>;
  /** Writes a layer's tar; gives its diffID. */
  readonly add: (entries: Entries) => Promise<LayerHash>;
  /** Makes what was kept and written the cache; everything else in it goes. */
  readonly commit: (metadata: CacheMetadata) => Promise<void>;
};

/** Opens a cache for writing, made if it does not exist. */
export async function openCacheWriter(directory: string): Promise<CacheWriter> {
  const staging = join(directory, 'staging');
  const committed = join(directory, 'committed');
  const backup = join(directory, 'committed-backup');
  await rm(staging, {recursive: true, force: true});
  await rm(backup, {recursive: true, force: true});
  await mkdir(staging, {recursive: true});
  await mkdir(committed, {recursive: true});
  const reader = await openCache(directory);
  return {
    previous: reader.metadata,
    reuse: (diffId) => reuse(reader, staging, diffId),
    add: (entries) => add(staging, entries),
    commit: async (metadata) => {
      await writeWholeFile(join(staging, metadataFile), cacheMetadataText(metadata));
      await rename(committed, backup);
      try {
        await rename(staging, committed);
      } catch (error) {
        await rename(backup, committed);
        throw error;
      }
      await rm(backup, {recursive: true, force: true});
    },
  };
}

async function reuse(reader: CacheReader, staging: string, diffId: string): Promise<boolean> {
  try {
    const {file} = reader.tarOf(diffId);
    if ((await digestOfFile(file, diffId)) !== diffId) return false;
    await link(file, tarPath(staging, diffId));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return true;
    if (error instanceof CacheReadError) return false;
    throw error;
  }
}

async function add(staging: string, entries: Entries): Promise<LayerHash> {
  const unnamed = join(staging, '.layer.tar');
  const hash = await writeLayerTar(entries, unnamed);
  await rename(unnamed, tarPath(staging, hash.diffId));
  return hash;
}
