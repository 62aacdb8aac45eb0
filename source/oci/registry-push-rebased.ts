// Brings a rebased image from a layout to its names in registries. The repository has what it stood on before: a look at the name proves it, so
// that nothing else is looked for. The new base's layers are mounted; what a fleet has brought once is mounted from there by all others.
import type {Digest} from './digest.ts';
import type {EncodedImage} from './image-layout.ts';
import {hasBlob} from './blob-store.ts';
import type {Descriptor, ImageManifest} from './image-manifest.ts';
import {mediaTypes} from './media-types.ts';
import type {RegistryReference} from './reference.ts';
import {atOnce} from './registry-at-once.ts';
import type {RegistryClient, Repository} from './registry-client.ts';
import type {RegistryNeighbours} from './registry-neighbours.ts';
import {pushAgain} from './registry-push-again.ts';
import {type BlobOutcome, layoutBlob, missingBlob, type PushedImage, pushImage, totalOf} from './registry-push.ts';

/**
 * `image` comes to lie in `layout`: `written` tells when, and no name is written before. `previous` is what it was made of. `names` are written in this order. `mountFrom` names repositories that may have
 * the new base's layers; those of another registry are passed over.
 */
export type RebasedPush = {
  readonly layout: string;
  readonly image: Pick<EncodedImage, 'digest' | 'manifest' | 'manifestBytes' | 'configBytes'>;
  readonly written: Promise<void>;
  readonly previous: {readonly digest: Digest; readonly manifest: ImageManifest};
  readonly names: readonly RegistryReference[];
  readonly mountFrom: readonly Repository[];
  readonly neighbours: RegistryNeighbours;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Pushes it: layers and config, then the manifest under each name that does not point at it yet. Where no name shows that the repository has
 * the previous image every blob is looked for, as `pushImage` does. Several repositories are asked for access before the first is written to.
 * Rejects as `pushImage` does.
 */
export async function pushRebased(client: RegistryClient, push: RebasedPush): Promise<PushedImage> {
  const {image, previous, names, layout, mountFrom, signal} = push;
  const {digest, manifest} = image;
  if (names.some((name) => push.neighbours.hasGiven(name, digest))) {
    await push.written;
    return pushAgain(client, layout, digest, names, {mountFrom, signal});
  }
  const heads = await Promise.all(names.map((name) => client.headManifest(name, {signal, willPush: true})));
  const open = names.filter((_name, index) => heads[index]?.digest !== digest);
  const proven = new Set(names.filter((_name, index) => provesBlobs(heads[index]?.digest, push)).map(repositoryName));
  const targets = [...Map.groupBy(open, repositoryName)].flatMap(([, [target]]) => (target ? [target] : []));
  if (targets.length > 1) for (const target of targets) await client.checkPush(target, {signal});
  if (targets.some((target) => !proven.has(repositoryName(target)))) {
    await push.written;
    const pushed = await pushImage(client, layout, digest, open, {mountFrom, signal});
    for (const target of targets) push.neighbours.gave(target, digest);
    return pushed;
  }
  const kept = new Set(previous.manifest.layers.map((layer) => layer.digest));
  const layers = [...new Map(manifest.layers.map((layer) => [layer.digest, layer])).values()];
  let total = totalOf(
    digest,
    layers.filter((layer) => kept.has(layer.digest)).map((blob) => ({blob, outcome: 'present'})),
  );
  for (const target of targets) {
    const added = layers.filter((layer) => !kept.has(layer.digest));
    const outcomes = await atOnce(added, {limit: layersAtOnce, signal}, async (blob, partSignal) => ({
      blob,
      outcome: await bringLayer(client, push, blob, target, partSignal),
    }));
    await putConfig(client, push, target);
    total = totalOf(digest, [...outcomes, {blob: manifest.config, outcome: 'uploaded'}], total);
  }
  await push.written;
  for (const name of open) {
    await client.putManifest(name, image.manifestBytes, manifest.mediaType ?? mediaTypes.manifest, {signal});
    push.neighbours.gave(name, digest);
  }
  return total;
}

const layersAtOnce = 4;

/** A repository in which a name points at an image has that image's blobs. */
function provesBlobs(found: Digest | undefined, {image, previous}: RebasedPush): boolean {
  return found !== undefined && (found === previous.digest || found === image.digest);
}

async function putConfig(client: RegistryClient, {image, signal}: RebasedPush, target: Repository) {
  const {digest, size} = image.manifest.config;
  const content = {digest, size, open: (start: number, end: number) => [image.configBytes.subarray(start, end)]};
  await client.uploadBlob(target, content, {signal});
}

/** Mounted from where the fleet has it, else from where the base lives; uploaded only where neither does and it is not there already. */
async function bringLayer(
  client: RegistryClient,
  {neighbours, mountFrom, layout, written}: RebasedPush,
  blob: Descriptor,
  target: Repository,
  signal: AbortSignal,
): Promise<BlobOutcome> {
  return neighbours.bring(target, blob.digest, async (neighbour) => {
    for (const from of neighbour ? [neighbour] : mountFrom) {
      if (from.host !== target.host || from.repository === target.repository) continue;
      if (await client.mountBlob(target, blob.digest, from, {signal})) return 'mounted';
    }
    if ((await client.headBlob(target, blob.digest, {signal})) !== undefined) return 'present';
    await written;
    if (!(await hasBlob(layout, blob.digest, blob.size))) throw missingBlob(blob, target, layout);
    return client.uploadBlob(target, layoutBlob(layout, blob), {signal});
  });
}

function repositoryName({host, repository}: Repository): string {
  return `${host}/${repository}`;
}
