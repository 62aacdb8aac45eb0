// Copies a built image elsewhere: into an image layout, a docker archive, a registry, or a container engine.
import {randomUUID} from 'node:crypto';
import {link, lstat, mkdir, readdir, rename, rm} from 'node:fs/promises';
import {dirname, isAbsolute, join} from 'node:path';
import {detectEngines} from '../executors/container/detect-engines.ts';
import {createEngineCli, EngineError} from '../executors/container/engine-cli.ts';
import {exists} from '../oci/blob-store.ts';
import {
  blobPath,
  hasBlob,
  type LayoutImage,
  linkBlob,
  nameManifest,
  readImage,
  readLayout,
  refName,
} from '../oci/image-layout.ts';
import {formatReference, parseReference, parseRegistryReference} from '../oci/reference.ts';
import {pushImage} from '../oci/registry-push.ts';
import type {ImageExport} from '../protocol/message.ts';
import {inWords, withIncoming, withRegistry} from './foreign-image.ts';
import {loadIntoEngine, writeArchive} from './load-into-engine.ts';
import {copyIntoPool} from './pool.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

/**
 * An image of this machine by the digest of its manifest, and where it is to go: `oci:DIR[:TAG]`, `docker-archive:FILE` (both absolute),
 * `registry:REF` or `engine`. `tags` are the image's own names. What is there already is replaced only with `force`. `env` says where
 * credentials are.
 */
export type ExportRequest = {
  readonly namespace: string;
  readonly name: string;
  readonly digest: string;
  readonly tags: readonly string[];
  readonly to: string;
  readonly force: boolean;
  readonly paths: StatePaths;
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
};

/** Copies the image; a failure leaves what was there before, and nothing half-written. Refused in words. */
export async function exportImage(request: ExportRequest): Promise<ImageExport> {
  const {name, to, signal} = request;
  const what = `image "${name}" cannot be exported to ${to}`;
  try {
    const target = targetOf(to);
    return await withSnapshot(request, (source) => exportTo(target, source, request));
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof EngineError) throw new Refusal('unavailable', `${what}: ${cause.message}`, {cause});
    throw inWords(what, cause);
  }
}

type Target =
  | {readonly kind: 'layout'; readonly directory: string; readonly tag?: string}
  | {readonly kind: 'archive'; readonly file: string}
  | {readonly kind: 'registry'; readonly reference: string}
  | {readonly kind: 'engine'};

/** A layout of its own that has the image and its blobs, so that no prune takes them away meanwhile. */
type Source = {readonly layout: string; readonly image: LayoutImage};

function targetOf(to: string): Target {
  if (to === 'engine') return {kind: 'engine'};
  if (to.startsWith('registry:')) return {kind: 'registry', reference: to.slice('registry:'.length)};
  const parsed = /^(oci:|docker-archive:)|\.tar$/.test(to) ? parseReference(to) : undefined;
  if (parsed?.kind === 'layout' && isAbsolute(parsed.directory)) return parsed;
  if (parsed?.kind === 'archive' && isAbsolute(parsed.file)) return parsed;
  throw new Refusal(
    'invalid',
    `expected oci:DIR[:TAG], docker-archive:FILE (with absolute paths), registry:REF or engine, got ${JSON.stringify(to)}`,
  );
}

async function withSnapshot<T>(
  {namespace, name, digest, paths}: ExportRequest,
  act: (source: Source) => Promise<T>,
): Promise<T> {
  return withIncoming(paths, async (layout) => {
    const from = paths.image(namespace, name);
    const image = await readImage(from, digest);
    const {descriptor, manifest} = image;
    for (const blob of [descriptor, manifest.config, ...manifest.layers]) await linkBlob(from, layout, blob.digest);
    await nameManifest(layout, plain(image), []);
    return act({layout, image});
  });
}

function plain({descriptor: {mediaType, digest, size}}: LayoutImage) {
  return {mediaType, digest, size};
}

async function exportTo(target: Target, source: Source, request: ExportRequest): Promise<ImageExport> {
  switch (target.kind) {
    case 'layout':
      return toLayout(target, source, request);
    case 'archive':
      return toArchive(target.file, source, request);
    case 'registry':
      return toRegistry(target.reference, source, request);
    case 'engine':
      return toEngine(source, request);
    default:
      return target satisfies never;
  }
}

async function toLayout(
  {directory, tag}: Extract<Target, {kind: 'layout'}>,
  source: Source,
  {tags, force, signal}: ExportRequest,
): Promise<ImageExport> {
  const name = tag ?? parseRegistryReference(tags[0] ?? 'image').tag ?? 'latest';
  const {digest} = source.image;
  const done = {digest, to: `oci:${directory}:${name}`, notes: []};
  if (await isAbsentOrEmpty(directory)) {
    await writeNewLayout(directory, name, source, signal);
    return done;
  }
  const there = (await readLayoutOrRefuse(directory)).find((descriptor) => refName(descriptor) === name);
  if (there && there.digest !== digest && !force) {
    throw new Refusal(
      'already-exists',
      `the layout ${directory} has another image named "${name}" already; name another tag, or give --force to replace it`,
    );
  }
  await addToLayout(directory, name, source, signal);
  return done;
}

