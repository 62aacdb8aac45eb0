// The images that manifest.json of a docker archive lists (moby image/tarexport). Configs stay as they are, so an image keeps its id.
import type {ArchiveSpool, ReadArchiveImage, SpooledFile} from './archive-spool.ts';
import {decompressorFor, readTarFile} from './archive-layer-tar.ts';
import {openRegular, writeBlob} from './blob-store.ts';
import {type Digest, finishDigest, startDigest} from './digest.ts';
import {parseImageConfig} from './image-config.ts';
import {documentLimits} from './image-layout.ts';
import {type Descriptor, formatManifest} from './image-manifest.ts';
import {below, checkArray, checkObject, checkString, checkStrings, type Place, parseJson} from './json-fields.ts';
import {writeCompressedBlob} from './archive-compress.ts';
import {mediaTypes} from './media-types.ts';
import {OciError} from './oci-error.ts';

/** Makes blobs and manifests of the images; `bad-archive` when there is no manifest.json or a part of it is missing. */
export async function readDockerImages(
  spool: ArchiveSpool,
  into: string,
  compress: boolean,
): Promise<readonly ReadArchiveImage[]> {
  const layers = new DockerLayers(spool, into, compress);
  const images: ReadArchiveImage[] = [];
  for (const line of await readLines(spool)) images.push(await readImage(spool, into, layers, line));
  return images;
}

type ManifestLine = {readonly config: string; readonly layers: readonly string[]; readonly names: readonly string[]};

async function readLines(spool: ArchiveSpool): Promise<readonly ManifestLine[]> {
  if (!spool.has('manifest.json')) {
    throw new OciError(
      'bad-archive',
      `Expected an archive of images in ${spool.name} (manifest.json, or an OCI layout), got neither. Make it with docker save or podman save.`,
    );
  }
  const place: Place = {document: `manifest.json of ${spool.name}`, field: '', kind: 'bad-archive'};
  const value = parseJson(
    await spool.document('manifest.json', documentLimits.manifest),
    place.document,
    'bad-archive',
  );
  return checkArray(value, place).map((line, index) => parseLine(line, below(place, index)));
}

function parseLine(line: unknown, place: Place): ManifestLine {
  const {Config: config, Layers: layers, RepoTags: tags} = checkObject(line, place);
  checkStrings(layers ?? [], below(place, 'Layers'));
  checkStrings(tags ?? [], below(place, 'RepoTags'));
  return {
    config: checkString(config, below(place, 'Config')),
    layers: (layers ?? []) as readonly string[],
    names: (tags ?? []) as readonly string[],
  };
}

async function readImage(
  spool: ArchiveSpool,
  into: string,
  layers: DockerLayers,
  line: ManifestLine,
): Promise<ReadArchiveImage> {
  const bytes = await spool.document(line.config, documentLimits.config);
  const config = parseImageConfig(bytes, `${line.config} of ${spool.name}`);
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== line.layers.length) {
    throw new OciError(
      'bad-archive',
      `Expected ${diffIds.length} layers in manifest.json of ${spool.name}, as in the config, got ${line.layers.length}.`,
    );
  }
  const descriptors: Descriptor[] = [];
  for (const [index, path] of line.layers.entries()) descriptors.push(await layers.take(path, diffIds[index] ?? ''));
  const written = await writeBlob(into, bytes);
  const manifest = formatManifest({
    schemaVersion: 2,
    config: {mediaType: mediaTypes.config, ...written},
    layers: descriptors,
  });
  const blob = await writeBlob(into, manifest);
  return {descriptor: {mediaType: mediaTypes.manifest, ...blob}, names: line.names};
}

/** Checks each layer once and makes a blob of it. */
class DockerLayers {
  readonly #spool: ArchiveSpool;
  readonly #into: string;
  readonly #compress: boolean;
  readonly #taken = new Map<Digest, {readonly diffId: Digest; readonly descriptor: Descriptor}>();

  constructor(spool: ArchiveSpool, into: string, compress: boolean) {
    this.#spool = spool;
    this.#into = into;
    this.#compress = compress;
  }

  async take(path: string, diffId: Digest): Promise<Descriptor> {
    const file = this.#spool.file(path);
    const taken = this.#taken.get(file.digest) ?? (await this.#make(path, file));
    this.#taken.set(file.digest, taken);
    if (taken.diffId === diffId) return taken.descriptor;
    throw new OciError(
      'digest-mismatch',
      `Expected the layer ${JSON.stringify(path)} of ${this.#spool.name} to have the diffID ${diffId}, got ${taken.diffId}. The archive is damaged: save it again.`,
    );
  }

  async #make(path: string, file: SpooledFile): Promise<{readonly diffId: Digest; readonly descriptor: Descriptor}> {
    const mediaType = await layerType(file.path);
    const diffId = mediaType === mediaTypes.layerTar ? file.digest : await diffIdOf(file.path);
    if (this.#compress && mediaType === mediaTypes.layerTar) {
      const blob = await writeCompressedBlob(readTarFile(file.path), this.#into);
      return {diffId, descriptor: {mediaType: mediaTypes.layerGzip, ...blob}};
    }
    const {digest, size} = await this.#spool.keepAsBlob(path, this.#into);
    return {diffId, descriptor: {mediaType, digest, size}};
  }
}

async function layerType(path: string): Promise<string> {
  const handle = await openRegular(path);
  try {
    const first = Buffer.alloc(4);
    const {bytesRead} = await handle.read(first, 0, 4, 0);
    const decompressor = decompressorFor(first.subarray(0, bytesRead));
    decompressor?.destroy();
    if (!decompressor) return mediaTypes.layerTar;
    return first[0] === 0x1f ? mediaTypes.layerGzip : mediaTypes.layerZstd;
  } finally {
    await handle.close();
  }
}

async function diffIdOf(path: string): Promise<Digest> {
  const hash = startDigest();
  for await (const chunk of readTarFile(path)) hash.update(chunk);
  return finishDigest(hash);
}
