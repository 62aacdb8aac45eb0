/** The restore phase: brings back metadata of the layers built before and the contents of cached ones (spec/platform.md#restorer). */
import {join} from 'node:path';
import {type Analyzed, readAnalyzedFile} from './analyzed-file.ts';
import {type ApiVersion, atLeast} from './api-version.ts';
import {readVerifiedGroup} from './build.ts';
import {CacheReadError} from './cache-read-error.ts';
import {exitCodes} from './exit-codes.ts';
import {extractCachedLayer} from './extract-layer.ts';
import type {Group, GroupElement} from './group-element.ts';
import type {LayerCache} from './layer-cache.ts';
import {openCache} from './open-cache.ts';
import {restoredLayerTable} from './layer-file.ts';
import {buildpackDirectory, type Layer, listLayers, removeLayer} from './layers-directory.ts';
import {type CacheMetadata, emptyLayersMetadata, type LayerMetadata, layersOf} from './layers-metadata.ts';
import {failingAs} from './lifecycle-failure.ts';
import type {PhaseContext} from './phase-context.ts';
import {restoreSbomFiles} from './sbom.ts';
import {OrderedTable} from './toml-encode.ts';
import {writeTomlFile} from './write-file.ts';

/** The restorer as a program: reads group.toml and analyzed.toml, then restores. */
export async function restorePhase(context: PhaseContext): Promise<void> {
  const {inputs} = context;
  const group = await readVerifiedGroup(inputs.groupPath);
  const analyzed = await readUsableAnalyzed(context);
  await restore(context, group, analyzed, await openCache(context));
}

/** A file that cannot be read is as good as none, with a warning. */
async function readUsableAnalyzed({inputs, log}: PhaseContext): Promise<Analyzed> {
  try {
    return await readAnalyzedFile(inputs.analyzedPath, log);
  } catch (error) {
    log.warn(
      `Not using analyzed data, usable file not found: ${error instanceof Error ? error.message : String(error)}`,
    );
    return {metadata: emptyLayersMetadata};
  }
}

/** Throws exit 42. A cached layer that cannot be read is a warning: its buildpack makes it anew. */
export function restore(
  context: PhaseContext,
  group: Group,
  analyzed: Analyzed,
  cache: LayerCache | undefined,
): Promise<void> {
  return failingAs({action: 'restore', code: exitCodes.restoreError}, async () => {
    const {inputs} = context;
    if (cache?.found === false) context.log.info('Layer cache not found');
    const cacheMetadata = cache?.metadata ?? {sbom: ''};
    for (const buildpack of group.buildpacks) await restoreStore(context, buildpack, analyzed);
    if (inputs.skipLayers) context.log.info('Skipping buildpack layer analysis');
    for (const buildpack of group.buildpacks) {
      const restored = inputs.skipLayers
        ? new Map<string, string>()
        : await restoreMetadata(context, buildpack, analyzed, cacheMetadata);
      if (cache !== undefined) await restoreContents(context, buildpack, restored, cache);
    }
    if (!inputs.skipLayers && atLeast(inputs.platformApi, '0.8')) await restoreSboms(context, group, cache);
  });
}

async function restoreStore({inputs}: PhaseContext, buildpack: GroupElement, analyzed: Analyzed): Promise<void> {
  const store = analyzed.metadata.buildpacks?.find((known) => known.key === buildpack.id)?.store;
  if (store === undefined) return;
  const path = join(buildpackDirectory(inputs.layersDir, buildpack.id), 'store.toml');
  await writeTomlFile(path, new OrderedTable([['metadata', store.metadata]]));
}

/** Writes `<layer>.toml` for the layers whose metadata comes back; gives the SHA each of them had. */
async function restoreMetadata(
  context: PhaseContext,
  buildpack: GroupElement,
  analyzed: Analyzed,
  cache: CacheMetadata,
): Promise<ReadonlyMap<string, string>> {
  const appLayers = layersOf(analyzed.metadata, buildpack.id);
  const cachedLayers = layersOf(cache, buildpack.id);
  const restored = new Map<string, string>();
  for (const [name, layer] of sorted(appLayers)) {
    const obstacle = whyNotFromApp(layer, cachedLayers.get(name));
    if (obstacle !== undefined) {
      context.log.debug(`Not restoring metadata for "${buildpack.id}:${name}", marked as ${obstacle}`);
      continue;
    }
    await writeMetadata(context, buildpack, name, layer, 'app');
    restored.set(name, layer.sha);
  }
  for (const [name, layer] of sorted(cachedLayers)) {
    const obstacle = whyNotFromCache(layer, appLayers.has(name), context.inputs.platformApi);
    if (obstacle !== undefined) {
      context.log.debug(`Not restoring "${buildpack.id}:${name}" from cache, marked as ${obstacle}`);
      continue;
    }
    await writeMetadata(context, buildpack, name, layer, 'cache');
    restored.set(name, layer.sha);
  }
  return restored;
}

