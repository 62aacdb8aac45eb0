// Builds images for the tests: documents alone, or whole layouts with layers in them.
import {join} from 'node:path';
import type {ImageConfig} from '../../source/oci/image-config.ts';
import {type EncodedImage, writeImage} from '../../source/oci/image-layout.ts';
import type {Descriptor, ImageManifest} from '../../source/oci/image-manifest.ts';
import {writeLayer, type WrittenLayer} from '../../source/oci/layer-writer.ts';
import {mediaTypes} from '../../source/oci/media-types.ts';

export type ImageParts = {
  readonly architecture?: string;
  readonly os?: string;
  readonly variant?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly env?: readonly string[];
  readonly diffIds?: readonly string[];
  readonly history?: ImageConfig['history'];
};

/** A config with this and defaults for the rest. */
export function aConfig(parts: ImageParts = {}): ImageConfig {
  return {
    created: '1980-01-01T00:00:01Z',
    architecture: parts.architecture ?? 'amd64',
    os: parts.os ?? 'linux',
    ...(parts.variant && {variant: parts.variant}),
    config: {...(parts.env && {Env: parts.env}), ...(parts.labels && {Labels: parts.labels})},
    rootfs: {type: 'layers', diff_ids: parts.diffIds ?? []},
    ...(parts.history && {history: parts.history}),
  };
}

/** A manifest for a config: one layer descriptor per diffID, with that as its digest. */
export function aManifest(config: ImageConfig): ImageManifest {
  const layers = config.rootfs.diff_ids.map(
    (digest): Descriptor => ({mediaType: mediaTypes.layerGzip, digest, size: 1}),
  );
  return {
    schemaVersion: 2,
    config: {mediaType: mediaTypes.config, digest: `sha256:${'0'.repeat(64)}`, size: 1},
    layers,
  };
}

/** Writes one layer with one small file into a layout. */
export function writeTextLayer(directory: string, text: string): Promise<WrittenLayer> {
  const content = Buffer.from(text);
  return writeLayer([{path: `/${text}`, kind: 'file', mode: 0o644, uid: 0, gid: 0, content}], {
    compress: true,
    into: directory,
  });
}

/** Writes an image of such layers into a layout. */
export async function anImage(
  directory: string,
  texts: readonly string[],
  {names = ['latest'], ...parts}: ImageParts & {readonly names?: readonly string[]} = {},
): Promise<EncodedImage & {readonly written: readonly WrittenLayer[]; readonly config: ImageConfig}> {
  const written: WrittenLayer[] = [];
  for (const text of texts) written.push(await writeTextLayer(directory, text));
  const config = aConfig({
    ...parts,
    diffIds: written.map(({diffId}) => diffId),
    history: texts.map((text) => ({created: '1980-01-01T00:00:01Z', created_by: text})),
  });
  const layers = written.map(({mediaType, digest, size}) => ({mediaType, digest, size}));
  return {...(await writeImage(directory, {manifest: {layers}, config, names})), written, config};
}

/** The path of a file in a layout. */
export function inLayout(directory: string, ...steps: readonly string[]): string {
  return join(directory, ...steps);
}
