/**
 * Where an export takes its images from and where the result goes: the layouts that the controller names, upstream's places below -layout-dir, or
 * a registry (cmd/lifecycle/exporter.go, init…AppImage).
 */
import {join} from 'node:path';
import {exists} from '../oci/blob-store.ts';
import {hasBlob, linkBlob, readLayout} from '../oci/image-layout.ts';
import {OciError} from '../oci/oci-error.ts';
import type {Analyzed} from './analyzed-file.ts';
import {findRunImage} from './analyze.ts';
import {type AppImage, writeAppImage} from './app-image.ts';
import {exitCodes} from './exit-codes.ts';
import {type Inputs, parseLayoutPlace} from './inputs.ts';
import {type FoundImage, findImage, parseImageName, placeInLayoutDir} from './layout-image.ts';
import {asFailure, failingAs, LifecycleFailure} from './lifecycle-failure.ts';
import type {PhaseContext} from './phase-context.ts';
import type {RegistrySite} from './registry-site.ts';

export type ExportSite = {
  readonly runImage: FoundImage;
  /** What the image's label will call it. */
  readonly runImageReference: string;
  readonly previousImage?: FoundImage;
  /** The layout new layers are written to. */
  readonly directory: string;
  /** What the image is called in the log and in report.toml. */
  readonly tags: readonly string[];
  readonly save: (image: AppImage) => Promise<SavedImage>;
};

/** `shown` stands in the log, `reported` in report.toml: upstream's layouts report no digest. */
export type SavedImage = {
  readonly digest: string;
  readonly manifestSize: number;
  readonly shown: string;
  readonly reported?: string;
};

/** Finds the images and the place. Throws exit 62 or 1 when they cannot be had. */
export function openExportSite(context: PhaseContext, analyzed: Analyzed): Promise<ExportSite> {
  const {inputs, registry} = context;
  if (inputs.own.outputLayout !== undefined) return controllersSite(context, analyzed, inputs.own.outputLayout);
  // Upstream notices a run image that is not in its layout while it exports, one that is not in its registry before.
  if (registry === undefined || inputs.useLayout)
    return failingAs({action: 'export', code: exitCodes.exportError}, () => layoutSite(context, analyzed));
  return failingAs({action: 'create new app image', code: exitCodes.failed}, () =>
    registrySite(context, registry, analyzed),
  );
}

/** The controller's layout shares layers with others, so only new ones are written. */
async function controllersSite(context: PhaseContext, analyzed: Analyzed, directory: string): Promise<ExportSite> {
  const {inputs} = context;
  const tags = [inputs.outputImage, ...inputs.tags];
  const names = [...new Set(tags.map((tag) => parseImageName(tag).tag ?? 'latest'))];
  return {
    runImage: await openRunImage(context, analyzed),
    runImageReference: runImageReference(inputs, analyzed),
    previousImage: await openPreviousImage(inputs, analyzed),
    directory,
    tags,
    save: async (image) => {
      const written = await writeAppImage(directory, names, image);
      return {...written, shown: written.digest, reported: written.digest};
    },
  };
}

/** Upstream's layout has one image and every layer of it that can be had, and calls the image by its directory. */
async function layoutSite(context: PhaseContext, analyzed: Analyzed): Promise<ExportSite> {
  const {inputs, log} = context;
  if (!inputs.useLayout || inputs.layoutDir === '') {
    throw new LifecycleFailure('-layout-dir is missing: it names the directory that images in OCI layouts are in', {
      action: 'resolve inputs',
      code: exitCodes.invalidArgs,
    });
  }
  const tags = [inputs.outputImage, ...inputs.tags];
  const [directory = '', ...others] = tags.map((tag) => placeInLayoutDir(inputs.layoutDir, tag).directory);
  const {runImage, previousImage} = await refusingMalformed(async () => ({
    runImage: (await onlyImageOfLayout(analyzed)) ?? (await openRunImage(context, analyzed)),
    previousImage: await openPreviousImage(inputs, analyzed),
  }));
  if (previousImage !== undefined) log.info(`Reusing layers from image '${previousImage.directory}'`);
  log.info(`Using app image: ${directory}`);
  return {
    runImage,
    runImageReference: runImageReference(inputs, analyzed),
    previousImage,
    directory,
    tags: [directory, ...others],
    save: async (image) => {
      const sources = [runImage.directory, ...(previousImage ? [previousImage.directory] : [])];
      const names = [parseImageName(inputs.outputImage).tag ?? 'latest'];
      await completeLayers(directory, image, sources);
      const written = await writeAppImage(directory, names, image);
      for (const other of others) {
        await completeLayers(other, image, [directory]);
        await writeAppImage(other, names, image);
      }
      return {...written, shown: `${directory}@${written.digest}`};
    },
  };
}

