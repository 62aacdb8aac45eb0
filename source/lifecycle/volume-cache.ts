/**
 * The cache in a directory: uncompressed layer tars named by diffID and one metadata file (upstream's cache/volume_cache.go). Written to
 * `staging`, then swapped with `committed`. Nothing locks it: whoever starts builds runs one at a time on a cache.
 */
import {createHash} from 'node:crypto';
import {createReadStream} from 'node:fs';
import {access, link, mkdir, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {type LayerHash, writeLayerTar} from '../oci/layer-writer.ts';
import {CacheReadError} from './cache-read-error.ts';
import type {CacheWriter, LayerCache} from './layer-cache.ts';
import {type CacheMetadata, cacheMetadataText, parseCacheMetadata} from './layers-metadata.ts';
import {errorCode, readRegularFile} from './read-regular-file.ts';
import {writeWholeFile} from './write-file.ts';

const metadataFile = 'io.buildpacks.lifecycle.cache.metadata';

/**
 * Makes the directory ready to be read and written; what a build that broke off left there goes. Throws when the directory does not exist.
 */
export async function openVolumeCache(directory: string): Promise<LayerCache> {
  await access(directory).catch((error: unknown) => {
    throw new Error(`stat ${directory}: no such file or directory`, {cause: error});
  });
  const staging = join(directory, 'staging');
  const committed = join(directory, 'committed');
  await rm(staging, {recursive: true, force: true});
  await mkdir(staging);
  await rm(join(directory, 'committed-backup'), {recursive: true, force: true});
  await mkdir(committed, {recursive: true});
  const bytes = await readRegularFile(join(committed, metadataFile));
  return {
    found: true,
    metadata: bytes === undefined ? {sbom: ''} : parseCacheMetadata(bytes.toString('utf8')),
    layer: async (diffId) => ({file: tarPath(committed, diffId), digest: diffId}),
    write: () => writerFor(directory),
  };
}

/** The digest is part of a path, and comes out of a file that a build could reach in a careless set-up. */
function tarPath(directory: string, diffId: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(diffId)) throw new CacheReadError(`expected a layer's SHA, got "${diffId}"`);
  return join(directory, `${diffId}.tar`);
}

function writerFor(directory: string): CacheWriter {
  const staging = join(directory, 'staging');
  const committed = join(directory, 'committed');
  return {
    reuse: (diffId) => reuse(committed, staging, diffId),
    add: (entries) => add(staging, entries),
    commit: (metadata) => commit(directory, metadata),
  };
}

async function reuse(committed: string, staging: string, diffId: string): Promise<boolean> {
  try {
    const file = tarPath(committed, diffId);
    if ((await digestOfFile(file, diffId)) !== diffId) return false;
    await link(file, tarPath(staging, diffId));
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return true;
    if (error instanceof CacheReadError) return false;
    throw error;
  }
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

async function add(staging: string, entries: Parameters<typeof writeLayerTar>[0]): Promise<LayerHash> {
  const unnamed = join(staging, '.layer.tar');
  const hash = await writeLayerTar(entries, unnamed);
  await rename(unnamed, tarPath(staging, hash.diffId));
  return hash;
}

async function commit(directory: string, metadata: CacheMetadata): Promise<void> {
  const staging = join(directory, 'staging');
  const committed = join(directory, 'committed');
  const backup = join(directory, 'committed-backup');
  await writeWholeFile(join(staging, metadataFile), cacheMetadataText(metadata));
  await rename(committed, backup);
  try {
    await rename(staging, committed);
  } catch (error) {
    await rename(backup, committed);
    throw error;
  }
  await rm(backup, {recursive: true, force: true});
}
