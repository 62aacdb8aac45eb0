// The client of the OCI distribution specification: manifests, blobs, tags. What comes is checked before it is given on: documents against
// digest, size and schema, blobs against digest and size. registry-pull.ts and registry-push.ts are built on it.
import {setTimeout as sleepFor} from 'node:timers/promises';
import {type Digest, isDigest, sha256Of} from './digest.ts';
import type {ImageConfig} from './image-config.ts';
import {documentLimits, parseConfigOf, pickPlatform} from './image-layout.ts';
import {type Descriptor, type ImageIndex, type ImageManifest, parseIndex, parseManifest} from './image-manifest.ts';
import {checkObject, parseJson} from './json-fields.ts';
import {isIndexType, isManifestType, mediaTypes} from './media-types.ts';
import {quoted} from './quoted.ts';
import {formatReference, type RegistryReference} from './reference.ts';
import {collectBody} from './registry-body.ts';
import type {CredentialSource} from './registry-credentials.ts';
import {downloadBlob} from './registry-download.ts';
import {RegistryError} from './registry-error.ts';
import {defaultRetryPolicy, type RetryPolicy} from './registry-retry.ts';
import {RegistrySession} from './registry-session.ts';
import {createHttpTransport, type HttpTransport} from './registry-transport.ts';
import {type BlobContent, checkPush, mountBlob, uploadBlob, type UploadOptions} from './registry-upload.ts';

export type {BlobContent} from './registry-upload.ts';

/** A repository in a registry; a RegistryReference is one. */
export type Repository = Pick<RegistryReference, 'host' | 'repository'>;

/** Every call can be given up. */
export type CallOptions = {readonly signal?: AbortSignal | undefined};

/** A manifest or index as it came: its bytes are what its digest says. */
export type FetchedManifest = {readonly descriptor: Descriptor; readonly bytes: Buffer} & (
  | {readonly kind: 'manifest'; readonly manifest: ImageManifest}
  | {readonly kind: 'index'; readonly index: ImageIndex}
);

/**
 * An image in a registry: for an index, the one for linux on this machine's architecture. `digest` is the manifest's, which is not what the
 * reference points to where `fromIndex` is true.
 */
export type RegistryImage = {
  readonly reference: RegistryReference;
  readonly fromIndex: boolean;
  readonly digest: Digest;
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly manifestBytes: Buffer;
  readonly config: ImageConfig;
  readonly configBytes: Buffer;
};

/** All calls reject with RegistryErrors (see there for the kinds), OciErrors `bad-manifest`, or the signal's reason. */
export type RegistryClient = {
  /** Is there a registry, by TLS or, where that is allowed, without? */
  ping(host: string, options?: CallOptions): Promise<void>;
  /**
   * What a tag or digest points to, or nothing. Where both are given the digest counts. With `willPush` the token it is asked with is good for
   * the pushing too, so that one is enough.
   */
  headManifest(
    reference: RegistryReference,
    options?: CallOptions & {readonly willPush?: boolean},
  ): Promise<Pick<Descriptor, 'digest' | 'size' | 'mediaType'> | undefined>;
  getManifest(reference: RegistryReference, options?: CallOptions): Promise<FetchedManifest>;
  /** Manifest and config of an image, an index followed down to this machine's platform. */
  readImage(reference: RegistryReference, options?: CallOptions): Promise<RegistryImage>;
  /** A blob's size in bytes, or nothing when the repository has none such. */
  headBlob(repository: Repository, digest: Digest, options?: CallOptions): Promise<number | undefined>;
  /** A small blob, whole in memory; at most `limit` bytes. */
  readBlob(repository: Repository, blob: BlobName, limit: number, options?: CallOptions): Promise<Buffer>;
  /** Streams a blob to `into`/blobs/sha256 (a layout or pool), checked on the way, taken up where it broke off. */
  downloadBlob(
    repository: Repository,
    blob: BlobName,
    into: string,
    options?: CallOptions,
  ): Promise<'downloaded' | 'present'>;
  /** Makes a blob of another repository of the same registry appear in this one. False when the registry would rather have it uploaded. */
  mountBlob(repository: Repository, digest: Digest, from: Repository, options?: CallOptions): Promise<boolean>;
  /**
   * Uploads a blob, in one piece or, when it is large, in chunks that are taken up where they broke off. `mountFrom` names repositories of the
   * same registry that may have it: then nothing is uploaded.
   */
  uploadBlob(
    repository: Repository,
    content: BlobContent,
    options?: CallOptions & {readonly mountFrom?: readonly Repository[]},
  ): Promise<'mounted' | 'uploaded'>;
  /** Rejects when nothing may be pushed to the repository: an upload is begun and given up. */
  checkPush(repository: Repository, options?: CallOptions): Promise<void>;
  /** Puts a manifest under the reference's tag (or its digest, where it has no tag) and gives its digest. */
  putManifest(reference: RegistryReference, bytes: Buffer, mediaType: string, options?: CallOptions): Promise<Digest>;
  /** All tags, in the registry's order. */
  listTags(repository: Repository, options?: CallOptions): Promise<readonly string[]>;
  /** Deletes a manifest by digest; `unsupported` where the registry does not. */
  deleteManifest(repository: Repository, digest: Digest, options?: CallOptions): Promise<void>;
  /** Closes the kept connections. */
  close(): void;
};