async function registrySite(
  {inputs, log}: PhaseContext,
  registry: RegistrySite,
  analyzed: Analyzed,
): Promise<ExportSite> {
  const reference = analyzed.runImage?.reference ?? '';
  const runImage = await registry.find(reference);
  if (runImage === undefined) throw new Error(`failed to access run image: ${reference} is not in the registry`);
  const previous = analyzed.previousImage ?? '';
  if (previous !== '') log.info(`Reusing layers from image '${previous}'`);
  const previousImage = previous === '' ? undefined : await registry.find(previous);
  const directory = join(registry.scratch, 'app');
  const tags = [inputs.outputImage, ...inputs.tags];
  return {
    runImage,
    runImageReference: runImage.reference,
    previousImage,
    directory,
    tags,
    save: async (image) => {
      const written = await writeAppImage(directory, ['latest'], image);
      await registry.push(directory, written.digest, tags, [runImage, ...(previousImage ? [previousImage] : [])]);
      return {...written, shown: written.digest, reported: written.digest};
    },
  };
}

/** Upstream ends with 1 for a layout that cannot be read, with 62 for one that is not there. */
async function refusingMalformed<T>(find: () => Promise<T>): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (!(error instanceof OciError)) throw error;
    throw asFailure(error, {action: 'create new app image', code: exitCodes.failed});
  }
}

/** Upstream takes what the run image's layout names, whatever analyzed.toml says its digest is; one that names several is asked by digest. */
async function onlyImageOfLayout(analyzed: Analyzed): Promise<FoundImage | undefined> {
  const {directory} = parseLayoutPlace(analyzed.runImage?.reference ?? '');
  if (!(await exists(join(directory, 'index.json')))) return undefined;
  const {index} = await readLayout(directory);
  return index.manifests.length > 1 ? undefined : findImage({directory});
}

async function openRunImage(context: PhaseContext, analyzed: Analyzed): Promise<FoundImage> {
  if (context.inputs.own.runImageLayout !== undefined) return findRunImage(context, analyzed.runImage?.image ?? '');
  const place = parseLayoutPlace(analyzed.runImage?.reference ?? '');
  const found = place.digest === undefined ? undefined : await findImage(place);
  return found ?? findRunImage(context, analyzed.runImage?.image || analyzed.runImage?.reference || '');
}

async function openPreviousImage(inputs: Inputs, analyzed: Analyzed): Promise<FoundImage | undefined> {
  if (analyzed.previousImage === undefined || analyzed.previousImage === '') return undefined;
  return findImage(inputs.own.previousImageLayout ?? parseLayoutPlace(analyzed.previousImage));
}

/**
 * With -layout upstream names an empty image here, whatever the run image is: its exporter opens the directory without reading what is in it
 * (cmd/lifecycle/exporter.go initLayoutAppImage). Nothing reads this field, and labels are to be the same; the controller's images tell the truth.
 */
function runImageReference({own, useLayout}: Inputs, analyzed: Analyzed): string {
  const reference = analyzed.runImage?.reference ?? '';
  if (own.runImageLayout !== undefined || !useLayout) return reference;
  return `${parseLayoutPlace(reference).directory}@${emptyImage}`;
}

const emptyImage = 'sha256:9bff545fd88403019875bc484da593c84761e6c89bae9058b76d1054d54548d0';

/** Brings in the layers of the run image and the reused ones, by hard link where possible. Those that are nowhere (a sparse layout) stay away. */
async function completeLayers(directory: string, app: AppImage, sources: readonly string[]): Promise<void> {
  const descriptors = [...app.runImage.image.manifest.layers, ...app.layers.map((layer) => layer.descriptor)];
  for (const {digest} of descriptors) {
    if (await hasBlob(directory, digest)) continue;
    for (const source of sources) {
      if (!(await hasBlob(source, digest))) continue;
      await linkBlob(source, directory, digest);
      break;
    }
  }
}
