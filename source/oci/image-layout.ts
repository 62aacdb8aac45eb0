// OCI image layouts (image-layout.md): `oci-layout`, `index.json`, `blobs/`. Every document that is read is bounded, checked against its digest
// and against its schema; index.json is replaced in one step. Whoever writes holds the image's lock: two writers of one index would lose a name.
import {join} from 'node:path';
import {exists, hasBlob, readBlob, readSmallFile, writeBlobs, writeFileAtomically} from './blob-store.ts';
import {type Digest, isDigest, sha256Of} from './digest.ts';
import {formatImageConfig, type ImageConfig, parseImageConfig} from './image-config.ts';
import {
  type Descriptor,
  formatIndex,
  formatManifest,
  type ImageIndex,
  type ImageManifest,
  parseIndex,
  parseManifest,
} from './image-manifest.ts';
import {below, checkObject, parseJson, wrongField} from './json-fields.ts';
import {isIndexType, isManifestType, mediaTypes, toOciMediaType} from './media-types.ts';
import {OciError} from './oci-error.ts';
import {comparePaths} from './path-bytes.ts';
import {quoted} from './quoted.ts';

export {blobPath, hasBlob, linkBlob, readBlob, writeBlob} from './blob-store.ts';

/** The annotation that names a manifest in index.json. */
export const refNameAnnotation = 'org.opencontainers.image.ref.name';

const megabyte = 1024 * 1024;
const limits = {index: 16 * megabyte, manifest: 4 * megabyte, config: 8 * megabyte, layoutFile: 4096};

/** How many bytes of each document are read at most, wherever they come from; `index` is a layout's own index.json. */
export const documentLimits: Readonly<typeof limits> = limits;

/** A layout that was opened: where it is and what its index.json says. */
export type ImageLayout = {readonly directory: string; readonly index: ImageIndex};

/** An image as a layout holds it. `digest` is the manifest's. */
export type LayoutImage = {
  readonly digest: Digest;
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
};

/** What `writeImage` writes: the manifest without its config descriptor, which follows from `config`. */
export type WriteImageRequest = {
  readonly manifest: Omit<ImageManifest, 'schemaVersion' | 'config' | 'mediaType'>;
  readonly config: ImageConfig;
  readonly names: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
};

/** Opens a layout. OciErrors: `not-found` when there is none, `bad-layout` or `bad-manifest` naming file and field, `limit`. */
export async function readLayout(directory: string): Promise<ImageLayout> {
  const marker = join(directory, 'oci-layout');
  checkMarker(await readSmallFile(marker, limits.layoutFile), marker);
  const index = join(directory, 'index.json');
  return {directory, index: parseIndex(await readSmallFile(index, limits.index), index)};
}

/** The file `oci-layout` says that it is one, of the version there is. */
export function checkMarker(bytes: Buffer, marker: string): void {
  const place = {document: marker, field: '', kind: 'bad-layout'} as const;
  const version = checkObject(parseJson(bytes, marker, 'bad-layout'), place)['imageLayoutVersion'];
  if (version !== '1.0.0') throw wrongField(below(place, 'imageLayoutVersion'), '1.0.0', version);
}

/**
 * The descriptor of one image's manifest: the one with this name (a tag or the whole annotation), with this digest, or the only one there is.
 * Of an index for several platforms the one for linux on this machine's architecture is taken, else the only one. A manifest that lost its name
 * is still found by digest. OciErrors: `not-found`, naming what the layout has instead.
 */
export async function resolveManifest(directory: string, tagOrDigest?: string): Promise<Descriptor> {
  const {index} = await readLayout(directory);
  const found = tagOrDigest === undefined ? onlyManifest(directory, index) : namedManifest(index, tagOrDigest);
  if (found) return resolvePlatform(directory, found, 0);
  if (tagOrDigest !== undefined && isDigest(tagOrDigest)) return resolveBlob(directory, tagOrDigest);
  throw new OciError(
    'not-found',
    `Expected an image named ${quoted(tagOrDigest)} in the layout ${directory}, got only ${listNames(index)}. Name one of these.`,
  );
}

/** The manifest a descriptor points to, checked against digest and size. */
export async function readManifest(
  directory: string,
  descriptor: Pick<Descriptor, 'digest'> & {readonly size?: number},
): Promise<ImageManifest> {
  const bytes = await readBlob(directory, descriptor, limits.manifest);
  return parseManifest(bytes, `manifest ${descriptor.digest}`);
}

/** The config of a manifest, checked against digest and size; it must describe as many layers as the manifest lists. */
export async function readConfig(directory: string, manifest: ImageManifest): Promise<ImageConfig> {
  return parseConfigOf(manifest, await readBlob(directory, manifest.config, limits.config));
}

