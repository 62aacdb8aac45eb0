/** The analyze phase: what the previous image remembers and what the run image is for, written to analyzed.toml (spec/platform.md#analyzer). */
import {type Analyzed, type AnalyzedRunImage, readAnalyzedFileIfAny, writeAnalyzedFile} from './analyzed-file.ts';
import {atLeast} from './api-version.ts';
import {exitCodes} from './exit-codes.ts';
import {extractSbomLayer} from './extract-layer.ts';
import type {Inputs} from './inputs.ts';
import {emptyLayersMetadata, parseLayersMetadataLabel} from './layers-metadata.ts';
import {type FoundImage, findImage, labelsOf, nameByDigest, placeInLayoutDir, targetOf} from './layout-image.ts';
import {failingAs, LifecycleFailure} from './lifecycle-failure.ts';
import type {PhaseContext} from './phase-context.ts';
import {defaultRunImage} from './run-image-name.ts';

export const lifecycleMetadataLabel = 'io.buildpacks.lifecycle.metadata';

/**
 * Writes analyzed.toml. A [run-image] with a reference that stands there already (written when the build was prepared) is kept: the run image
 * was chosen then. Throws exit 32.
 */
export function analyze(context: PhaseContext): Promise<Analyzed> {
  return failingAs({action: 'analyze', code: exitCodes.analyzeError}, async () => {
    const {inputs, log} = context;
    const before = await readAnalyzedFileIfAny(inputs.analyzedPath);
    const runImageName = await chooseRunImage(context, before?.runImage);
    await ensureAccess(context, runImageName);
    const previous = await findPreviousImage(context);
    if (previous === undefined) log.info(`Image with name "${previousImageName(inputs)}" not found`);
    const analyzed: Analyzed = {
      previousImage: previous?.reference,
      buildImage: before?.buildImage,
      metadata:
        previous === undefined
          ? emptyLayersMetadata
          : parseLayersMetadataLabel(labelsOf(previous.image)[lifecycleMetadataLabel]),
      runImage: await analyzeRunImage(context, before?.runImage, runImageName),
    };
    if (previous !== undefined) await restoreLaunchSbom(context, previous, analyzed);
    await writeAnalyzedFile(inputs.analyzedPath, {...analyzed, previousImage: writtenReference(inputs, previous)});
    return analyzed;
  });
}

/** The controller's images are layouts of this machine; a registry is asked before anything is built. */
async function ensureAccess({inputs, registry}: PhaseContext, runImage: string): Promise<void> {
  if (registry === undefined) return;
  const isByRegistry = !inputs.useLayout && inputs.own.runImageLayout === undefined;
  if (isByRegistry) await registry.ensureReadable([inputs.previousImage || inputs.outputImage, runImage]);
  await registry.ensureWritable([inputs.cacheImage, ...(isByRegistry ? [inputs.outputImage, ...inputs.tags] : [])]);
}

async function findPreviousImage({inputs, registry}: PhaseContext): Promise<FoundImage | undefined> {
  if (inputs.own.previousImageLayout !== undefined) return findImage(inputs.own.previousImageLayout);
  if (!inputs.useLayout) return registry?.find(inputs.previousImage || inputs.outputImage);
  if (inputs.layoutDir === '') return undefined;
  return findImage(placeInLayoutDir(inputs.layoutDir, inputs.previousImage || inputs.outputImage));
}

/** With -layout upstream calls an image by the directory it is in. */
function previousImageName(inputs: Inputs): string {
  const name = inputs.previousImage || inputs.outputImage;
  const isByName = inputs.own.previousImageLayout !== undefined || !inputs.useLayout || inputs.layoutDir === '';
  return isByName ? name : placeInLayoutDir(inputs.layoutDir, name).directory;
}

/** Upstream's analyzer writes an empty reference when there is no previous image; where the controller prepares the file, there is none. */
function writtenReference(inputs: Inputs, previous: FoundImage | undefined): string | undefined {
  return previous?.reference ?? (inputs.own.runImageLayout === undefined ? '' : undefined);
}

/** A run image that the controller chose when it prepared the build stays; upstream's analyzer knows no analyzed.toml before it. */
function chosenBefore({platformApi}: Inputs, before: AnalyzedRunImage | undefined): AnalyzedRunImage | undefined {
  const hasTarget = before?.target !== undefined || !atLeast(platformApi, '0.12');
  return before !== undefined && before.reference !== '' && hasTarget ? before : undefined;
}

async function chooseRunImage(context: PhaseContext, before: AnalyzedRunImage | undefined): Promise<string> {
  const chosen = chosenBefore(context.inputs, before);
  if (chosen !== undefined) return chosen.image ?? '';
  return context.inputs.runImage || before?.image || (await defaultRunImage(context));
}

async function analyzeRunImage(
  context: PhaseContext,
  before: AnalyzedRunImage | undefined,
  name: string,
): Promise<AnalyzedRunImage> {
  const {inputs} = context;
  const chosen = chosenBefore(inputs, before);
  if (chosen !== undefined) return chosen;
  const found = await findRunImage(context, name);
  const isInLayoutDir = inputs.own.runImageLayout === undefined && found.repository === undefined;
  const described = {
    reference: before?.reference || referenceOf(inputs, name, found),
    // With -layout upstream puts the directory here.
    image: isInLayoutDir ? found.directory : name || undefined,
  };
  if (!atLeast(inputs.platformApi, '0.12')) return {reference: described.reference};
  const target = targetOf(found.image);
  if (target.os === '') throw new Error('failed to find OS in run image config');
  return {...described, target};
}

/** An image handed over by its place gets a reference that no machine's paths are part of: it ends in the app image's label. */
function referenceOf(inputs: Inputs, name: string, found: FoundImage): string {
  if (inputs.own.runImageLayout === undefined || name === '') return found.reference;
  return nameByDigest(name, found.image.digest);
}

/** The run image, by the place the environment names or by its name below the layout directory. Throws when it is not there. */
export async function findRunImage({inputs, registry}: PhaseContext, name: string): Promise<FoundImage> {
  if (!inputs.useLayout && registry !== undefined && inputs.own.runImageLayout === undefined && name !== '') {
    const found = await registry.find(name);
    if (found !== undefined) return found;
    throw new Error(`expected the run image ${name} in its registry, but it is not there`);
  }
  const place = inputs.own.runImageLayout ?? (name === '' ? undefined : placeInLayoutDir(inputs.layoutDir, name));
  if (place === undefined) {
    throw new LifecycleFailure('-run-image is required when there is no run metadata available', {
      action: 'resolve inputs',
      code: exitCodes.invalidArgs,
    });
  }
  const found = await findImage(place);
  if (found !== undefined) return found;
  throw new Error(
    `expected the run image ${name || '(unnamed)'} in the OCI layout at ${place.directory}${place.digest === undefined ? '' : ` with digest ${place.digest}`}, but it is not there`,
  );
}

async function restoreLaunchSbom(context: PhaseContext, previous: FoundImage, analyzed: Analyzed): Promise<void> {
  const {inputs, log} = context;
  const sha = analyzed.metadata.sbom ?? '';
  if (sha === '' || inputs.skipLayers || !atLeast(inputs.platformApi, '0.8')) return;
  log.info('Restoring data for SBOM from previous image');
  if (await extractSbomLayer(previous, sha, inputs.layersDir, context.registry)) return;
  log.warn(`The previous image's SBOM layer ${sha} is not in ${previous.directory}; reused layers will have no SBOM`);
}