/** A blob's digest and, where it is known, its size in bytes. */
export type BlobName = Pick<Descriptor, 'digest'> & {readonly size?: number};

/** `sleep` waits milliseconds and rejects with the signal's reason when that fires; `now` is in milliseconds since 1970. */
export type RegistryClientOptions = {
  readonly credentials: CredentialSource;
  /** Hosts (with their port, or without for any port) that may be asked by plain http. */
  readonly insecure?: readonly string[];
  readonly transport?: HttpTransport;
  readonly now?: () => number;
  readonly sleep?: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly random?: () => number;
  /** Exchanges on the wire at once; 8 if absent. */
  readonly maxConcurrency?: number;
  readonly retryPolicy?: Partial<RetryPolicy>;
  /** Bytes: larger blobs are uploaded in chunks of this size. 16 MiB if absent. */
  readonly chunkSize?: number;
};

/** A client for all registries; it keeps connections, schemes and tokens, so make one and keep it. */
export function createRegistryClient(options: RegistryClientOptions): RegistryClient {
  const session = new RegistrySession({
    credentials: options.credentials,
    insecure: options.insecure ?? [],
    transport: options.transport ?? createHttpTransport(),
    policy: {...defaultRetryPolicy, ...options.retryPolicy},
    waiting: {sleep: options.sleep ?? sleepUntil, random: options.random ?? Math.random},
    now: options.now ?? Date.now,
    maxConcurrency: options.maxConcurrency ?? 8,
  });
  const upload: UploadOptions = {chunkSize: options.chunkSize ?? 16 * 1024 * 1024};
  return {
    ping: (host, call) => ping(session, host, call),
    headManifest: (reference, call) => headManifest(session, reference, call),
    getManifest: (reference, call) => getManifest(session, reference, call),
    readImage: (reference, call) => readImage(session, reference, call),
    headBlob: (repository, digest, call) => headBlob(session, repository, digest, call),
    readBlob: (repository, blob, limit, call) => readBlob(session, repository, blob, limit, call),
    downloadBlob: (repository, blob, into, call) => downloadBlob(session, {repository, blob, into}, call),
    mountBlob: (repository, digest, from, call) => mountBlob(session, repository, digest, from, call),
    uploadBlob: (repository, content, call) => uploadBlob(session, repository, content, upload, call),
    checkPush: (repository, call) => checkPush(session, repository, call),
    putManifest: (reference, bytes, mediaType, call) => putManifest(session, reference, bytes, mediaType, call),
    listTags: (repository, call) => listTags(session, repository, call),
    deleteManifest: (repository, digest, call) => deleteManifest(session, repository, digest, call),
    close: () => session.close(),
  };
}

/** Milliseconds for an exchange of small documents. */
const documentTime = 120_000;
const mostTagPages = 1000;
const mostTags = 1_000_000;

