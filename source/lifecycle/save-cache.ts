/** Saves the layers that are marked cache=true, and their SBOMs, for the next build (upstream's phase/cache.go). */
import {join} from 'node:path';
import {directoryLayerEntries} from '../oci/layer-entries.ts';
import {hashLayer, type LayerHash} from '../oci/layer-writer.ts';
import {atLeast} from './api-version.ts';
import type {Group, GroupElement} from './group-element.ts';
import {hasContents, listDirectory, readLayers} from './layers-directory.ts';
import {type BuildpackLayers, type CacheMetadata, type LayerMetadata, layersOf} from './layers-metadata.ts';
import type {PhaseContext} from './phase-context.ts';
import type {CacheWriter, LayerCache} from './layer-cache.ts';

/** What the export has hashed, by the layer's directory: such a layer need not be read once more to see that the cache has it. */
export type HashedLayers = Map<string, LayerHash>;

/** Replaces the cache's content. A layer that cannot be cached is a warning. */
export async function saveCache(
  context: PhaseContext,
  group: Group,
  {found, metadata, write}: LayerCache,
  hashed: HashedLayers,
): Promise<void> {
  if (!found) context.log.info('Layer cache not found');
  const cache = {previous: metadata, ...write()};
  const buildpacks: BuildpackLayers[] = [];
  for (const buildpack of group.buildpacks) buildpacks.push(await cacheBuildpack(context, buildpack, cache, hashed));
  const sbom = atLeast(context.inputs.platformApi, '0.8') ? await cacheSbom(context, cache) : '';
  await cache.commit({sbom, buildpacks: buildpacks.length === 0 ? undefined : buildpacks});
}

type OpenCache = CacheWriter & {readonly previous: CacheMetadata};

async function cacheBuildpack(
  context: PhaseContext,
  buildpack: GroupElement,
  cache: OpenCache,
  hashed: HashedLayers,
): Promise<BuildpackLayers> {
  const {inputs, log} = context;
  const before = layersOf(cache.previous, buildpack.id);
  const layers = new Map<string, LayerMetadata>();
  for (const candidate of await readLayers(inputs.layersDir, buildpack.id)) {
    if (candidate.kind !== 'read' || !candidate.file.cache) continue;
    const {layer, file} = candidate;
    if (!(await hasContents(layer))) {
      log.warn(`Failed to cache layer '${layer.identifier}' because it has no contents`);
      continue;
    }
    try {
      const sha = await cacheDirectory(
        context,
        layer.identifier,
        layer.path,
        before.get(layer.name)?.sha ?? '',
        cache,
        hashed.get(layer.path),
      );
      layers.set(layer.name, {...file, sha});
    } catch (error) {
      log.warn(
        `Failed to cache layer '${layer.identifier}': ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return {key: buildpack.id, version: buildpack.version, layers};
}

async function cacheSbom(context: PhaseContext, cache: OpenCache): Promise<string> {
  const directory = join(context.inputs.layersDir, 'sbom');
  const known = await listDirectory(directory);
  if (!known.some((entry) => entry.name === 'cache' && entry.isDirectory())) return '';
  return cacheDirectory(
    context,
    'buildpacksio/lifecycle:cache.sbom',
    join(directory, 'cache'),
    cache.previous.sbom,
    cache,
  );
}

async function cacheDirectory(
  {inputs, log, report}: PhaseContext,
  name: string,
  path: string,
  previousSha: string,
  cache: OpenCache,
  hashed?: LayerHash,
): Promise<string> {
  const entries = () => directoryLayerEntries(path, {uid: inputs.uid, gid: inputs.gid});
  if (previousSha !== '') {
    const {diffId, size} = hashed ?? (await hashLayer(entries()));
    if (diffId === previousSha && (await cache.reuse(diffId))) {
      log.info(`Reusing cache layer '${name}'`);
      log.info(`Adding cache layer '${name}'`);
      report({kind: 'layer.cached', name, diffId, size});
      return diffId;
    }
  }
  const {diffId, size} = await cache.add(entries());
  log.info(`Adding cache layer '${name}'`);
  report({kind: 'layer.cached', name, diffId, size});
  return diffId;
}
