// Upstream's lifecycle for builders that are composed: the tarball of a release or an image that has it, read, checked and kept by its content
// (buildpacks/lifecycle tools/image/main.go, kpack pkg/cnb/remote_lifecycle_reader.go).
import {randomUUID} from 'node:crypto';
import {chmod, copyFile, lstat, mkdir, rename} from 'node:fs/promises';
import {isAbsolute, join} from 'node:path';
import {parse} from 'smol-toml';
import {z} from 'zod';
import type {LifecycleResource} from '../domain/lifecycle-resource.ts';
import {removeTree} from '../executors/remove-tree.ts';
import {readLayerTar} from '../oci/archive-layer-tar.ts';
import {readSmallFile} from '../oci/blob-store.ts';
import {extractTar} from '../oci/extract-tar.ts';
import {hashLayer} from '../oci/layer-writer.ts';
import {directoryLayerEntries} from '../oci/layer-entries.ts';
import {type ForeignImage, inWords, withForeignImage, withIncoming} from './foreign-image.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

/** What a ClusterLifecycle resolves to, without the time. */
export type FoundLifecycle = Omit<LifecycleResource['resolved'], 'at'>;

/** Reads version and APIs and keeps the programs under `lifecycles/<digest>`. A Refusal says what is missing. */
export async function findLifecycle(image: string, paths: StatePaths): Promise<FoundLifecycle> {
  const what = `lifecycle "${image}"`;
  try {
    if (isAbsolute(image)) {
      const released = await withIncoming(paths, (incoming) => readRelease(image, incoming, paths, what));
      if (released) return released;
    }
    return await withForeignImage({reference: image, what, paths, mostBytes: limits.bytes}, (foreign) =>
      withIncoming(paths, (incoming) => readLifecycleImage(foreign, incoming, paths, what)),
    );
  } catch (cause) {
    throw inWords(what, cause);
  }
}

const limits = {entries: 100_000, bytes: 4 * 1024 ** 3};

/** `lifecycle.toml` and `lifecycle/…`; undefined when the archive is no release but perhaps an image. */
async function readRelease(
  file: string,
  incoming: string,
  paths: StatePaths,
  what: string,
): Promise<FoundLifecycle | undefined> {
  await extractTar({
    file,
    root: incoming,
    allowedPrefixes: ['/lifecycle', '/lifecycle.toml'],
    limits,
    modeMask: 0o777,
    linksInside: true,
  });
  if (!(await isThere(join(incoming, 'lifecycle.toml')))) return undefined;
  const text = (await readSmallFile(join(incoming, 'lifecycle.toml'), 1024 * 1024)).toString('utf8');
  return keep(join(incoming, 'lifecycle'), descriptorOf(text, what), paths, what);
}

async function readLifecycleImage(
  foreign: ForeignImage,
  incoming: string,
  paths: StatePaths,
  what: string,
): Promise<FoundLifecycle> {
  const descriptor = descriptorOfLabels(foreign, what);
  // the topmost layer that has it is the one that counts
  for (const [index, layer] of foreign.image.manifest.layers.toReversed().entries()) {
    const root = join(incoming, String(index));
    await mkdir(root);
    const stream = readLayerTar(foreign.directory, layer, limits.bytes);
    await extractTar({stream, root, allowedPrefixes: ['/cnb/lifecycle'], limits, modeMask: 0o777, linksInside: true});
    const place = join(root, 'cnb/lifecycle');
    if (await isThere(join(place, 'lifecycle'))) return keep(place, descriptor, paths, what);
  }
  throw new Refusal('invalid', `${what}: expected /cnb/lifecycle/lifecycle in one of its layers, found none`);
}

type Descriptor = Pick<FoundLifecycle, 'version' | 'apis'>;

const versions = z.array(z.string().regex(/^\d+\.\d+$/)).nullish();
const spoken = z.object({deprecated: versions, supported: versions}).nullish();
const apisSchema = z.object({buildpack: spoken, platform: spoken});
const descriptorSchema = z.object({
  apis: apisSchema.optional(),
  lifecycle: z.object({version: z.string().min(1)}),
});

function descriptorOf(text: string, what: string): Descriptor {
  const parsed = descriptorSchema.safeParse(tomlOf(text, what));
  if (parsed.success && parsed.data.apis)
    return {version: parsed.data.lifecycle.version, apis: apisOf(parsed.data.apis)};
  throw new Refusal(
    'invalid',
    `${what}: expected [lifecycle] version and [apis] in its lifecycle.toml, got neither or one`,
  );
}

function tomlOf(text: string, what: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause);
    throw new Refusal('invalid', `${what}: its lifecycle.toml is no TOML: ${why ?? ''}`, {cause});
  }
}

function descriptorOfLabels({image}: ForeignImage, what: string): Descriptor {
  const labels = image.config.config?.Labels ?? {};
  const builder = jsonOf(labels['io.buildpacks.builder.metadata']);
  const metadata = z.object({lifecycle: z.looseObject({version: z.string()})}).safeParse(builder);
  const version =
    labels['io.buildpacks.lifecycle.version'] ?? (metadata.success ? metadata.data.lifecycle.version : '');
  const own = jsonOf(labels['io.buildpacks.lifecycle.apis']);
  const inBuilder = metadata.success ? metadata.data.lifecycle['apis'] : undefined;
  const apis = apisSchema.safeParse(own ?? inBuilder);
  if (version !== '' && apis.success) return {version, apis: apisOf(apis.data)};
  throw new Refusal(
    'invalid',
    `${what}: expected the labels io.buildpacks.lifecycle.version and io.buildpacks.lifecycle.apis, got an image without; take buildpacksio/lifecycle, or the tarball of a release of buildpacks/lifecycle`,
  );
}

function jsonOf(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

function apisOf({buildpack, platform}: z.infer<typeof apisSchema>): Descriptor['apis'] {
  const list = (one: z.infer<typeof spoken>) => ({
    deprecated: one?.deprecated ?? [],
    supported: one?.supported ?? [],
  });
  return {buildpack: list(buildpack), platform: list(platform)};
}

const programs: readonly string[] = ['lifecycle', 'launcher'];

/** Bills of materials, which the exporter puts into images. */
const boms = programs.flatMap((program) => ['cdx', 'spdx', 'syft'].map((format) => `${program}.sbom.${format}.json`));

async function copyAs(from: string, to: string): Promise<void> {
  await copyFile(from, to);
  await chmod(to, to.endsWith('.json') ? 0o644 : 0o755);
}

async function keep(from: string, descriptor: Descriptor, paths: StatePaths, what: string): Promise<FoundLifecycle> {
  const partial = join(paths.incoming, `${randomUUID()}.lifecycle`);
  await mkdir(partial, {recursive: true, mode: 0o755});
  try {
    for (const name of [...programs, ...boms]) {
      const stats = await lstat(join(from, name)).catch(() => undefined);
      if (stats?.isFile()) await copyAs(join(from, name), join(partial, name));
      else if (programs.includes(name)) {
        throw new Refusal('invalid', `${what}: expected the program ${name} in it, found none`);
      }
    }
    const {diffId} = await hashLayer(directoryLayerEntries(partial, {uid: 0, gid: 0, asPath: '/cnb/lifecycle'}));
    const directory = paths.lifecycle(diffId);
    if (!(await isThere(directory))) {
      await mkdir(join(directory, '..'), {recursive: true});
      await rename(partial, directory);
    }
    return {...descriptor, digest: diffId, directory};
  } finally {
    await removeTree(partial);
  }
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
