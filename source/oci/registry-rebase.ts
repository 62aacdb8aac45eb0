// A rebase inside a registry: two manifests and two configs are read, one config and one manifest written; the new base's layers are mounted from
// its repository, or carried over where it lives in another registry. The digest is known before anything is written, and what is done already is
// found done.
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Digest} from './digest.ts';
import {type EncodedImage, encodeImage} from './image-layout.ts';
import type {Descriptor} from './image-manifest.ts';
import {mediaTypes} from './media-types.ts';
import {rebase, type RebasedImage, type RebaseRefusal} from './rebase.ts';
import {formatReference, type RegistryReference} from './reference.ts';
import {atOnce} from './registry-at-once.ts';
import type {CallOptions, RegistryClient, RegistryImage, Repository} from './registry-client.ts';
import {layoutBlob} from './registry-push.ts';

/**
 * What to rebase on what. `app` and `base` are references, or images that were read already (a fleet reads its base once). `names` are the tags
 * the result gets, in any repository; the app's own if absent. `baseName` is the run image's name as people write it, its reference if absent;
 * `baseReference` is what the metadata will say, by default the base's repository with its digest.
 */
export type RegistryRebaseRequest = {
  readonly client: RegistryClient;
  readonly app: RegistryReference | RegistryImage;
  readonly base: RegistryReference | RegistryImage;
  readonly names?: readonly RegistryReference[];
  readonly appName?: string;
  readonly baseName?: string;
  readonly baseReference?: string;
  readonly platformApi: string;
  readonly force: boolean;
  readonly signal?: AbortSignal | undefined;
};

/** The rebased image: its digest, what it was before, and what the rebase did. */
export type RegistryRebasePreview = Omit<RebasedImage, 'manifest'> &
  Pick<EncodedImage, 'digest' | 'manifest'> & {readonly previousDigest: Digest; readonly baseDigest: Digest};

/** `written` counts the names that did not point at the result yet; `copied` the layers that had to be carried from elsewhere. */
export type RegistryRebase = RegistryRebasePreview & {readonly written: number; readonly copied: number};

/** What `rebaseInRegistry` would do, digest included; nothing is written. Rejects as RegistryClient does. */
export async function previewRebaseInRegistry(
  request: RegistryRebaseRequest,
): Promise<RegistryRebasePreview | RebaseRefusal> {
  const prepared = await prepare(request);
  return prepared.kind === 'refused' ? prepared : prepared.preview;
}

/**
 * Rebases and writes, repository by repository: the layers, the config, the manifest under each name. Names that point at the result already are
 * left alone, so that it can be done twice. Rejects as RegistryClient does; gives the refusal when the images do not fit.
 */
export async function rebaseInRegistry(request: RegistryRebaseRequest): Promise<RegistryRebase | RebaseRefusal> {
  const prepared = await prepare(request);
  if (prepared.kind === 'refused') return prepared;
  const names = request.names ?? [prepared.app.reference];
  let done = {written: 0, copied: 0};
  for (const [, targets] of Map.groupBy(names.map(asTag), ({host, repository}) => `${host}/${repository}`)) {
    const part = await writeTo(request, prepared, targets);
    done = {written: done.written + part.written, copied: done.copied + part.copied};
  }
  return {...prepared.preview, ...done};
}

type Prepared = {
  readonly kind: 'prepared';
  readonly app: RegistryImage;
  readonly base: RegistryImage;
  readonly encoded: EncodedImage;
  readonly preview: RegistryRebasePreview;
};

async function prepare(request: RegistryRebaseRequest): Promise<Prepared | RebaseRefusal> {
  const {client, signal, platformApi, force} = request;
  const [app, base] = await Promise.all([
    readUnlessRead(client, request.app, signal),
    readUnlessRead(client, request.base, signal),
  ]);
  const result = rebase({
    platformApi,
    force,
    app: {config: app.config, manifest: app.manifest, name: request.appName ?? formatReference(app.reference)},
    base: {
      config: base.config,
      manifest: base.manifest,
      name: request.baseName ?? formatReference(base.reference),
      reference: request.baseReference ?? identifier(base),
    },
  });
  if (result.kind === 'refused') return result;
  const encoded = encodeImage(result);
  const {digest, manifest} = encoded;
  const preview = {...result, digest, manifest, previousDigest: app.digest, baseDigest: base.digest};
  return {kind: 'prepared', app, base, encoded, preview};
}

