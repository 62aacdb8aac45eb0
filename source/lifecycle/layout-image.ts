/** Images in OCI layouts as the phases meet them: where one lies, what its documents say, how it is named (upstream's layout handler). */
import {join} from 'node:path';
import {exists} from '../oci/blob-store.ts';
import {type LayoutImage, readImage} from '../oci/image-layout.ts';
import type {Descriptor} from '../oci/image-manifest.ts';
import {OciError} from '../oci/oci-error.ts';
import {formatReference, parseRegistryReference, type RegistryReference} from '../oci/reference.ts';
import {exitCodes} from './exit-codes.ts';
import {type LayoutPlace, parseLayoutPlace} from './inputs.ts';
import {asFailure} from './lifecycle-failure.ts';
import type {TargetMetadata} from './target.ts';

export type FoundImage = {
  readonly directory: string;
  /** `<directory>@<digest>`, the way a layout's image is named in analyzed.toml. */
  readonly reference: string;
  readonly image: Pick<LayoutImage, 'digest' | 'config' | 'manifest'>;
  /** Where its layers can be had, when it came from a registry: `directory` then has none of them. */
  readonly repository?: RegistryReference;
};

/**
 * The image at a place: the one with its digest, else the only one the layout holds. Undefined when there is no such image; a layout whose index
 * names none, or one that is not in it, is malformed.
 */
export async function findImage({directory, digest}: LayoutPlace): Promise<FoundImage | undefined> {
  try {
    const image = await readImage(directory, digest);
    return {directory, reference: `${directory}@${image.digest}`, image};
  } catch (error) {
    if (!(error instanceof OciError) || error.kind !== 'not-found') throw error;
    const index = join(directory, 'index.json');
    if (digest !== undefined || !(await exists(index))) return undefined;
    throw new OciError('bad-layout', `${index}: ${error.message}`, {cause: error});
  }
}

/** Where `-layout-dir` keeps an image of this name: `<layout dir>/<registry host>/<repository>/<tag>` or `/<algorithm>/<hex>`. */
export function placeInLayoutDir(layoutDir: string, reference: string): LayoutPlace {
  if (reference.startsWith(`${layoutDir}/`)) return parseLayoutPlace(reference);
  const {host, repository, tag, digest} = parseImageName(reference);
  return {directory: join(layoutDir, host, repository, ...(digest ?? tag ?? 'latest').split(':'))};
}

/** An image's name with the defaults filled in. Throws exit 3 on what is none. */
export function parseImageName(reference: string): RegistryReference {
  try {
    return parseRegistryReference(reference);
  } catch (error) {
    throw asFailure(error, {action: 'resolve inputs', code: exitCodes.invalidArgs});
  }
}

/** The name of an image by what it is exactly: its repository and its digest, whatever tag it was found under. */
export function nameByDigest(name: string, digest: string): string {
  const {host, repository} = parseImageName(name);
  return formatReference({kind: 'registry', host, repository, digest});
}

/** What the image is for: os, arch and variant of its config, the distribution of its labels (spec/platform.md "Run Image"). */
export function targetOf(image: FoundImage['image']): TargetMetadata {
  const labels = labelsOf(image);
  const name = labels['io.buildpacks.base.distro.name'];
  const version = labels['io.buildpacks.base.distro.version'];
  return {
    id: labels['io.buildpacks.base.id'],
    os: image.config.os,
    arch: image.config.architecture,
    archVariant: image.config.variant,
    distro: name === undefined && version === undefined ? undefined : {name: name ?? '', version: version ?? ''},
  };
}

/** The image's labels. */
export function labelsOf(image: FoundImage['image']): Readonly<Record<string, string>> {
  return image.config.config?.Labels ?? {};
}

/** The value of a variable in the image's environment. */
export function environmentOf(image: FoundImage['image'], name: string): string | undefined {
  const found = image.config.config?.Env?.find((entry) => entry.startsWith(`${name}=`));
  return found?.slice(name.length + 1);
}

/** The blob of the layer with this diffID. */
export function descriptorOfLayer(image: FoundImage['image'], diffId: string): Descriptor | undefined {
  const index = image.config.rootfs.diff_ids.indexOf(diffId);
  return index === -1 ? undefined : image.manifest.layers[index];
}

/** The name without tag and digest, otherwise as it was written: `registry.example:5000/app:1` gives `registry.example:5000/app`. */
export function withoutIdentifier(reference: string): string {
  return reference.replace(/@sha256:[0-9a-f]{64}$/, '').replace(/:[\w][\w.-]{0,127}$/, '');
}
