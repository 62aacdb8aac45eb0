// A run image that starts processes: the demo's, with documents in the order in which Go writes them. Upstream's lifecycle names a run image in a
// layout by the digest of its documents as it would write them itself, which only then is the digest they have.
import {readImage, nameManifest, writeBlob} from '../../source/oci/image-layout.ts';
import {mediaTypes} from '../../source/oci/media-types.ts';
import {demoStacks} from '../../source/daemon/workspace/demo-stacks.ts';
import {makeBaseImages} from '../../source/daemon/workspace/make-base-images.ts';
import {removeNames} from '../../source/oci/image-layout.ts';

/** Makes it below `directory` and gives its layout. */
export async function makeRunImage(directory: string): Promise<string> {
  const [stack] = demoStacks;
  if (stack === undefined) throw new Error('the demo has no stack');
  const layout = (await makeBaseImages(stack, directory)).runImage.replace(/^oci:/, '');
  await rewriteAsGoWould(layout, 'latest');
  return layout;
}

/** The layout's only image with its documents in the order in which Go writes them, under the same name. */
export async function rewriteAsGoWould(layout: string, name: string): Promise<void> {
  const {config, manifest} = await readImage(layout);
  const {Env, Labels, User, WorkingDir} = config.config ?? {};
  const configBlob = await writeBlob(
    layout,
    json({
      architecture: config.architecture,
      created: config.created,
      history: config.history,
      os: config.os,
      rootfs: config.rootfs,
      config: {Env, Labels, User, WorkingDir},
    }),
  );
  const {schemaVersion, mediaType, layers} = manifest;
  const manifestBlob = await writeBlob(
    layout,
    json({
      schemaVersion,
      mediaType,
      config: {mediaType: mediaTypes.config, size: configBlob.size, digest: configBlob.digest},
      layers: layers.map(({digest, size, ...layer}) => ({mediaType: layer.mediaType, size, digest})),
    }),
  );
  await removeNames(layout, [name]);
  await nameManifest(layout, {mediaType: mediaTypes.manifest, ...manifestBlob}, [name]);
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