/** The config in `bytes`, which must describe as many layers as its manifest lists; an OciError of kind `bad-manifest` otherwise. */
export function parseConfigOf(manifest: ImageManifest, bytes: Buffer): ImageConfig {
  const document = `config ${manifest.config.digest}`;
  const config = parseImageConfig(bytes, document);
  if (config.rootfs.diff_ids.length !== manifest.layers.length) {
    const place = {document, field: 'rootfs.diff_ids', kind: 'bad-manifest'} as const;
    throw wrongField(place, `${manifest.layers.length} layers, as in the manifest`, config.rootfs.diff_ids.length);
  }
  return config;
}

/** `resolveManifest`, `readManifest` and `readConfig` in one. */
export async function readImage(directory: string, tagOrDigest?: string): Promise<LayoutImage> {
  const descriptor = await resolveManifest(directory, tagOrDigest);
  const manifest = await readManifest(directory, descriptor);
  return {digest: descriptor.digest, descriptor, manifest, config: await readConfig(directory, manifest)};
}

/** An image as documents: the bytes of its config and manifest, and the digest that names it. */
export type EncodedImage = {
  readonly digest: Digest;
  readonly manifest: ImageManifest;
  readonly manifestBytes: Buffer;
  readonly configBytes: Buffer;
};

/** What `writeImage` would write, byte for byte: the image's digest is known before anything is on disk. */
export function encodeImage({manifest, config}: Pick<WriteImageRequest, 'manifest' | 'config'>): EncodedImage {
  const configBytes = formatImageConfig(config);
  const whole: ImageManifest = {
    ...manifest,
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: {mediaType: mediaTypes.config, digest: sha256Of(configBytes), size: configBytes.length},
    layers: manifest.layers.map((layer) => ({...layer, mediaType: toOciMediaType(layer.mediaType)})),
  };
  const manifestBytes = formatManifest(whole);
  return {digest: sha256Of(manifestBytes), manifest: whole, manifestBytes, configBytes};
}

/**
 * Writes an image into a layout (created if there is none): config, manifest, then index.json in one step, so that a crash leaves the names on
 * the old image or on the new one. The names move here from whatever they named; without names the manifest stands in the index unnamed. All
 * layers must be there as blobs; `not-found` names the first that is not.
 */
export async function writeImage(directory: string, request: WriteImageRequest): Promise<EncodedImage> {
  const encoded = encodeImage(request);
  for (const layer of encoded.manifest.layers) await requireBlob(directory, layer);
  await writeBlobs(directory, [encoded.configBytes, encoded.manifestBytes]);
  const descriptor: Descriptor = {
    mediaType: mediaTypes.manifest,
    digest: encoded.digest,
    size: encoded.manifestBytes.length,
    ...(request.annotations && {annotations: request.annotations}),
  };
  await nameManifest(directory, descriptor, request.names);
  return encoded;
}

/** Points names at a manifest that the layout holds already (`writeImage` ends with this; a rollback is nothing else). */
export async function nameManifest(directory: string, descriptor: Descriptor, names: readonly string[]): Promise<void> {
  await writeIndex(directory, named(await readOrStartIndex(directory), descriptor, names));
}

/** The index after `nameManifest`. `bad-reference` for what cannot be a name. */
export function named(index: ImageIndex, descriptor: Descriptor, names: readonly string[]): ImageIndex {
  for (const name of names) checkRefName(name);
  const kept = index.manifests.filter((other) => !isReplaced(other, descriptor, names));
  const added = names.length === 0 ? [descriptor] : names.map((name) => withName(descriptor, name));
  return {...index, manifests: [...kept, ...added]};
}

/** Takes names away. The manifests and blobs stay until they are pruned. */
export async function removeNames(directory: string, names: readonly string[]): Promise<void> {
  const {index} = await readLayout(directory);
  const manifests = index.manifests.filter((descriptor) => !names.includes(refName(descriptor) ?? ''));
  await writeIndex(directory, {...index, manifests});
}

/** The name a descriptor of index.json has, if any. */
export function refName(descriptor: Descriptor): string | undefined {
  return descriptor.annotations?.[refNameAnnotation];
}

function onlyManifest(directory: string, index: ImageIndex): Descriptor {
  const distinct = [...new Map(index.manifests.map((descriptor) => [descriptor.digest, descriptor])).values()];
  const [first] = distinct;
  if (first && distinct.length === 1) return first;
  if (first && distinct.every((descriptor) => refName(descriptor) === undefined))
    return pickPlatform(distinct, directory);
  throw new OciError(
    'not-found',
    `Expected one image in the layout ${directory}, got ${listNames(index)}. Name the one that is meant.`,
  );
}

function namedManifest(index: ImageIndex, wanted: string): Descriptor | undefined {
  return (
    index.manifests.find((descriptor) => refName(descriptor) === wanted) ??
    index.manifests.find((descriptor) => descriptor.digest === wanted) ??
    index.manifests.find((descriptor) => refName(descriptor)?.endsWith(`:${wanted}`))
  );
}

