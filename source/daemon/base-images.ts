// Base images: found by their reference, copied into the pool under their digest, and read for what a stack must know.
import type {BaseImage, Target} from '../domain/stack.ts';
import {findBash} from '../lifecycle/find-bash.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import {hasBlob, linkBlob, nameManifest} from '../oci/image-layout.ts';
import type {Descriptor} from '../oci/image-manifest.ts';
import {type ForeignImage, withForeignImage} from './foreign-image.ts';
import {copyIntoPool} from './pool.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

/** A base image that was found, with the facts a stack is checked against (kpack `pkg/cnb/remote_stack_reader.go`). */
export type FoundBaseImage = {
  readonly base: BaseImage;
  readonly stackId: string | undefined;
  readonly mixins: readonly string[];
  readonly target: Target;
  readonly userId: number | undefined;
  readonly groupId: number | undefined;
  readonly runnable: boolean;
};

/** The label of a run image that holds documents only and can run nothing. */
export const metadataOnlyLabel = 'io.slipway.metadata-only';
export {imageNameAnnotation} from './foreign-image.ts';

/**
 * Finds the image that a reference names (`oci:DIR[:TAG]`, `docker-archive:FILE`, a file, or one in a registry, with the credentials that
 * `env` leads to) and makes it this machine's own: `base-images/<digest>` over the pool. Finding the same image twice copies nothing.
 */
export async function findBaseImage(
  reference: string,
  paths: StatePaths,
  env: NodeJS.ProcessEnv = process.env,
): Promise<FoundBaseImage> {
  const what = `base image "${reference}"`;
  return withForeignImage({reference, what, paths, mostBytes, keepBlobs: true, env}, async (foreign) => {
    const layout = await keepImage(foreign, paths, what);
    const found = facts(foreign.image.config, what);
    // An image of documents only is for show: it is exported all the same, and said to run nowhere.
    const runnable =
      found.metadataOnly || (await findBash({directory: layout, reference, image: foreign.image})) !== false;
    const {metadataOnly: _, ...known} = found;
    return {...known, runnable, base: baseImage(reference, foreign, layout)};
  });
}

/** More than any base image has, compressed or not. */
const mostBytes = 16 * 1024 ** 3;

async function keepImage({directory, image}: ForeignImage, paths: StatePaths, what: string): Promise<string> {
  const {manifest, descriptor, digest} = image;
  const layout = paths.baseImage(digest);
  for (const blob of [descriptor, manifest.config, ...manifest.layers]) {
    await requireBlob(directory, blob, paths, what);
    await copyIntoPool(paths.pool, directory, blob);
    await linkBlob(paths.pool, layout, blob.digest);
  }
  await nameManifest(layout, {mediaType: descriptor.mediaType, digest, size: descriptor.size}, ['latest']);
  return layout;
}

/** A regular file of the size its descriptor says: a link or a device in somebody's layout is not even opened. */
async function requireBlob(
  directory: string,
  {digest, size}: Descriptor,
  {pool}: StatePaths,
  what: string,
): Promise<void> {
  if ((await hasBlob(pool, digest, size)) || (await hasBlob(directory, digest, size))) return;
  throw new Refusal(
    'invalid',
    `${what}: expected the blob ${digest} of ${size} bytes in ${directory}, but it is not there; copy the image again, with all its layers`,
  );
}

function baseImage(reference: string, {image, name = reference}: ForeignImage, layout: string): BaseImage {
  const topLayer = image.config.rootfs.diff_ids.at(-1);
  if (topLayer === undefined) {
    throw new Refusal('invalid', `base image "${reference}" has no layers; a stack needs a run image that has some`);
  }
  return {image: reference, digest: image.digest, name, layout, topLayer};
}

function facts(
  config: ImageConfig,
  what: string,
): Omit<FoundBaseImage, 'base' | 'runnable'> & {readonly metadataOnly: boolean} {
  const labels = config.config?.Labels ?? {};
  const distroName = labels['io.buildpacks.base.distro.name'];
  const distroVersion = labels['io.buildpacks.base.distro.version'];
  return {
    stackId: labels['io.buildpacks.stack.id'],
    mixins: mixinsOf(labels['io.buildpacks.stack.mixins'], what),
    target: {
      os: config.os,
      arch: config.architecture,
      ...(config.variant ? {archVariant: config.variant} : {}),
      ...(distroName ? {distroName} : {}),
      ...(distroVersion ? {distroVersion} : {}),
    },
    userId: numberVariable(config, 'CNB_USER_ID'),
    groupId: numberVariable(config, 'CNB_GROUP_ID'),
    metadataOnly: labels[metadataOnlyLabel] === 'true',
  };
}

function mixinsOf(label: string | undefined, what: string): readonly string[] {
  if (!label) return [];
  const mixins = parsedLabel(label, what);
  return Array.isArray(mixins) ? mixins.filter((mixin) => typeof mixin === 'string') : [];
}

function parsedLabel(label: string, what: string): unknown {
  try {
    return JSON.parse(label);
  } catch (cause) {
    throw new Refusal(
      'invalid',
      `${what}: expected a list in JSON in its label io.buildpacks.stack.mixins, got something else`,
      {cause},
    );
  }
}

function numberVariable(config: ImageConfig, name: string): number | undefined {
  const text = config.config?.Env?.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
