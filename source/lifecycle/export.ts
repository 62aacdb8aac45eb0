/** The export phase: turns layers, app and launcher into an image, then saves the cache (spec/platform.md#exporter, upstream's exporter.go). */
import {join} from 'node:path';
import {
  type DirectoryOptions,
  directoryLayerEntries,
  launcherLayerEntries,
  processTypesLayerEntries,
  sliceLayerEntries,
} from '../oci/layer-entries.ts';
import {type Analyzed, readAnalyzedFile} from './analyzed-file.ts';
import {lifecycleMetadataLabel} from './analyze.ts';
import {formatApiVersion, atLeast} from './api-version.ts';
import type {AppImage} from './app-image.ts';
import {readBuildBom} from './bill-of-materials.ts';
import {readVerifiedGroup} from './build.ts';
import {type BuildMetadata, buildMetadataPath, readBuildMetadata} from './build-metadata.ts';
import {exitCodes} from './exit-codes.ts';
import {buildLabel, buildMetadataLabel, execEnvLabel, projectLabel, projectMetadataLabel} from './export-labels.ts';
import {describeElement, type Group, type GroupElement} from './group-element.ts';
import type {Inputs} from './inputs.ts';
import {chooseLauncher} from './launcher-choice.ts';
import {copyLauncherSboms} from './launcher-sbom.ts';
import {createLayerStore, type LayerStore, parseKnownLayers} from './layer-store.ts';
import {hasContents, listDirectory, type ReadLayer, readLayers} from './layers-directory.ts';
import {
  type BuildpackLayers,
  type LayerMetadata,
  type LayersMetadata,
  layersMetadataLabel,
  layersOf,
  type RunImageName,
} from './layers-metadata.ts';
import {environmentOf} from './layout-image.ts';
import {type ExportSite, openExportSite} from './export-site.ts';
import type {LayerCache} from './layer-cache.ts';
import {openCache} from './open-cache.ts';
import {failingAs, LifecycleFailure} from './lifecycle-failure.ts';
import type {PhaseContext} from './phase-context.ts';
import {readRegularFile} from './read-regular-file.ts';
import {readTomlFile, tableField} from './read-toml.ts';
import {writeReport} from './report-file.ts';
import {runImageForExport} from './run-image-name.ts';
import {type HashedLayers, saveCache} from './save-cache.ts';

/** The exporter as a program: reads group.toml and analyzed.toml, then exports. */
export async function exportPhase(context: PhaseContext): Promise<void> {
  const {inputs, log} = context;
  const analyzed = await failingAs({action: 'resolve inputs', code: exitCodes.invalidArgs}, () =>
    readAnalyzedFile(inputs.analyzedPath, log),
  );
  const group = await readVerifiedGroup(inputs.groupPath);
  const cache = await openCache(context);
  await exportImage(context, group, analyzed, cache);
}

/**
 * Writes the image, report.toml and the cache. Throws exit 62; before anything is exported 3 without a run image, and 1 for files that cannot be
 * read. A cache that cannot be saved is a warning.
 */
export async function exportImage(
  context: PhaseContext,
  group: Group,
  analyzed: Analyzed,
  cache: LayerCache | undefined,
): Promise<void> {
  const {inputs} = context;
  const hashed: HashedLayers = new Map();
  if (analyzed.runImage === undefined || analyzed.runImage.reference === '') {
    throw new LifecycleFailure(
      `run image not found in analyzed metadata (${inputs.analyzedPath}: run-image.reference)`,
      {
        action: 'resolve inputs',
        code: exitCodes.invalidArgs,
      },
    );
  }
  const project = await failingAs({action: 'read project metadata file', code: exitCodes.failed}, () =>
    projectLabel(inputs.projectMetadataPath),
  );
  const created = creationTime(context);
  const site = await openExportSite(context, analyzed);
  const metadata = await failingAs({action: 'read build metadata file', code: exitCodes.failed}, () =>
    readBuildMetadata(buildMetadataPath(inputs.layersDir), inputs.platformApi),
  );
  const runImageName = await failingAs({action: 'read run file', code: exitCodes.failed}, () =>
    runImageForExport(inputs, analyzed.runImage?.image ?? '', context.log),
  );
  const image = failingAs({action: 'export', code: exitCodes.exportError}, () =>
    exportAppImage(context, group, analyzed, hashed, {site, created, project, metadata, runImageName}),
  );
  if (!inputs.parallel) await image;
  const saved = cache === undefined ? Promise.resolve() : trySaveCache(context, group, cache, hashed);
  const [exported] = await Promise.allSettled([image, saved]);
  if (exported.status === 'rejected') throw exported.reason;
}

