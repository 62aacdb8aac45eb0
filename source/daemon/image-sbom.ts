// Writes the software bills of materials of a built image: the files of its SBOM layer (platform specification, "Software Bill-of-Materials").
import {randomUUID} from 'node:crypto';
import {chmod, copyFile, lstat, mkdir, readdir, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {z} from 'zod';
import {exists} from '../oci/blob-store.ts';
import {extractTar} from '../oci/extract-tar.ts';
import {blobPath, type LayoutImage, readImage} from '../oci/image-layout.ts';
import {lifecycleMetadataLabel} from '../oci/lifecycle-metadata.ts';
import type {ImageSbom} from '../protocol/message.ts';
import {inWords, withIncoming} from './foreign-image.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

/** An image of this machine by the digest of its manifest, and the absolute directory to write to. */
export type SbomRequest = {
  readonly namespace: string;
  readonly name: string;
  readonly digest: string;
  readonly directory: string;
  readonly force: boolean;
  readonly paths: StatePaths;
};

/**
 * Writes `layers/sbom/launch/**` of the image below the directory, as `pack sbom download` does, and gives the files it wrote. Refused in
 * words when the image has none, or when one of the files exists and `force` is not given; then nothing is written.
 */
export async function writeSbom(request: SbomRequest): Promise<ImageSbom> {
  const {paths, namespace, name, digest, directory} = request;
  const what = `the SBOMs of image "${name}" cannot be written to ${directory}`;
  try {
    const layout = paths.image(namespace, name);
    const image = await readImage(layout, digest);
    return await withIncoming(paths, async (root) => {
      await extractSbomLayer(layout, image, root, name);
      const launch = await findLaunch(root, name);
      const files = await regularFiles(launch, '');
      await placeFiles(launch, files, request);
      return {digest: image.digest, files: files.map((file) => join(sbomPlace, file))};
    });
  } catch (cause) {
    throw inWords(what, cause);
  }
}

const sbomPlace = join('layers', 'sbom', 'launch');
const limits = {entries: 100_000, bytes: 2 * 1024 ** 3};
const metadataSchema = z.object({sbom: z.object({sha: z.string()}).nullish()});

async function extractSbomLayer(layout: string, image: LayoutImage, root: string, name: string): Promise<void> {
  const {manifest, config} = image;
  const sha = sbomDiffId(config.config?.Labels?.[lifecycleMetadataLabel]);
  const layer = sha === undefined ? undefined : manifest.layers[config.rootfs.diff_ids.indexOf(sha)];
  if (!layer) {
    throw new Refusal(
      'not-found',
      `image "${name}" has no SBOM: none of the buildpacks that built ${image.digest} wrote one for the running app`,
    );
  }
  const file = blobPath(layout, layer.digest);
  await extractTar({
    file,
    digest: layer.digest,
    root,
    allowedPrefixes: ['/'],
    limits,
    modeMask: 0o777,
    linksInside: true,
  });
}

/** A label that cannot be read names no layer. */
function sbomDiffId(label: string | undefined): string | undefined {
  try {
    return metadataSchema.safeParse(JSON.parse(label ?? '{}')).data?.sbom?.sha;
  } catch {
    return undefined;
  }
}

/** `/layers/sbom/launch`, or wherever the layers directory of the build was. */
async function findLaunch(root: string, name: string): Promise<string> {
  let level: readonly string[] = [root];
  for (let depth = 0; depth < deepestLayersDirectory; depth++) {
    const found = level.find((directory) => directory.endsWith(join('sbom', 'launch')));
    if (found !== undefined) return found;
    level = (await Promise.all(level.map(directoriesIn))).flat();
  }
  throw new Refusal('invalid', `expected sbom/launch in the SBOM layer of image "${name}", found nothing`);
}

const deepestLayersDirectory = 24;

async function directoriesIn(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, {withFileTypes: true});
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(directory, entry.name));
}

/** Paths below `root`; links are left out, their targets come by themselves. */
async function regularFiles(root: string, below: string): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await readdir(join(root, below), {withFileTypes: true})) {
    const path = join(below, entry.name);
    if (entry.isDirectory()) files.push(...(await regularFiles(root, path)));
    else if (entry.isFile()) files.push(path);
  }
  return files.toSorted();
}

/** All files are complete beside their place before the first takes its name. */
async function placeFiles(from: string, files: readonly string[], {directory, force}: SbomRequest): Promise<void> {
  const place = join(directory, sbomPlace);
  for (const file of files) await requireRoom(join(place, file), force);
  const partial = join(directory, `.${randomUUID()}.partial`);
  try {
    for (const file of files) {
      await mkdir(dirname(join(partial, file)), {recursive: true});
      await copyFile(join(from, file), join(partial, file));
      await chmod(join(partial, file), 0o644);
    }
    if (await exists(place)) await moveEach(partial, place, files);
    else {
      await mkdir(dirname(place), {recursive: true});
      await rename(partial, place);
    }
  } finally {
    await rm(partial, {recursive: true, force: true});
  }
}

async function moveEach(from: string, to: string, files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(dirname(join(to, file)), {recursive: true});
    await rename(join(from, file), join(to, file));
  }
}

async function requireRoom(path: string, force: boolean): Promise<void> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats || (force && stats.isFile())) return;
  throw new Refusal(
    'already-exists',
    `${path} exists already; name another directory${stats.isFile() ? ', or give --force to replace it' : ''}`,
  );
}
