/** The cache of a phase: the image or the directory that its inputs name. */
import {exitCodes} from './exit-codes.ts';
import {openImageCache} from './image-cache.ts';
import type {LayerCache} from './layer-cache.ts';
import {failingAs} from './lifecycle-failure.ts';
import type {PhaseContext} from './phase-context.ts';
import {openVolumeCache} from './volume-cache.ts';

/** The cache that the inputs name, made ready; undefined when they name none. Throws exit 1 when it cannot be had. */
export async function openCache(context: PhaseContext): Promise<LayerCache | undefined> {
  const {cacheImage, cacheDir} = context.inputs;
  if (cacheImage !== '')
    return failingAs({action: 'create image cache', code: exitCodes.failed}, () => openImageCache(context, cacheImage));
  if (cacheDir === '') return undefined;
  return failingAs({action: 'create volume cache', code: exitCodes.failed}, () => openVolumeCache(cacheDir));
}