async function isAbsentOrEmpty(directory: string): Promise<boolean> {
  if (!(await exists(directory))) return true;
  return (await readdir(directory)).length === 0;
}

async function readLayoutOrRefuse(directory: string) {
  if (await exists(join(directory, 'oci-layout'))) return (await readLayout(directory)).index.manifests;
  throw new Refusal(
    'already-exists',
    `${directory} is there and is no image layout; name an empty directory or one that does not exist`,
  );
}

/** Beside its place, then renamed into it: complete or not there. */
async function writeNewLayout(directory: string, name: string, source: Source, signal?: AbortSignal): Promise<void> {
  await mkdir(dirname(directory), {recursive: true});
  const partial = `${directory}.${randomUUID()}.partial`;
  try {
    await copyBlobs(partial, source, signal);
    await nameManifest(partial, plain(source.image), [name]);
    await rename(partial, directory);
  } finally {
    await rm(partial, {recursive: true, force: true});
  }
}

/** Blobs first, then the name in one step; blobs that only a failed export brought are taken away again. */
async function addToLayout(directory: string, name: string, source: Source, signal?: AbortSignal): Promise<void> {
  const brought: string[] = [];
  try {
    await copyBlobs(directory, source, signal, (digest) => brought.push(digest));
    await nameManifest(directory, plain(source.image), [name]);
  } catch (error) {
    for (const digest of brought) await rm(blobPath(directory, digest), {force: true});
    throw error;
  }
}

/** Copies, never links: what the owner of the layout does to its files must not reach ours. */
async function copyBlobs(
  directory: string,
  {layout, image}: Source,
  signal?: AbortSignal,
  onBrought: (digest: string) => void = () => undefined,
): Promise<void> {
  const {descriptor, manifest} = image;
  for (const blob of [...manifest.layers, manifest.config, descriptor]) {
    signal?.throwIfAborted();
    if (await hasBlob(directory, blob.digest, blob.size)) continue;
    await copyIntoPool(directory, layout, blob);
    onBrought(blob.digest);
  }
}

async function toArchive(file: string, source: Source, {tags, force, signal}: ExportRequest): Promise<ImageExport> {
  const taken = new Refusal(
    'already-exists',
    `${file} exists already; name another file, or give --force to replace it`,
  );
  const stats = await lstat(file).catch(() => undefined);
  if (stats && (!force || !stats.isFile())) throw stats.isFile() ? taken : new Refusal('invalid', `${file} is no file`);
  await mkdir(dirname(file), {recursive: true});
  const partial = `${file}.${randomUUID()}.partial`;
  try {
    await writeArchive(partial, {layout: source.layout, digest: source.image.digest, tags}, signal);
    if (force) await rename(partial, file);
    else await link(partial, file).catch((cause: unknown) => renameUnlessTaken(cause, partial, file, taken));
  } finally {
    await rm(partial, {force: true});
  }
  return {digest: source.image.digest, to: `docker-archive:${file}`, notes: []};
}

/** A link fails where a file has appeared meanwhile; some file systems know no links. */
async function renameUnlessTaken(cause: unknown, partial: string, file: string, taken: Refusal): Promise<void> {
  if ((cause as NodeJS.ErrnoException).code === 'EEXIST' || (await exists(file))) throw taken;
  await rename(partial, file);
}

async function toRegistry(text: string, {layout, image}: Source, {signal, env}: ExportRequest): Promise<ImageExport> {
  const reference = parseRegistryReference(text);
  const pushed = await withRegistry((client) => pushImage(client, layout, image.digest, [reference], {signal}), env);
  const {uploaded, mounted, present} = pushed;
  return {
    digest: image.digest,
    to: formatReference(reference),
    notes: [`${uploaded} blobs uploaded, ${mounted + present} there already`],
  };
}

async function toEngine({layout, image}: Source, {tags, signal}: ExportRequest): Promise<ImageExport> {
  const findings = await detectEngines();
  const ready = findings.find((finding) => finding.state === 'ready');
  if (ready?.state !== 'ready') {
    const why = findings.map((finding) => (finding.state === 'ready' ? '' : `${finding.problem}. ${finding.next}`));
    throw new Refusal('unavailable', `no container engine answers: ${why.join(' ')}`);
  }
  const {digest} = image;
  const notes = await loadIntoEngine(createEngineCli(ready.engine), {layout, digest, tags}, signal);
  return {digest, to: ready.kind, notes};
}