function listNames(index: ImageIndex): string {
  const names = index.manifests.map((descriptor) => quoted(refName(descriptor) ?? descriptor.digest));
  if (names.length === 0) return 'none';
  return names.length > 10 ? `${names.slice(0, 10).join(', ')} and ${names.length - 10} more` : names.join(', ');
}

const deepestNesting = 3;

/** Follows an index down to the manifest for this machine. */
async function resolvePlatform(directory: string, descriptor: Descriptor, depth: number): Promise<Descriptor> {
  if (isManifestType(descriptor.mediaType)) return descriptor;
  if (!isIndexType(descriptor.mediaType)) {
    const place = {document: `descriptor of ${descriptor.digest}`, field: 'mediaType', kind: 'bad-manifest'} as const;
    throw wrongField(place, 'an image manifest or an index', descriptor.mediaType);
  }
  if (depth === deepestNesting)
    throw new OciError('limit', `Expected an index nested at most ${deepestNesting} deep in ${directory}.`);
  const index = parseIndex(await readBlob(directory, descriptor, limits.manifest), `index ${descriptor.digest}`);
  return resolvePlatform(directory, pickPlatform(index.manifests, `index ${descriptor.digest}`), depth + 1);
}

const architectures: Readonly<Record<string, string>> = {x64: 'amd64', ia32: '386'};

/**
 * The manifest for linux on this machine's architecture, else the only one; attestations ("unknown/unknown") do not count. OciError `not-found`
 * naming `where` and what it offers.
 */
export function pickPlatform(manifests: readonly Descriptor[], where: string): Descriptor {
  const architecture = architectures[process.arch] ?? process.arch;
  const images = manifests.filter(({platform}) => platform?.os !== 'unknown');
  const fitting = images.find(({platform}) => platform?.os === 'linux' && platform.architecture === architecture);
  const [first] = images;
  if (fitting) return fitting;
  if (first && images.length === 1) return first;
  const offered = images.map(({platform, digest}) => (platform ? `${platform.os}/${platform.architecture}` : digest));
  throw new OciError(
    'not-found',
    `Expected an image for linux/${architecture} in ${where}, got ${offered.map((name) => quoted(name)).join(', ') || 'none'}.`,
  );
}

/** A manifest or index that no name points to any more, found by its digest. */
async function resolveBlob(directory: string, digest: Digest): Promise<Descriptor> {
  const bytes = await readBlob(directory, {digest}, limits.manifest);
  const document = `blob ${digest}`;
  const value = checkObject(parseJson(bytes, document, 'bad-manifest'), {document, field: '', kind: 'bad-manifest'});
  const mediaType = 'manifests' in value ? mediaTypes.index : mediaTypes.manifest;
  return resolvePlatform(directory, {mediaType, digest, size: bytes.length}, 0);
}

async function requireBlob(directory: string, layer: Descriptor): Promise<void> {
  if (!(await hasBlob(directory, layer.digest, layer.size))) throw missingLayer(directory, layer);
}

/** What is said when an image is to be written and one of its layers is not there. */
export function missingLayer(directory: string, {digest, size}: Descriptor): OciError {
  return new OciError(
    'not-found',
    `Expected the layer ${digest} (${size} bytes) in ${directory} before its image is written, but it is not there.`,
  );
}

/** The specification allows these characters in a reference name; a name also must not look like a digest. */
function checkRefName(name: string): void {
  if (name.length <= 512 && /^[A-Za-z0-9_][A-Za-z0-9._:@/+-]*$/.test(name) && !isDigest(name)) return;
  throw new OciError(
    'bad-reference',
    `Expected a name for an image (letters, digits and -._:@/+ between them), got ${quoted(name)}.`,
  );
}

function isReplaced(other: Descriptor, written: Descriptor, names: readonly string[]): boolean {
  const name = refName(other);
  return name === undefined ? other.digest === written.digest : names.includes(name);
}

function withName(descriptor: Descriptor, name: string): Descriptor {
  return {...descriptor, annotations: {...descriptor.annotations, [refNameAnnotation]: name}};
}

async function readOrStartIndex(directory: string): Promise<ImageIndex> {
  if (await exists(join(directory, 'index.json'))) return (await readLayout(directory)).index;
  return {schemaVersion: 2, manifests: []};
}

async function writeIndex(directory: string, index: ImageIndex): Promise<void> {
  const marker = join(directory, 'oci-layout');
  if (!(await exists(marker))) await writeFileAtomically(marker, Buffer.from('{"imageLayoutVersion":"1.0.0"}'));
  await writeFileAtomically(join(directory, 'index.json'), formatLayoutIndex(index));
}

/** The bytes of a layout's index.json: its manifests sorted by name. */
export function formatLayoutIndex(index: ImageIndex): Buffer {
  const manifests = index.manifests.toSorted((left, right) => comparePaths(sortKey(left), sortKey(right)));
  return formatIndex({...index, manifests});
}

function sortKey(descriptor: Descriptor): string {
  return `${refName(descriptor) ?? ''} ${descriptor.digest}`;
}
