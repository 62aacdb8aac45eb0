// Base images: found by their reference, copied into the pool under their digest, and read for what a stack must know.
import type {BaseImage, Target} from '../domain/stack.ts';
import {findBash} from '../lifecycle/find-bash.ts';
import type {ImageConfig} from '../oci/image-config.ts';
import {type LayoutImage, linkBlob, nameManifest, readImage} from '../oci/image-layout.ts';
import {OciError} from '../oci/oci-error.ts';
import {parseReference} from '../oci/reference.ts';
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
/** The annotation that carries the name a layout's image goes by (containerd's). */
export const imageNameAnnotation = 'io.containerd.image.name';

/**
 * Finds the image that a reference names and makes it this machine's own: `base-images/<digest>` over the pool. Finding
 * the same image twice copies nothing. Refused when there is none, or when it is of a kind that is not supported yet.
 */
export async function findBaseImage(reference: string, paths: StatePaths): Promise<FoundBaseImage> {
  const {directory, tag} = layoutOf(reference);
  const image = await readOrRefuse(reference, directory, tag);
  const {manifest, config} = image;
  const layout = paths.baseImage(image.digest);
  const blobs = [image.descriptor, manifest.config, ...manifest.layers];
  for (const blob of blobs) {
    await copyIntoPool(paths.pool, directory, blob);
    await linkBlob(paths.pool, layout, blob.digest);
  }
  await nameManifest(
    layout,
    {mediaType: image.descriptor.mediaType, digest: image.digest, size: image.descriptor.size},
    ['latest'],
  );
  const found = facts(config);
  const runnable = found.runnable && (await findBash({directory: layout, reference, image})) !== false;
  return {...found, runnable, base: baseImage(reference, image, layout)};
}

function layoutOf(reference: string): {readonly directory: string; readonly tag?: string} {
  const parsed = parsedReference(reference);
  switch (parsed.kind) {
    case 'layout':
      return parsed;
    case 'registry':
      throw new Refusal(
        'invalid',
        `base image "${reference}": registries are not supported yet; copy it to an image layout and name that (oci:DIR[:TAG])`,
      );
    case 'archive':
      throw new Refusal(
        'invalid',
        `base image "${reference}": archives are not supported yet; unpack it to an image layout and name that (oci:DIR[:TAG])`,
      );
    default:
      return parsed satisfies never;
  }
}

function parsedReference(reference: string) {
  try {
    return parseReference(reference);
  } catch (cause) {
    throw new Refusal('invalid', `base image: ${cause instanceof Error ? cause.message : String(cause)}`, {cause});
  }
}

async function readOrRefuse(reference: string, directory: string, tag: string | undefined): Promise<LayoutImage> {
  try {
    return await readImage(directory, tag);
  } catch (cause) {
    const kind = cause instanceof OciError && cause.kind === 'not-found' ? 'not-found' : 'invalid';
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new Refusal(kind, `base image "${reference}" cannot be read: ${message}`, {cause});
  }
}

function baseImage(reference: string, image: LayoutImage, layout: string): BaseImage {
  const topLayer = image.config.rootfs.diff_ids.at(-1);
  if (topLayer === undefined) {
    throw new Refusal('invalid', `base image "${reference}" has no layers; a stack needs a run image that has some`);
  }
  const name = image.descriptor.annotations?.[imageNameAnnotation] ?? reference;
  return {image: reference, digest: image.digest, name, layout, topLayer};
}

function facts(config: ImageConfig): Omit<FoundBaseImage, 'base'> {
  const labels = config.config?.Labels ?? {};
  const distroName = labels['io.buildpacks.base.distro.name'];
  const distroVersion = labels['io.buildpacks.base.distro.version'];
  return {
    stackId: labels['io.buildpacks.stack.id'],
    mixins: mixinsOf(labels['io.buildpacks.stack.mixins']),
    target: {
      os: config.os,
      arch: config.architecture,
      ...(config.variant ? {archVariant: config.variant} : {}),
      ...(distroName ? {distroName} : {}),
      ...(distroVersion ? {distroVersion} : {}),
    },
    userId: numberVariable(config, 'CNB_USER_ID'),
    groupId: numberVariable(config, 'CNB_GROUP_ID'),
    runnable: labels[metadataOnlyLabel] !== 'true',
  };
}

function mixinsOf(label: string | undefined): readonly string[] {
  if (!label) return [];
  const mixins: unknown = JSON.parse(label);
  return Array.isArray(mixins) ? mixins.filter((mixin) => typeof mixin === 'string') : [];
}

function numberVariable(config: ImageConfig, name: string): number | undefined {
  const text = config.config?.Env?.find((variable) => variable.startsWith(`${name}=`))?.slice(name.length + 1);
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}
