/** Looks for bash in a run image, which the embedded launcher is written in. */
import {createReadStream} from 'node:fs';
import {createGunzip} from 'node:zlib';
import {blobPath, hasBlob} from '../oci/image-layout.ts';
import type {Descriptor} from '../oci/image-manifest.ts';
import {readTar} from '../oci/tar-reader.ts';
import type {FoundImage} from './layout-image.ts';

/** True when a layer has /bin/bash or /usr/bin/bash; `unknown` when none of those that are here has it and some are not here. */
export async function findBash(image: FoundImage): Promise<boolean | 'unknown'> {
  let missing = image.image.manifest.layers.length === 0;
  for (const layer of image.image.manifest.layers) {
    if (!(await hasBlob(image.directory, layer.digest))) missing = true;
    else if (await hasBashIn(image.directory, layer)) return true;
  }
  return missing ? 'unknown' : false;
}

const places: ReadonlySet<string> = new Set(['bin/bash', 'usr/bin/bash']);

async function hasBashIn(directory: string, layer: Descriptor): Promise<boolean> {
  const file = createReadStream(blobPath(directory, layer.digest));
  const compressed = layer.mediaType.endsWith('gzip');
  const stream = compressed ? file.pipe(createGunzip()) : file;
  file.once('error', (error) => stream.destroy(error));
  try {
    for await (const {header} of readTar(stream)) {
      if (places.has(header.path.replace(/^(?:\.?\/)+/, ''))) return true;
    }
    return false;
  } finally {
    stream.destroy();
    file.destroy();
  }
}