function sorted(layers: ReadonlyMap<string, LayerMetadata>): readonly (readonly [string, LayerMetadata])[] {
  return [...layers].filter(([name]) => isLayerName(name)).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

/** A layer's name is a path's last part; what an image's label or a cache says of it is not trusted to be one. */
function isLayerName(name: string): boolean {
  return name !== '' && name !== '.' && name !== '..' && !name.includes('/') && !name.includes('\0');
}

function whyNotFromApp(layer: LayerMetadata, cached: LayerMetadata | undefined): string | undefined {
  if (!layer.launch) return 'launch=false';
  if (layer.build && !layer.cache) return 'build=true, cache=false';
  if (layer.cache && cached?.cache !== true) return 'cache=true, but not found in cache';
  return undefined;
}

function whyNotFromCache(layer: LayerMetadata, inApp: boolean, platformApi: ApiVersion): string | undefined {
  if (!layer.cache) return 'cache=false';
  if (layer.launch && (inApp || !atLeast(platformApi, '0.14'))) return 'launch=true';
  return undefined;
}

async function writeMetadata(
  {inputs, log, report}: PhaseContext,
  buildpack: GroupElement,
  name: string,
  layer: LayerMetadata,
  from: 'app' | 'cache',
): Promise<void> {
  log.info(`Restoring metadata for "${buildpack.id}:${name}" from ${from === 'app' ? 'app image' : 'cache'}`);
  await writeTomlFile(
    join(buildpackDirectory(inputs.layersDir, buildpack.id), `${name}.toml`),
    restoredLayerTable(layer.data),
  );
  report({kind: 'layer.restored', id: buildpack.id, layer: name, from, data: false});
}

/** Extracts the cached layers whose metadata fits; a layer on disk that the cache knows otherwise is removed. */
async function restoreContents(
  context: PhaseContext,
  buildpack: GroupElement,
  restored: ReadonlyMap<string, string>,
  cache: LayerCache,
): Promise<void> {
  const cachedLayers = layersOf(cache.metadata, buildpack.id);
  for (const layer of await listLayers(context.inputs.layersDir, buildpack.id)) {
    const cached = cachedLayers.get(layer.name);
    if (cached?.cache !== true) continue;
    if (restored.get(layer.name) === cached.sha) {
      await restoreLayer(context, buildpack, layer, cached.sha, cache);
    } else {
      context.log.info(`Removing "${layer.identifier}", wrong sha`);
      context.log.debug(`Layer sha: "${restored.get(layer.name) ?? ''}", cache sha: "${cached.sha}"`);
      await removeLayer(layer);
    }
  }
}

async function restoreLayer(
  {log, report}: PhaseContext,
  buildpack: GroupElement,
  layer: Layer,
  sha: string,
  cache: LayerCache,
): Promise<void> {
  log.info(`Restoring data for "${layer.identifier}" from cache`);
  try {
    await extractCachedLayer(await cache.layer(sha), layer.path);
    report({kind: 'layer.restored', id: buildpack.id, layer: layer.name, from: 'cache', data: true});
  } catch (error) {
    if (!(error instanceof CacheReadError)) throw error;
    log.warn(`Skipping restore for layer ${layer.identifier}: ${error.message}`);
  }
}

async function restoreSboms({inputs, log}: PhaseContext, group: Group, cache: LayerCache | undefined): Promise<void> {
  const sha = cache?.metadata.sbom ?? '';
  if (cache !== undefined && sha !== '') {
    log.info('Restoring data for SBOM from cache');
    try {
      await extractCachedLayer(await cache.layer(sha), join(inputs.layersDir, 'sbom', 'cache'));
    } catch (error) {
      if (!(error instanceof CacheReadError)) throw error;
      log.warn(`Skipping restore of the cached SBOM: ${error.message}`);
    }
  }
  await restoreSbomFiles(inputs.layersDir, group.buildpacks);
}