async function readUnlessRead(
  client: RegistryClient,
  image: RegistryReference | RegistryImage,
  signal: AbortSignal | undefined,
): Promise<RegistryImage> {
  return 'manifest' in image ? image : client.readImage(image, {signal});
}

function identifier({reference, digest}: RegistryImage): string {
  const {kind, host, repository} = reference;
  return formatReference({kind, host, repository, digest});
}

/** A name to write to: what was read by digest is written by tag, where there is one. */
function asTag({kind, host, repository, tag, digest}: RegistryReference): RegistryReference {
  return tag === undefined ? {kind, host, repository, ...(digest && {digest})} : {kind, host, repository, tag};
}

async function writeTo(
  request: RegistryRebaseRequest,
  prepared: Prepared,
  names: readonly RegistryReference[],
): Promise<{readonly written: number; readonly copied: number}> {
  const {client, signal} = request;
  const {encoded} = prepared;
  const heads = await Promise.all(names.map((name) => digestAt(request, prepared.app, name)));
  const open = names.filter((_name, index) => heads[index] !== encoded.digest);
  const [target] = open;
  if (!target) return {written: 0, copied: 0};
  const copied = await bringLayers(request, prepared, target);
  const {digest, size} = encoded.manifest.config;
  const bytes = encoded.configBytes;
  await client.uploadBlob(target, {digest, size, open: (start, end) => [bytes.subarray(start, end)]}, {signal});
  for (const name of open) {
    const named = name.tag === undefined ? {...name, digest: encoded.digest} : name;
    await client.putManifest(named, encoded.manifestBytes, mediaTypes.manifest, {signal});
  }
  return {written: open.length, copied};
}

/** What a name points to; of the name that the app was just read from it is known. */
async function digestAt(
  {client, app: asked, signal}: RegistryRebaseRequest,
  app: RegistryImage,
  name: RegistryReference,
): Promise<Digest | undefined> {
  const wasJustRead =
    !('manifest' in asked) && asked.digest === undefined && asked.tag === name.tag && isSame(asked, name);
  if (wasJustRead && !app.fromIndex) return app.digest;
  return (await client.headManifest(name, {signal}))?.digest;
}

const layersAtOnce = 4;

/** The layers that the target repository may not have: the base's, and the app's when it comes from elsewhere. Gives how many were carried. */
async function bringLayers(
  {client, signal}: RegistryRebaseRequest,
  {app, base, encoded, preview}: Prepared,
  target: Repository,
): Promise<number> {
  const {added} = preview.layers;
  const layers = new Map<Digest, {readonly layer: Descriptor; readonly from: Repository}>();
  const present = new Set(isSame(app.reference, target) ? app.manifest.layers.map(({digest}) => digest) : []);
  for (const [index, layer] of encoded.manifest.layers.entries()) {
    const from = index < added ? base.reference : app.reference;
    if (!isSame(from, target) && !present.has(layer.digest)) layers.set(layer.digest, {layer, from});
  }
  const outcomes = await atOnce([...layers.values()], {limit: layersAtOnce, signal}, ({layer, from}, partSignal) =>
    bringLayer(client, layer, from, target, {signal: partSignal}),
  );
  return outcomes.filter((outcome) => outcome === 'copied').length;
}

async function bringLayer(
  client: RegistryClient,
  layer: Descriptor,
  from: Repository,
  target: Repository,
  options: CallOptions,
): Promise<'mounted' | 'present' | 'copied'> {
  if (from.host === target.host && (await client.mountBlob(target, layer.digest, from, options))) return 'mounted';
  if ((await client.headBlob(target, layer.digest, options)) !== undefined) return 'present';
  await copyLayer(client, layer, from, target, options);
  return 'copied';
}

/** Through a file: it is checked against its digest before anything is passed on, and no connection waits for another. */
async function copyLayer(
  client: RegistryClient,
  layer: Descriptor,
  from: Repository,
  target: Repository,
  options: CallOptions,
): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-layer-'));
  try {
    await client.downloadBlob(from, layer, directory, options);
    await client.uploadBlob(target, layoutBlob(directory, layer), options);
  } finally {
    await rm(directory, {recursive: true, force: true});
  }
}

function isSame(one: Repository, other: Repository): boolean {
  return one.host === other.host && one.repository === other.repository;
}
