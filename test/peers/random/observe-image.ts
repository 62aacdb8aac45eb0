// An exported image in a form that two lifecycles can be compared in: all of its config, and what its manifest says but for compressed digests.
import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {blobPath, readImage} from '../../../source/oci/image-layout.ts';

/** Nothing when there is no image. */
export async function observeImage(layout: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(path.join(layout, 'index.json'))) return {};
  const {manifest} = await readImage(layout);
  const config = JSON.parse(await readFile(blobPath(layout, manifest.config.digest), 'utf8')) as {
    readonly config?: {readonly Labels?: Readonly<Record<string, string>>};
    readonly rootfs: {readonly diff_ids: readonly string[]};
  };
  const {Labels = {}, ...settings} = config.config ?? {};
  const index = JSON.parse(await readFile(path.join(layout, 'index.json'), 'utf8')) as {
    readonly manifests: readonly {readonly annotations?: unknown}[];
  };
  return {
    'image config': {...config, config: settings},
    'image labels': Object.fromEntries(Object.entries(Labels).map(([name, text]) => [name, withoutLauncher(text)])),
    'image names': index.manifests.map(({annotations}) => annotations),
    'image layers held': manifest.layers.map(({digest}) => existsSync(blobPath(layout, digest))),
  };
}

function withoutLauncher(text: string): string {
  return text.replace(/"launcher":\{"version":"[^"]*","source":\{"git":\{[^}]*\}\}\}/, '"launcher":{}');
}
