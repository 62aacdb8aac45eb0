// Names that a container engine and upstream's lifecycle take: those of registries, never `oci:DIR` or a file.
import type {BaseImage} from '../domain/stack.ts';
import {OciError} from '../oci/oci-error.ts';
import {parseRegistryReference} from '../oci/reference.ts';

/** The base image under its own name, or one made of its digest when its name is a place on this machine. */
export function namedForEngines(base: BaseImage): BaseImage {
  if (isRegistryName(base.name)) return base;
  return {...base, name: `slipway.local/base-image:${base.digest.replace('sha256:', '').slice(0, 24)}`};
}

/** Whether an engine may be given the name: never a place on this machine, and nothing that looks like an option. */
export function isRegistryName(name: string): boolean {
  try {
    parseRegistryReference(name);
    return true;
  } catch (error) {
    if (error instanceof OciError) return false;
    throw error;
  }
}
