/** The rebaser: the app's layers on a new run image (spec/platform.md#rebaser). Works on layouts too, which upstream's cannot. */
import {join} from 'node:path';
import {encodeImage, hasBlob, linkBlob, nameManifest, writeBlob} from '../oci/image-layout.ts';
import {mediaTypes} from '../oci/media-types.ts';
import {rebase as rebaseDocuments, type RebasedImage} from '../oci/rebase.ts';
import {formatApiVersion, atLeast} from './api-version.ts';
import {findRunImage, lifecycleMetadataLabel} from './analyze.ts';
import {exitCodes} from './exit-codes.ts';
import type {Inputs, LayoutPlace} from './inputs.ts';
import {parseLayersMetadataLabel} from './layers-metadata.ts';
import {type FoundImage, findImage, labelsOf, nameByDigest, parseImageName, placeInLayoutDir} from './layout-image.ts';
import {failingAs, LifecycleFailure} from './lifecycle-failure.ts';
import type {PhaseContext} from './phase-context.ts';
import {writeReport} from './report-file.ts';
import {bestRunImage} from './run-image-name.ts';

/** Throws exit 72 when the new run image does not suit the app, with what -force would override. */
export function rebase(context: PhaseContext): Promise<void> {
  return failingAs({action: 'rebase', code: exitCodes.rebaseError}, async () => {
    const {inputs, log, report} = context;
    const app = await findApp(context);
    const baseName = inputs.runImage || (await recordedRunImage(context, app));
    const base = await findRunImage(context, baseName);
    const result = rebaseDocuments({
      platformApi: formatApiVersion(inputs.platformApi),
      force: inputs.force,
      app: {config: app.image.config, manifest: app.image.manifest, name: inputs.outputImage},
      base: {
        config: base.image.config,
        manifest: base.image.manifest,
        name: baseName,
        reference: nameByDigest(baseName, base.image.digest),
      },
    });
    if (result.kind === 'refused') throw new Error(result.message);
    for (const warning of result.warnings) log.warn(warning);
    const tags = [inputs.outputImage, ...inputs.tags];
    log.info(`Saving ${inputs.outputImage}...`);
    const written = await write(context, app, base, result, tags);
    log.info(`*** Images (${written.digest}):`);
    for (const tag of tags) log.info(`      ${tag}`);
    await writeReport(inputs.reportPath, {tags, digest: written.digest, manifestSize: written.manifestSize});
    report({kind: 'image.exported', ...written, tags, labels: result.config.config?.Labels ?? {}});
  });
}

async function findApp({inputs, registry}: PhaseContext): Promise<FoundImage> {
  const name = inputs.previousImage || inputs.outputImage;
  if (isInRegistry(inputs)) {
    const found = await registry?.find(name);
    if (found !== undefined) return found;
    throw new Error(`access image to rebase: expected ${name} in its registry, but it is not there`);
  }
  const place = inputs.own.previousImageLayout ?? layoutPlace(inputs, name);
  const found = await findImage(place);
  if (found !== undefined) return found;
  throw new Error(
    `access image to rebase: expected ${name} in the OCI layout at ${place.directory}, but it is not there`,
  );
}

function isInRegistry({useLayout, own}: Inputs): boolean {
  return !useLayout && own.previousImageLayout === undefined;
}

function layoutPlace(inputs: Inputs, name: string): LayoutPlace {
  if (inputs.useLayout && inputs.layoutDir !== '') return placeInLayoutDir(inputs.layoutDir, name);
  throw new LifecycleFailure('-layout-dir is missing: it names the directory that images in OCI layouts are in', {
    action: 'resolve inputs',
    code: exitCodes.invalidArgs,
  });
}

async function recordedRunImage(context: PhaseContext, app: FoundImage): Promise<string> {
  const {runImage, stack} = parseLayersMetadataLabel(labelsOf(app.image)[lifecycleMetadataLabel]);
  const isKnown = atLeast(context.inputs.platformApi, '0.12') && Boolean(runImage.image);
  const name = await bestRunImage(context, isKnown ? runImage : (stack ?? {}));
  if (name !== '') return name;
  throw new LifecycleFailure('-run-image is required when there is no run image metadata available', {
    action: 'set app image: failed to parse arguments',
    code: exitCodes.rebaseError,
  });
}

/** Upstream's rebaser leaves one empty line of history for every layer; in layouts, which it does not know, the lines stay. */
function withoutHistory(rebased: RebasedImage): RebasedImage {
  const {created, rootfs} = rebased.config;
  return {...rebased, config: {...rebased.config, history: rootfs.diff_ids.map(() => ({created}))}};
}

/** Brings along the layers that lie in either layout; what the pool holds elsewhere needs no copy. */
async function write(
  {inputs, registry}: PhaseContext,
  app: FoundImage,
  base: FoundImage,
  rebased: RebasedImage,
  tags: readonly string[],
) {
  const isPushed = isInRegistry(inputs) && registry !== undefined;
  const {digest, manifest, manifestBytes, configBytes} = encodeImage(isPushed ? withoutHistory(rebased) : rebased);
  if (isPushed) {
    const directory = join(registry.scratch, 'rebased');
    await writeBlob(directory, configBytes);
    await writeBlob(directory, manifestBytes);
    await registry.push(directory, digest, tags, [base, app]);
    return {digest, manifestSize: manifestBytes.length};
  }
  const directory = inputs.own.outputLayout ?? layoutPlace(inputs, inputs.outputImage).directory;
  for (const layer of manifest.layers) {
    const from = [base.directory, app.directory].filter((source) => source !== directory);
    for (const source of from) if (await hasBlob(source, layer.digest)) await linkBlob(source, directory, layer.digest);
  }
  await writeBlob(directory, configBytes);
  await writeBlob(directory, manifestBytes);
  const names = [...new Set(tags.map((tag) => parseImageName(tag).tag ?? 'latest'))];
  await nameManifest(directory, {mediaType: mediaTypes.manifest, digest, size: manifestBytes.length}, names);
  return {digest, manifestSize: manifestBytes.length};
}
