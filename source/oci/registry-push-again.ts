// Points names back to an image that was in its repository before: where it still is there, nothing is looked at but itself.
import type {Digest} from './digest.ts';
import {documentLimits, readManifest} from './image-layout.ts';
import {mediaTypes} from './media-types.ts';
import {readBlobAtOnce} from './read-at-once.ts';
import type {RegistryReference} from './reference.ts';
import type {RegistryClient} from './registry-client.ts';
import {type PushedImage, pushImage, type PushOptions, totalOf} from './registry-push.ts';

/** What `pushImage` does, in that order and with its errors; a repository that has the manifest is not asked for the blobs of it. */
export async function pushAgain(
  client: RegistryClient,
  layout: string,
  digest: Digest,
  names: readonly RegistryReference[],
  options: PushOptions = {},
): Promise<PushedImage> {
  const {signal} = options;
  const call = {signal, willPush: true};
  const heads = await Promise.all(names.map((name) => client.headManifest(name, call)));
  const open = names.filter((_name, index) => heads[index]?.digest !== digest);
  const manifest = await readManifest(layout, {digest});
  const blobs = [...manifest.layers, manifest.config].map((blob) => ({blob, outcome: 'present'}) as const);
  const repositories = new Map(open.map((name) => [`${name.host}/${name.repository}`, name]));
  for (const {kind, host, repository} of repositories.values()) {
    if ((await client.headManifest({kind, host, repository, digest}, call)) === undefined)
      return pushImage(client, layout, digest, open, options);
  }
  const bytes = readBlobAtOnce(layout, {digest}, documentLimits.manifest);
  for (const name of open) await client.putManifest(name, bytes, manifest.mediaType ?? mediaTypes.manifest, {signal});
  return totalOf(digest, blobs);
}
