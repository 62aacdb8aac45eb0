// Images that somebody else made: in an image layout, an archive or a registry, checked before anything of them is used.
import {randomUUID} from 'node:crypto';
import {mkdir, realpath} from 'node:fs/promises';
import {isAbsolute, join} from 'node:path';
import {removeTree} from '../executors/remove-tree.ts';
import {readArchiveFile} from '../oci/archive-read.ts';
import {type LayoutImage, readImage} from '../oci/image-layout.ts';
import {OciError, type OciErrorKind} from '../oci/oci-error.ts';
import {type ImageReference, parseReference, type RegistryReference} from '../oci/reference.ts';
import {createRegistryClient, type RegistryClient} from '../oci/registry-client.ts';
import {dockerConfigCredentials} from '../oci/registry-docker-config.ts';
import {pullImage} from '../oci/registry-pull.ts';
import {defaultTarLimits} from '../oci/tar-reader.ts';
import type {WireErrorKind} from '../protocol/message.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

/** An image and the directory that has its blobs. `name` is what the place it came from calls it, if it says. */
export type ForeignImage = {
  readonly directory: string;
  readonly image: LayoutImage;
  readonly name?: string;
};

/**
 * `what` begins the sentences of refusals (`base image "…"`). With `keepBlobs` what comes from a registry goes into the pool at
 * once, so that what is there already is not fetched again; otherwise nothing of it stays. `env` says where credentials are.
 */
export type ForeignImageRequest = {
  readonly reference: string;
  readonly what: string;
  readonly paths: StatePaths;
  readonly mostBytes: number;
  readonly keepBlobs?: boolean;
  readonly env?: NodeJS.ProcessEnv;
};

/** The annotation that carries the name a layout's image goes by (containerd's). */
export const imageNameAnnotation = 'io.containerd.image.name';

/**
 * Gives the image that a reference names (`oci:DIR[:TAG]`, `docker-archive:FILE`, a file, or a registry's) to `act` and tidies up behind it.
 * Blobs from archives and registries have been checked against their digests; those of a layout have not. Refused in words when there is no
 * such image, when it is larger than `mostBytes`, or when its place cannot be read; errors of the oci room that `act` throws are put in words too.
 */
export async function withForeignImage<T>(
  request: ForeignImageRequest,
  act: (image: ForeignImage) => Promise<T>,
): Promise<T> {
  const {what, paths} = request;
  try {
    const reference = referenceOf(request.reference);
    return await withIncoming(paths, (incoming) => openImage(reference, request, incoming, act));
  } catch (cause) {
    throw inWords(what, cause);
  }
}

/** A directory for what is on its way in or out, gone when `act` has ended. */
export async function withIncoming<T>(paths: StatePaths, act: (directory: string) => Promise<T>): Promise<T> {
  const directory = join(paths.incoming, randomUUID());
  await mkdir(directory, {recursive: true, mode: 0o700});
  try {
    return await act(directory);
  } finally {
    await removeTree(directory);
  }
}

/** A client with the credentials of the controller's user, closed when `act` has ended. */
export async function withRegistry<T>(
  act: (client: RegistryClient) => Promise<T>,
  env: NodeJS.ProcessEnv = process.env,
): Promise<T> {
  const client = createRegistryClient({credentials: dockerConfigCredentials({env})});
  try {
    return await act(client);
  } finally {
    client.close();
  }
}

/** What could not be done with an image, as a refusal that begins with `what`; a defect stays what it is. */
export function inWords(what: string, cause: unknown): unknown {
  if (cause instanceof OciError) return new Refusal(refusalKind(cause.kind), `${what}: ${cause.message}`, {cause});
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (typeof code === 'string' && diskCodes.has(code) && cause instanceof Error) {
    return new Refusal(code === 'ENOSPC' || code === 'EDQUOT' ? 'disk' : 'invalid', `${what}: ${cause.message}`, {
      cause,
    });
  }
  return cause;
}

const diskCodes: ReadonlySet<string> = new Set([
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOTDIR',
  'EISDIR',
  'ENOENT',
  'EEXIST',
  'ENAMETOOLONG',
  'ELOOP',
]);

function refusalKind(kind: OciErrorKind): WireErrorKind {
  switch (kind) {
    case 'not-found':
      return 'not-found';
    case 'unreachable':
    case 'timed-out':
    case 'rate-limited':
    case 'server-failed':
      return 'unavailable';
    default:
      return 'invalid';
  }
}

function referenceOf(text: string): ImageReference {
  // Files of images go by several endings; only an absolute path can be meant here, since the controller works elsewhere.
  if (isAbsolute(text)) return parseReference(`docker-archive:${text}`);
  return parseReference(text);
}

async function openImage<T>(
  reference: ImageReference,
  request: ForeignImageRequest,
  incoming: string,
  act: (image: ForeignImage) => Promise<T>,
): Promise<T> {
  switch (reference.kind) {
    case 'layout': {
      const directory = await heldDirectory(reference.directory);
      const image = await readImage(directory, reference.tag);
      const name = image.descriptor.annotations?.[imageNameAnnotation];
      requireSize(image, request);
      return act({directory, image, ...(name === undefined ? {} : {name})});
    }
    case 'archive':
      return act(await unpackArchive(reference.file, request, incoming));
    case 'registry':
      return act(await pull(reference, request, incoming));
    default:
      return reference satisfies never;
  }
}

/**
 * The directory that a layout's path leads to now: whoever publishes by pointing a link elsewhere may do so while it is read, and index
 * and blobs are to come from the same one. A path that leads nowhere stays what it is, for the reader to say so.
 */
export function heldDirectory(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}

function requireSize({manifest}: ForeignImage['image'], {what, mostBytes}: ForeignImageRequest): void {
  const bytes = manifest.layers.reduce((sum, {size}) => sum + size, 0);
  if (bytes <= mostBytes) return;
  throw new Refusal('invalid', `${what}: expected at most ${mostBytes} bytes of layers, its manifest lists ${bytes}`);
}

/** The layers stay as they came: compressing them would give the image another digest wherever another zlib does it. */
async function unpackArchive(
  file: string,
  {what, mostBytes}: ForeignImageRequest,
  incoming: string,
): Promise<ForeignImage> {
  const limits = {...defaultTarLimits, bytes: mostBytes};
  const images = await readArchiveFile(file, {into: incoming, limits});
  const names = images.flatMap((image) => image.names);
  if (images.length > 1 && names.length > 0) {
    throw new Refusal(
      'invalid',
      `${what}: expected one image in ${file}, got ${images.length} (${names.slice(0, 5).join(', ')}); save the one that is meant by itself`,
    );
  }
  const [name] = names;
  return {directory: incoming, image: await readImage(incoming), ...(name === undefined ? {} : {name})};
}

async function pull(
  reference: RegistryReference,
  {paths, mostBytes, keepBlobs = false, env}: ForeignImageRequest,
  incoming: string,
): Promise<ForeignImage> {
  const directory = keepBlobs ? paths.pool : incoming;
  const image = await withRegistry(
    (client) => pullImage(client, reference, {into: {kind: 'pool', directory}, mostBytes}),
    env,
  );
  return {directory, image};
}