async function trySaveCache(
  context: PhaseContext,
  group: Group,
  cache: LayerCache,
  hashed: HashedLayers,
): Promise<void> {
  try {
    await saveCache(context, group, cache, hashed);
  } catch (error) {
    context.log.warn(`Failed to export cache: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What is read before anything is exported: what is wrong with it ends the phase with 1, not 62. */
type ReadInputs = {
  readonly site: ExportSite;
  readonly created: string;
  /** The project label. */
  readonly project: string;
  readonly metadata: BuildMetadata;
  readonly runImageName: RunImageName;
};

async function exportAppImage(
  context: PhaseContext,
  group: Group,
  analyzed: Analyzed,
  hashed: HashedLayers,
  {site, created, project, metadata, runImageName}: ReadInputs,
): Promise<void> {
  const {inputs, log, report} = context;
  const {runImage, previousImage} = site;
  await copyLauncherSboms(context);
  const launcher = await chooseLauncher(context, runImage);
  const store = createLayerStore({
    output: site.directory,
    previousImage,
    known: await knownLayers(inputs),
    log,
    report,
  });
  const layers = await addLayers(context, group, analyzed.metadata, metadata, launcher.content, store, hashed);
  const label = layersLabel(inputs, runImageName, site, layers);
  const labels = labelsFor(context, metadata, {
    layers: label,
    build: buildLabel(metadata, launcher.metadata, inputs.platformApi),
    project,
  });
  const image: AppImage = {
    runImage,
    layers: store.layers,
    labels,
    env: launchEnvironment(inputs, environmentOf(runImage.image, 'PATH') ?? ''),
    workingDirectory: inputs.appDir,
    entrypoint: [chooseEntrypoint(context, metadata)],
    created,
    // Upstream keeps no history below Platform API 0.12; what the controller shows of an image is read from it.
    hasHistory: inputs.own.outputLayout !== undefined || atLeast(inputs.platformApi, '0.12'),
  };
  const bom = await readBuildBom(context, group);
  const [first = ''] = site.tags;
  log.info(`Saving ${first}...`);
  const {digest, manifestSize, shown, reported} = await site.save(image);
  log.info(`*** Images (${shown}):`);
  for (const tag of site.tags) log.info(`      ${tag}`);
  await writeReport(inputs.reportPath, {bom, tags: site.tags, digest: reported, manifestSize});
  report({kind: 'image.exported', digest, manifestSize, tags: site.tags, labels});
}

async function knownLayers(inputs: Inputs) {
  const path = inputs.own.knownLayersPath;
  const bytes =
    path === undefined ? undefined : await readRegularFile(path, {followLinks: true, limit: 64 * 1024 * 1024});
  return bytes === undefined || path === undefined ? new Map() : parseKnownLayers(bytes.toString('utf8'), path);
}

type AddedLayers = Pick<LayersMetadata, 'app' | 'sbom' | 'buildpacks' | 'config' | 'launcher' | 'processTypes'>;

async function addLayers(
  context: PhaseContext,
  group: Group,
  previous: LayersMetadata,
  metadata: BuildMetadata,
  launcher: Buffer,
  store: LayerStore,
  hashed: HashedLayers,
): Promise<AddedLayers> {
  const buildpacks: BuildpackLayers[] = [];
  for (const buildpack of group.buildpacks)
    buildpacks.push(await addBuildpackLayers(context, buildpack, previous, store, hashed));
  const sbom = await addSbomLayer(context, previous, store);
  const app = await addAppLayers(context, metadata, previous, store);
  const launcherSha = await addLayer(context, store, {
    id: 'buildpacksio/lifecycle:launcher',
    createdBy: 'Buildpacks Application Launcher',
    entries: () => launcherLayerEntries(launcher),
    previous: [previous.launcher],
  });
  const config = await addLayer(context, store, {
    id: 'buildpacksio/lifecycle:config',
    createdBy: 'Buildpacks Launcher Config',
    entries: () => directoryLayerEntries(join(context.inputs.layersDir, 'config'), owner(context.inputs)),
    previous: [previous.config],
  });
  const processTypes = metadata.processes.length === 0 ? '' : await addProcessTypes(context, metadata, previous, store);
  return {app, sbom, buildpacks, config, launcher: launcherSha, processTypes};
}

async function addLayer(
  context: PhaseContext,
  store: LayerStore,
  request: Parameters<LayerStore['put']>[0],
  remember?: (hash: {readonly diffId: string; readonly size: number}) => void,
): Promise<string> {
  const {diffId, reused, size} = await store.put(request);
  remember?.({diffId, size});
  context.log.info(`${reused ? 'Reusing' : 'Adding'} layer '${request.id}'`);
  return diffId;
}

function owner(inputs: Inputs): DirectoryOptions {
  return {uid: inputs.uid, gid: inputs.gid};
}

async function addBuildpackLayers(
  context: PhaseContext,
  buildpack: GroupElement,
  previous: LayersMetadata,
  store: LayerStore,
  hashed: HashedLayers,
): Promise<BuildpackLayers> {
  const {layersDir} = context.inputs;
  const read = await readLayers(layersDir, buildpack.id);
  const before = layersOf(previous, buildpack.id);
  const layers = new Map<string, LayerMetadata>();
  for (const candidate of read) {
    if (candidate.kind !== 'read' || !candidate.file.launch) continue;
    const sha = await addLaunchLayer(context, buildpack, candidate, before.get(candidate.layer.name), store, hashed);
    layers.set(candidate.layer.name, {...candidate.file, sha});
  }
  refuseMalformed(read);
  return {key: buildpack.id, version: buildpack.version, layers, store: await readStore(layersDir, buildpack)};
}

async function addLaunchLayer(
  context: PhaseContext,
  buildpack: GroupElement,
  {layer, file}: Extract<ReadLayer, {kind: 'read'}>,
  before: LayerMetadata | undefined,
  store: LayerStore,
  hashed: HashedLayers,
): Promise<string> {
  const createdBy = `Layer: '${layer.name}', Created by buildpack: ${describeElement(buildpack)}`;
  if (await hasContents(layer)) {
    const entries = () => directoryLayerEntries(layer.path, owner(context.inputs));
    const request = {id: layer.identifier, createdBy, entries, previous: [before?.sha ?? '']};
    return addLayer(context, store, request, (hash) => hashed.set(layer.path, hash));
  }
  if (file.cache) throw new Error(`layer '${layer.identifier}' is cache=true but has no contents`);
  if (before === undefined) {
    throw new Error(
      `cannot reuse '${layer.identifier}', previous image has no metadata for layer '${layer.identifier}'`,
    );
  }
  store.keep(before.sha, layer.identifier, createdBy);
  context.log.info(`Reusing layer '${layer.identifier}'`);
  return before.sha;
}

function refuseMalformed(layers: readonly ReadLayer[]): void {
  const malformed = layers.filter((candidate) => candidate.kind === 'malformed');
  if (malformed.length === 0) return;
  const names = malformed.map(({layer}) => layer.identifier).join(' ');
  const problems = malformed.map(({error}) => (error instanceof Error ? error.message : String(error)));
  throw new Error(`failed to parse metadata for layers '[${names}]': ${problems.join('; ')}`);
}

async function readStore(layersDir: string, buildpack: GroupElement): Promise<BuildpackLayers['store']> {
  const path = join(layersDir, buildpack.id.replaceAll('/', '_'), 'store.toml');
  const reader = await readTomlFile(path);
  return reader === undefined ? undefined : {metadata: tableField(reader, 'metadata')};
}

async function addSbomLayer(
  context: PhaseContext,
  previous: LayersMetadata,
  store: LayerStore,
): Promise<string | undefined> {
  const {inputs} = context;
  if (!atLeast(inputs.platformApi, '0.8')) return undefined;
  const known = await listDirectory(join(inputs.layersDir, 'sbom'));
  if (!known.some((entry) => entry.name === 'launch' && entry.isDirectory())) return undefined;
  return addLayer(context, store, {
    id: 'buildpacksio/lifecycle:launch.sbom',
    createdBy: 'Software Bill-of-Materials',
    entries: () => directoryLayerEntries(join(inputs.layersDir, 'sbom', 'launch'), owner(inputs)),
    previous: [previous.sbom ?? ''],
  });
}

async function addAppLayers(
  context: PhaseContext,
  metadata: BuildMetadata,
  previous: LayersMetadata,
  store: LayerStore,
): Promise<readonly string[]> {
  const {inputs, log} = context;
  const slices = sliceLayerEntries(inputs.appDir, metadata.slices, owner(inputs));
  const shas: string[] = [];
  let reused = 0;
  for (const [index, slice] of slices.entries()) {
    const again = () => (sliceLayerEntries(inputs.appDir, metadata.slices, owner(inputs))[index] ?? slice).entries;
    const outcome = await store.put({
      id: slice.id,
      createdBy: slice.createdBy,
      entries: again,
      previous: previous.app ?? [],
    });
    shas.push(outcome.diffId);
    if (outcome.reused) reused += 1;
  }
  if (reused > 0) log.info(`Reused ${reused}/${slices.length} app layer(s)`);
  if (reused < slices.length) log.info(`Added ${slices.length - reused}/${slices.length} app layer(s)`);
  return shas;
}

function addProcessTypes(
  context: PhaseContext,
  metadata: BuildMetadata,
  previous: LayersMetadata,
  store: LayerStore,
): Promise<string> {
  return addLayer(context, store, {
    id: 'buildpacksio/lifecycle:process-types',
    createdBy: 'Buildpacks Process Types',
    entries: () => processTypesLayerEntries(metadata.processes.map((process) => process.type)),
    previous: [previous.processTypes],
  });
}

function layersLabel(
  inputs: Inputs,
  name: RunImageName,
  {runImage, runImageReference}: ExportSite,
  layers: AddedLayers,
): string {
  return layersMetadataLabel({
    ...layers,
    runImage: {
      topLayer: runImage.image.config.rootfs.diff_ids.at(-1) ?? '',
      reference: runImageReference,
      ...(atLeast(inputs.platformApi, '0.12') ? name : {}),
    },
    stack: name,
  });
}

function labelsFor(
  context: PhaseContext,
  metadata: BuildMetadata,
  texts: {readonly layers: string; readonly build: string; readonly project: string},
): Readonly<Record<string, string>> {
  const {inputs, log} = context;
  const labels: [string, string][] = [
    [lifecycleMetadataLabel, texts.layers],
    [buildMetadataLabel, texts.build],
    [projectMetadataLabel, texts.project],
    ...metadata.labels.map(({key, value}): [string, string] => [key, value]),
  ];
  if (atLeast(inputs.platformApi, '0.15') && inputs.execEnv !== '') labels.push([execEnvLabel, inputs.execEnv]);
  for (const [key] of labels) log.info(`Adding label '${key}'`);
  return Object.fromEntries(labels);
}

function launchEnvironment(inputs: Inputs, path: string): Readonly<Record<string, string>> {
  return {
    CNB_LAYERS_DIR: inputs.layersDir,
    CNB_APP_DIR: inputs.appDir,
    CNB_PLATFORM_API: formatApiVersion(inputs.platformApi),
    CNB_DEPRECATION_MODE: 'quiet',
    PATH: `/cnb/process:/cnb/lifecycle:${path}`,
  };
}

/** The program the image starts: that of the process type asked for, else of the buildpacks' default, else the launcher itself. */
function chooseEntrypoint({inputs, log}: PhaseContext, metadata: BuildMetadata): string {
  const processType = inputs.processType || metadata.defaultProcessType;
  if (inputs.processType !== '' && !metadata.processes.some((process) => process.type === inputs.processType)) {
    throw new Error(`determining entrypoint: tried to set ${inputs.processType} to default but it doesn't exist`);
  }
  if (processType === '') {
    log.info('no default process type');
    return '/cnb/lifecycle/launcher';
  }
  log.info(`Setting default process type '${processType}'`);
  return join('/cnb/process', processType);
}

/** 1980-01-01T00:00:01Z, or what SOURCE_DATE_EPOCH (seconds) says from Platform API 0.9 on. */
function creationTime({inputs, env, log}: PhaseContext): string {
  const epoch = env['SOURCE_DATE_EPOCH'] ?? '';
  if (epoch === '' || !atLeast(inputs.platformApi, '0.9')) return '1980-01-01T00:00:01Z';
  if (/^[+-]?\d{1,11}$/.test(epoch)) return new Date(Number(epoch) * 1000).toISOString().replace('.000Z', 'Z');
  log.warn('Ignoring invalid SOURCE_DATE_EPOCH');
  return '1980-01-01T00:00:01Z';
}
