// The images in the tar of an OCI layout. Docker writes one as well since version 25, with its names in containerd's annotation.
import type {ArchiveSpool, ReadArchiveImage} from './archive-spool.ts';
import {type Digest, digestHex} from './digest.ts';
import {documentLimits, parseConfigOf, refName} from './image-layout.ts';
import {type Descriptor, parseIndex, parseManifest} from './image-manifest.ts';
import {isIndexType} from './media-types.ts';
import {OciError} from './oci-error.ts';

/** Makes blobs of everything the index of the archive points to, each checked against its digest and size. */
export async function readOciImages(spool: ArchiveSpool, into: string): Promise<readonly ReadArchiveImage[]> {
  const bytes = await spool.document('index.json', documentLimits.manifest);
  const {manifests} = parseIndex(bytes, `index.json of ${spool.name}`);
  const images = new Map<Digest, ReadArchiveImage>();
  for (const descriptor of manifests) {
    if (!images.has(descriptor.digest)) await keepImage(spool, into, descriptor, 0);
    const {mediaType, digest, size, platform} = descriptor;
    const names = [...(images.get(digest)?.names ?? []), ...namesOf(descriptor)];
    images.set(digest, {
      descriptor: {mediaType, digest, size, ...(platform && {platform})},
      names: [...new Set(names)],
    });
  }
  return [...images.values()];
}

const containerdName = 'io.containerd.image.name';
const deepestNesting = 3;

/** containerd's whole name before the tag alone. */
function namesOf(descriptor: Descriptor): readonly string[] {
  const name = descriptor.annotations?.[containerdName] ?? refName(descriptor);
  return name === undefined || name === '' ? [] : [name];
}

async function keepImage(spool: ArchiveSpool, into: string, descriptor: Descriptor, depth: number): Promise<void> {
  if (depth > deepestNesting)
    throw new OciError('limit', `Expected an index nested at most ${deepestNesting} deep in ${spool.name}.`);
  const document = `${descriptor.digest} of ${spool.name}`;
  const bytes = await spool.document(blobName(descriptor.digest), documentLimits.manifest);
  await keepBlob(spool, into, descriptor);
  if (isIndexType(descriptor.mediaType)) {
    // An index may name platforms that were not saved.
    const saved = parseIndex(bytes, document).manifests.filter(({digest}) => spool.has(blobName(digest)));
    for (const inner of saved) await keepImage(spool, into, inner, depth + 1);
    return;
  }
  const manifest = parseManifest(bytes, document);
  const config = await spool.document(blobName(manifest.config.digest), documentLimits.config);
  if (manifest.layers.every(({mediaType}) => mediaType.includes('.layer.') || mediaType.includes('.rootfs.')))
    parseConfigOf(manifest, config);
  for (const blob of [manifest.config, ...manifest.layers]) await keepBlob(spool, into, blob);
}

async function keepBlob(spool: ArchiveSpool, into: string, {digest, size}: Descriptor): Promise<void> {
  const file = spool.file(blobName(digest));
  if (file.digest !== digest || file.size !== size) {
    throw new OciError(
      'digest-mismatch',
      `Expected ${digest} with ${size} bytes in ${spool.name}, got ${file.digest} with ${file.size}. The archive is damaged: save it again.`,
    );
  }
  await spool.keepAsBlob(blobName(digest), into);
}

function blobName(digest: Digest): string {
  return `blobs/sha256/${digestHex(digest)}`;
}
