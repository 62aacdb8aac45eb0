// Manifests and indexes of the OCI image specification (manifest.md, image-index.md, descriptor.md); Docker's schema 2 is read as well.
import type {Digest} from './digest.ts';
import {sortedKeys, goJson, goMap, type JsonValue} from './go-json.ts';
import {
  below,
  checkArray,
  checkDigest,
  checkObject,
  checkOptional,
  checkSize,
  checkString,
  checkStringMap,
  type Place,
  parseJson,
  wrongField,
} from './json-fields.ts';
import {isIndexType, isManifestType, mediaTypes, toOciMediaType} from './media-types.ts';

/** Points to a blob: what it is, its digest, its size in bytes. */
export type Descriptor = {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly platform?: {readonly architecture: string; readonly os: string; readonly variant?: string};
  readonly annotations?: Readonly<Record<string, string>>;
};

/** The manifest of one image. */
export type ImageManifest = {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
};

/** A list of manifests: a layout's index.json, or one image for several platforms. */
export type ImageIndex = {
  readonly schemaVersion: 2;
  readonly mediaType?: string;
  readonly manifests: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
};

/** The manifest in `bytes`; an OciError of kind `bad-manifest` naming `document` and the field otherwise. */
export function parseManifest(bytes: Buffer, document: string): ImageManifest {
  const place: Place = {document, field: '', kind: 'bad-manifest'};
  const value = checkDocument(parseJson(bytes, document, 'bad-manifest'), place, isManifestType, mediaTypes.manifest);
  checkDescriptor(value['config'], below(place, 'config'));
  checkDescriptors(value['layers'] ?? [], below(place, 'layers'));
  return {...(value as unknown as ImageManifest), layers: (value['layers'] ?? []) as readonly Descriptor[]};
}

/** The index in `bytes`; an OciError of kind `bad-manifest` naming `document` and the field otherwise. */
export function parseIndex(bytes: Buffer, document: string): ImageIndex {
  const place: Place = {document, field: '', kind: 'bad-manifest'};
  const value = checkDocument(parseJson(bytes, document, 'bad-manifest'), place, isIndexType, mediaTypes.index);
  checkDescriptors(value['manifests'] ?? [], below(place, 'manifests'));
  return {...(value as unknown as ImageIndex), manifests: (value['manifests'] ?? []) as readonly Descriptor[]};
}

/** A manifest's bytes, with OCI media types throughout whatever the base had. The same manifest gives the same bytes. */
export function formatManifest(manifest: ImageManifest): Buffer {
  const {schemaVersion, config, layers, annotations} = manifest;
  const document = {
    schemaVersion,
    mediaType: mediaTypes.manifest,
    config: descriptorJson(config),
    layers: layers.map(descriptorJson),
    annotations: annotationsJson(annotations),
  };
  return Buffer.from(goJson(document));
}

/** An index's bytes. */
export function formatIndex(index: ImageIndex): Buffer {
  const {schemaVersion, manifests, annotations} = index;
  const document = {
    schemaVersion,
    mediaType: mediaTypes.index,
    manifests: manifests.map(descriptorJson),
    annotations: annotationsJson(annotations),
  };
  return Buffer.from(goJson(document));
}

function descriptorJson(descriptor: Descriptor): JsonValue {
  const {mediaType, digest, size, annotations, platform, ...others} = descriptor;
  return {
    mediaType: toOciMediaType(mediaType),
    size,
    digest,
    ...goAnyObject(others),
    annotations: annotationsJson(annotations),
    platform: platform && sortedKeys(platform),
  };
}

function goAnyObject(object: object): Readonly<Record<string, JsonValue>> {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, sortedKeys(value)]));
}

function annotationsJson(annotations: Readonly<Record<string, string>> | undefined): JsonValue {
  return annotations && Object.keys(annotations).length > 0 ? goMap(annotations) : undefined;
}

/** What manifest and index share. Without a media type of its own a document is what its reader expects it to be, but never both at once. */
function checkDocument(
  parsed: unknown,
  place: Place,
  isRight: (mediaType: string) => boolean,
  expected: string,
): Readonly<Record<string, unknown>> {
  const value = checkObject(parsed, place);
  if (value['schemaVersion'] !== 2) throw wrongField(below(place, 'schemaVersion'), '2', value['schemaVersion']);
  const mediaType = value['mediaType'];
  if (mediaType !== undefined && !(typeof mediaType === 'string' && isRight(mediaType))) {
    throw wrongField(below(place, 'mediaType'), expected, mediaType);
  }
  if (value['layers'] !== undefined && value['manifests'] !== undefined) {
    throw wrongField(place, 'a manifest or an index', 'a document that is both (layers and manifests)');
  }
  checkOptional(value['annotations'], below(place, 'annotations'), checkStringMap);
  return value;
}

function checkDescriptors(value: unknown, place: Place): void {
  for (const [index, item] of checkArray(value, place).entries()) checkDescriptor(item, below(place, index));
}

function checkDescriptor(value: unknown, place: Place): void {
  const descriptor = checkObject(value, place);
  checkString(descriptor['mediaType'], below(place, 'mediaType'));
  checkDigest(descriptor['digest'], below(place, 'digest'));
  checkSize(descriptor['size'], below(place, 'size'));
  checkOptional(descriptor['annotations'], below(place, 'annotations'), checkStringMap);
  checkOptional(descriptor['platform'], below(place, 'platform'), checkPlatform);
}

function checkPlatform(value: unknown, place: Place): void {
  const platform = checkObject(value, place);
  checkString(platform['architecture'], below(place, 'architecture'));
  checkString(platform['os'], below(place, 'os'));
}