async function sleepUntil(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleepFor(milliseconds, undefined, {signal});
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

async function ping(session: RegistrySession, host: string, {signal}: CallOptions = {}): Promise<void> {
  await session.call({
    host,
    method: 'GET',
    path: '/v2/',
    scopes: [],
    accept: [200],
    what: 'its API',
    within: documentTime,
    signal,
    read: (answer) => answer.discard(),
  });
}

const acceptedTypes = [
  mediaTypes.manifest,
  mediaTypes.index,
  'application/vnd.docker.distribution.manifest.v2+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
].join(', ');

type ManifestHead = Pick<Descriptor, 'digest' | 'size' | 'mediaType'>;

async function headManifest(
  session: RegistrySession,
  reference: RegistryReference,
  {signal, willPush = false}: CallOptions & {readonly willPush?: boolean} = {},
): Promise<ManifestHead | undefined> {
  const head = await session.call({
    ...manifestCall(reference, willPush ? 'pull,push' : 'pull'),
    method: 'HEAD',
    headers: () => ({accept: acceptedTypes}),
    accept: [200, 404],
    within: documentTime,
    signal,
    read: async (answer): Promise<ManifestHead | 'absent' | 'unsaid'> => {
      await answer.discard();
      if (answer.status === 404) return 'absent';
      const digest = reference.digest ?? answer.header('docker-content-digest');
      const mediaType = contentType(answer.header('content-type'));
      const size = Number(answer.header('content-length') ?? -1);
      return isDigest(digest) && size >= 0 ? {digest, size, mediaType} : 'unsaid';
    },
  });
  if (head === 'absent') return undefined;
  // A registry need not say the digest; then only the manifest itself does.
  return head === 'unsaid' ? (await getManifest(session, reference, {signal})).descriptor : head;
}

async function getManifest(
  session: RegistrySession,
  reference: RegistryReference,
  {signal}: CallOptions = {},
): Promise<FetchedManifest> {
  const name = formatReference(reference);
  const {host} = reference;
  return session.call({
    ...manifestCall(reference, 'pull'),
    method: 'GET',
    headers: () => ({accept: acceptedTypes}),
    accept: [200],
    within: documentTime,
    signal,
    read: async (answer) => {
      const bytes = await collectBody(answer, documentLimits.manifest, {host, what: `the manifest of ${name}`});
      const digest = sha256Of(bytes);
      const promised = reference.digest ?? answer.header('docker-content-digest');
      if (promised !== undefined && promised !== digest)
        throw wrongDigest(host, `the manifest of ${name}`, promised, digest);
      return parseFetched(bytes, digest, contentType(answer.header('content-type')), name);
    },
  });
}

/** What the answer says it is, else what the document says, else what it looks like. The parser refuses a document that says otherwise. */
function parseFetched(bytes: Buffer, digest: Digest, said: string, name: string): FetchedManifest {
  const document = `manifest of ${name}`;
  const value = checkObject(parseJson(bytes, document, 'bad-manifest'), {document, field: '', kind: 'bad-manifest'});
  const own = typeof value['mediaType'] === 'string' ? value['mediaType'] : undefined;
  const guessed = 'manifests' in value ? mediaTypes.index : mediaTypes.manifest;
  const mediaType =
    isManifestType(said) || isIndexType(said)
      ? said
      : (own ?? (said.includes('docker.distribution.manifest.v1') ? said : guessed));
  const descriptor: Descriptor = {mediaType, digest, size: bytes.length};
  if (isIndexType(mediaType)) return {kind: 'index', descriptor, bytes, index: parseIndex(bytes, document)};
  if (isManifestType(mediaType)) return {kind: 'manifest', descriptor, bytes, manifest: parseManifest(bytes, document)};
  throw new RegistryError(
    'unsupported',
    `Expected an image manifest (OCI, or Docker's schema 2) for ${name}, got ${quoted(mediaType)}. Push the image again with a newer tool.`,
    {host: name.split('/', 1)[0] ?? ''},
  );
}

const deepestNesting = 3;

async function readImage(
  session: RegistrySession,
  reference: RegistryReference,
  options: CallOptions = {},
): Promise<RegistryImage> {
  const fetched = await resolveManifest(session, reference, options, 0);
  const {descriptor, manifest, bytes} = fetched;
  const configBytes = await readBlob(session, reference, manifest.config, documentLimits.config, options);
  return {
    reference,
    fromIndex: fetched.depth > 0,
    digest: descriptor.digest,
    descriptor,
    manifest,
    manifestBytes: bytes,
    config: parseConfigOf(manifest, configBytes),
    configBytes,
  };
}

async function resolveManifest(
  session: RegistrySession,
  reference: RegistryReference,
  options: CallOptions,
  depth: number,
): Promise<FetchedManifest & {readonly kind: 'manifest'; readonly depth: number}> {
  const fetched = await getManifest(session, reference, options);
  if (fetched.kind === 'manifest') return {...fetched, depth};
  if (depth === deepestNesting) {
    const message = `Expected an index nested at most ${deepestNesting} deep for ${formatReference(reference)}.`;
    throw new RegistryError('limit', message, {host: reference.host});
  }
  const {digest} = pickPlatform(fetched.index.manifests, formatReference(reference));
  const {kind, host, repository} = reference;
  return resolveManifest(session, {kind, host, repository, digest}, options, depth + 1);
}

async function headBlob(
  session: RegistrySession,
  repository: Repository,
  digest: Digest,
  {signal}: CallOptions = {},
): Promise<number | undefined> {
  return session.call({
    ...blobCall(repository, digest),
    method: 'HEAD',
    accept: [200, 404],
    within: documentTime,
    signal,
    read: async (answer) => {
      await answer.discard();
      return answer.status === 404 ? undefined : Number(answer.header('content-length') ?? 0);
    },
  });
}

async function readBlob(
  session: RegistrySession,
  repository: Repository,
  {digest, size}: BlobName,
  limit: number,
  {signal}: CallOptions = {},
): Promise<Buffer> {
  const {host} = repository;
  return session.call({
    ...blobCall(repository, digest),
    method: 'GET',
    accept: [200],
    within: documentTime,
    signal,
    read: async (answer) => {
      const what = `the blob ${digest} of ${repository.repository}`;
      const bytes = await collectBody(answer, Math.min(limit, size ?? limit), {host, what});
      const got = sha256Of(bytes);
      if (got !== digest) throw wrongDigest(host, what, digest, got);
      return bytes;
    },
  });
}

async function putManifest(
  session: RegistrySession,
  reference: RegistryReference,
  bytes: Buffer,
  mediaType: string,
  {signal}: CallOptions = {},
): Promise<Digest> {
  const digest = sha256Of(bytes);
  const target = reference.tag === undefined ? {...reference, digest} : {...reference, digest: undefined};
  return session.call({
    ...manifestCall(target, 'pull,push'),
    method: 'PUT',
    headers: () => ({'content-type': mediaType}),
    body: {length: bytes.length, open: () => [bytes]},
    accept: [200, 201, 202],
    within: documentTime,
    signal,
    read: async (answer) => {
      await answer.discard();
      const stored = answer.header('docker-content-digest');
      if (stored !== undefined && stored !== digest) {
        throw wrongDigest(reference.host, `the manifest put at ${formatReference(target)}`, digest, stored);
      }
      return digest;
    },
  });
}

async function listTags(
  session: RegistrySession,
  repository: Repository,
  {signal}: CallOptions = {},
): Promise<readonly string[]> {
  const tags: string[] = [];
  let path: string | URL | undefined = `/v2/${repository.repository}/tags/list?n=1000`;
  for (let page = 0; path !== undefined && page < mostTagPages && tags.length < mostTags; page++) {
    const answer: TagPage = await tagPage(session, repository, path, signal);
    tags.push(...answer.tags);
    path = answer.next;
  }
  return tags;
}

type TagPage = {readonly tags: readonly string[]; readonly next: URL | undefined};

async function tagPage(
  session: RegistrySession,
  repository: Repository,
  path: string | URL,
  signal: AbortSignal | undefined,
): Promise<TagPage> {
  const {host} = repository;
  const what = `the tags of ${repository.repository}`;
  return session.call({
    host,
    method: 'GET',
    path,
    scopes: [`repository:${repository.repository}:pull`],
    accept: [200],
    what,
    within: documentTime,
    signal,
    read: async (answer) => {
      const place = {document: `${what} on ${host}`, field: '', kind: 'bad-answer'} as const;
      const bytes = await collectBody(answer, documentLimits.manifest, {host, what});
      const {tags} = checkObject(parseJson(bytes, place.document, 'bad-answer'), place);
      const known = Array.isArray(tags)
        ? tags.filter((tag) => typeof tag === 'string' && /^[A-Za-z0-9_.-]{1,128}$/.test(tag))
        : [];
      return {tags: known as readonly string[], next: nextPage(answer.header('link'), answer.url)};
    },
  });
}

/** The next page in a Link header (RFC 8288), if it is of the same registry. */
function nextPage(link: string | undefined, from: URL): URL | undefined {
  const [, target] = /<([^>]{1,4096})>\s*;\s*rel="?next"?/i.exec((link ?? '').slice(0, 8192)) ?? [];
  const url = target === undefined ? null : URL.parse(target, from.href);
  return url?.origin === from.origin ? url : undefined;
}

async function deleteManifest(
  session: RegistrySession,
  repository: Repository,
  digest: Digest,
  {signal}: CallOptions = {},
): Promise<void> {
  await session.call({
    ...manifestCall({kind: 'registry', ...repository, digest}, 'delete'),
    method: 'DELETE',
    accept: [202, 200, 204],
    within: documentTime,
    signal,
    read: (answer) => answer.discard(),
  });
}

function manifestCall(reference: RegistryReference, actions: string) {
  const {host, repository, tag, digest} = reference;
  const name = digest ?? tag ?? 'latest';
  return {
    host,
    path: `/v2/${repository}/manifests/${name}`,
    scopes: [`repository:${repository}:${actions}`],
    what: `the image ${repository}${digest === undefined ? ':' : '@'}${name}`,
  };
}

function blobCall({host, repository}: Repository, digest: Digest) {
  return {
    host,
    path: `/v2/${repository}/blobs/${digest}`,
    scopes: [`repository:${repository}:pull`],
    what: `the blob ${digest} of ${repository}`,
  };
}

function contentType(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim() ?? '';
}

function wrongDigest(host: string, what: string, expected: string, got: string): RegistryError {
  return new RegistryError(
    'digest-mismatch',
    `Expected ${what} from ${host} to have the digest ${quoted(expected)}, got ${quoted(got)}. It is damaged or was tampered with; nothing of it was kept.`,
    {host},
  );
}
