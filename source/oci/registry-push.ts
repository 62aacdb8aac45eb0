// Brings an image from a layout to one or more names in registries, and its blobs only where they are missing.
import {openRegular} from './blob-store.ts';
import type {Digest} from './digest.ts';
import {blobPath, documentLimits, hasBlob, readBlob, readManifest} from './image-layout.ts';
import type {Descriptor} from './image-manifest.ts';
import {mediaTypes} from './media-types.ts';
import {OciError} from './oci-error.ts';
import {formatReference, type RegistryReference} from './reference.ts';
import {atOnce} from './registry-at-once.ts';
import type {BlobContent, RegistryClient, Repository} from './registry-client.ts';
import {RegistryError} from './registry-error.ts';

/** `mountFrom` names repositories that may have blobs of this image already, such as its base's; those of another registry are passed over. */
export type PushOptions = {
  readonly mountFrom?: readonly Repository[];
  readonly signal?: AbortSignal | undefined;
};

/** How many of an image's blobs (config included) were uploaded, mounted, or there already, over all repositories; `bytes` were uploaded. */
export type PushedImage = {
  readonly digest: Digest;
  readonly uploaded: number;
  readonly mounted: number;
  readonly present: number;
  readonly bytes: number;
};

/**
 * Pushes the image with this manifest digest under every reference, byte for byte as the layout has it: the blobs of every repository first,
 * then the manifest under each tag in the order given. A tag that points at it already is not written again, so that a registry whose tags
 * cannot be moved takes the same push twice. A layer the layout does not hold (a sparse base) must be in the registry, or mountable; `not-found` says
 * which is not.
 */
export async function pushImage(
  client: RegistryClient,
  layout: string,
  digest: Digest,
  references: readonly RegistryReference[],
  {mountFrom = [], signal}: PushOptions = {},
): Promise<PushedImage> {
  const bytes = await readBlob(layout, {digest}, documentLimits.manifest);
  const manifest = await readManifest(layout, {digest});
  const blobs = [...new Map([...manifest.layers, manifest.config].map((blob) => [blob.digest, blob])).values()];
  for (const reference of references) checkDigest(reference, digest);
  let total = totalOf(digest, []);
  for (const [, names] of Map.groupBy(references, repositoryName)) {
    const [target] = names;
    if (!target) continue;
    const outcomes = await atOnce(blobs, {limit: blobsAtOnce, signal}, async (blob, partSignal) => ({
      blob,
      outcome: await pushBlob(client, {layout, blob, target, mountFrom, signal: partSignal}),
    }));
    total = totalOf(digest, outcomes, total);
  }
  for (const name of references) {
    if ((await client.headManifest(name, {signal}))?.digest === digest) continue;
    await client.putManifest(name, bytes, manifest.mediaType ?? mediaTypes.manifest, {signal});
  }
  return total;
}

/** A reference by digest alone can only be this image's. */
function checkDigest(reference: RegistryReference, digest: Digest): void {
  if (reference.tag !== undefined || reference.digest === undefined || reference.digest === digest) return;
  throw new OciError(
    'bad-reference',
    `Expected a tag to push ${digest} to, or its own digest, got ${formatReference(reference)}.`,
  );
}

const blobsAtOnce = 4;

/** What became of one blob on its way to a repository. */
export type BlobOutcome = 'uploaded' | 'mounted' | 'present';

type BlobPush = {
  readonly layout: string;
  readonly blob: Descriptor;
  readonly target: RegistryReference;
  readonly mountFrom: readonly Repository[];
  readonly signal: AbortSignal;
};

async function pushBlob(
  client: RegistryClient,
  {layout, blob, target, mountFrom, signal}: BlobPush,
): Promise<BlobOutcome> {
  if ((await client.headBlob(target, blob.digest, {signal})) !== undefined) return 'present';
  if (await hasBlob(layout, blob.digest, blob.size)) {
    return client.uploadBlob(target, layoutBlob(layout, blob), {mountFrom, signal});
  }
  for (const from of mountFrom.filter(({host}) => host === target.host)) {
    if (await client.mountBlob(target, blob.digest, from, {signal})) return 'mounted';
  }
  throw missingBlob(blob, target, layout);
}

/** A layer that is to be pushed and is nowhere. */
export function missingBlob({digest, size}: Descriptor, target: Repository, layout: string): RegistryError {
  const {host, repository} = target;
  return new RegistryError(
    'not-found',
    `Expected the blob ${digest} (${size} bytes) for ${host}/${repository} in the layout ${layout} or in the registry, but it is in neither. Pull the image's base first.`,
    {host},
  );
}

/** A blob of a layout as something to be uploaded; opened without following links, read as it is sent. */
export function layoutBlob(layout: string, {digest, size}: Pick<Descriptor, 'digest' | 'size'>): BlobContent {
  return {digest, size, open: (start, end) => readRange(blobPath(layout, digest), start, end)};
}

async function* readRange(path: string, start: number, end: number): AsyncGenerator<Buffer, undefined> {
  const handle = await openRegular(path);
  try {
    for await (const chunk of handle.createReadStream({
      start,
      end: end - 1,
      autoClose: false,
      highWaterMark: 256 * 1024,
    })) {
      yield chunk as Buffer;
    }
    return undefined;
  } finally {
    await handle.close();
  }
}

function repositoryName({host, repository}: RegistryReference): string {
  return `${host}/${repository}`;
}

/** The sum of what became of blobs, added to what was before. */
export function totalOf(
  digest: Digest,
  outcomes: readonly {readonly blob: Descriptor; readonly outcome: BlobOutcome}[],
  before: PushedImage = {digest, uploaded: 0, mounted: 0, present: 0, bytes: 0},
): PushedImage {
  return outcomes.reduce(
    (total, {blob, outcome}) => ({
      ...total,
      [outcome]: total[outcome] + 1,
      bytes: outcome === 'uploaded' ? total.bytes + blob.size : total.bytes,
    }),
    before,
  );
}
