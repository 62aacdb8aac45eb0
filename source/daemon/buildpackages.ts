// Buildpackages: directories and images that hold buildpacks, read, checked and copied under the digest of their content.
import {randomUUID} from 'node:crypto';
import {chmod, cp, lstat, mkdir, readdir, rename, rm, stat} from 'node:fs/promises';
import {basename, join, resolve} from 'node:path';
import {parse, TomlError} from 'smol-toml';
import {z} from 'zod';
import type {StoredBuildpack} from '../domain/buildpack.ts';
import {readSmallFile} from '../oci/blob-store.ts';
import {directoryLayerEntries} from '../oci/layer-entries.ts';
import {hashLayer} from '../oci/layer-writer.ts';
import {unpackBuildpacks} from './buildpack-image.ts';
import {withForeignImage, withIncoming} from './foreign-image.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

/**
 * All buildpacks of a source: a directory with a buildpack.toml, or one that holds such directories up to three levels
 * down; or an image with buildpacks in it (`oci:DIR[:TAG]`, `docker-archive:FILE`, a .cnb or .tar file, one in a registry).
 * Each is copied to `buildpacks/<digest>`, so that what builds later is what was checked now. Refused in words.
 */
export async function readBuildpackage(
  source: string,
  paths: StatePaths,
  env: NodeJS.ProcessEnv = process.env,
): Promise<readonly StoredBuildpack[]> {
  const place = await placeOf(source);
  if (place.kind === 'image') return readBuildpackImage(place.reference, source, paths, env);
  const directories = await buildpackDirectories(place.root, 3);
  if (directories.length === 0) {
    throw new Refusal(
      'invalid',
      `buildpackage "${source}": no buildpack.toml in ${place.root} or up to three levels below it`,
    );
  }
  return Promise.all(directories.map((directory) => storeBuildpack(directory, source, paths)));
}

type Place = {readonly kind: 'directory'; readonly root: string} | {readonly kind: 'image'; readonly reference: string};

/** A registry's image is what is no path of this machine and does not look like one. */
async function placeOf(source: string): Promise<Place> {
  if (/^(oci|docker-archive):/.test(source)) return {kind: 'image', reference: source};
  const root = resolve(source);
  const stats = await stat(root).catch(() => undefined);
  if (stats?.isDirectory()) return {kind: 'directory', root};
  if (stats?.isFile()) return {kind: 'image', reference: `docker-archive:${root}`};
  if (!/^([.~/\\]|[A-Za-z]:[/\\])|\.(tar|cnb|tgz)$/.test(source)) return {kind: 'image', reference: source};
  throw new Refusal(
    'not-found',
    `buildpackage "${source}": expected a directory with a buildpack.toml or a file with an image at ${root}, found nothing`,
  );
}

async function readBuildpackImage(
  reference: string,
  source: string,
  paths: StatePaths,
  env: NodeJS.ProcessEnv,
): Promise<readonly StoredBuildpack[]> {
  const what = `buildpackage "${source}"`;
  return withForeignImage({reference, what, paths, mostBytes: mostImageBytes, env}, (foreign) =>
    withIncoming(paths, async (incoming) => {
      const stored: StoredBuildpack[] = [];
      for (const {directory, id, version} of await unpackBuildpacks(foreign, incoming, what)) {
        await readableByAll(directory);
        const buildpack = await storeBuildpack(directory, source, paths);
        if (buildpack.id !== id || buildpack.version !== version) {
          throw new Refusal(
            'invalid',
            `${what}: expected ${id}@${version} in its layer, as the image's label says, got ${buildpack.id}@${buildpack.version}`,
          );
        }
        stored.push(buildpack);
      }
      return stored;
    }),
  );
}

const mostImageBytes = 8 * 1024 ** 3;

async function buildpackDirectories(directory: string, levels: number): Promise<readonly string[]> {
  const entries = await readdir(directory, {withFileTypes: true});
  if (entries.some((entry) => entry.isFile() && entry.name === 'buildpack.toml')) return [directory];
  if (levels === 0) return [];
  const below = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({name}) => name);
  const found = await Promise.all(below.map((name) => buildpackDirectories(join(directory, name), levels - 1)));
  return found.flat().toSorted();
}

const orderSchema = z.array(
  z.object({
    group: z
      .array(z.object({id: z.string().min(1), version: z.string().optional(), optional: z.boolean().optional()}))
      .min(1),
  }),
);
const descriptorSchema = z.object({
  api: z.string().regex(/^\d+\.\d+$/),
  buildpack: z.object({
    id: z.string().regex(/^[A-Za-z0-9./-]+$/),
    version: z.string().min(1),
    name: z.string().optional(),
    homepage: z.string().optional(),
  }),
  order: orderSchema.optional(),
});

async function storeBuildpack(directory: string, source: string, paths: StatePaths): Promise<StoredBuildpack> {
  const {api, buildpack, order} = await readDescriptor(join(directory, 'buildpack.toml'));
  if (buildpack.id.includes('..') || buildpack.id.startsWith('/')) {
    throw new Refusal(
      'invalid',
      `${directory}/buildpack.toml: buildpack.id ${JSON.stringify(buildpack.id)} is no buildpack id`,
    );
  }
  if (!order) await requirePrograms(directory);
  const {diffId} = await hashLayer(directoryLayerEntries(directory, {uid: 0, gid: 0, asPath: '/buildpack'}));
  const target = paths.buildpack(diffId);
  await copyOnce(directory, target);
  return {
    id: buildpack.id,
    version: buildpack.version,
    api,
    digest: diffId,
    directory: target,
    source,
    ...(buildpack.name ? {name: buildpack.name} : {}),
    ...(buildpack.homepage ? {homepage: buildpack.homepage} : {}),
    ...(order ? {order: order.map(({group}) => ({group: group.map(withoutUndefined)}))} : {}),
  };
}

function withoutUndefined(entry: {id: string; version?: string | undefined; optional?: boolean | undefined}) {
  return {
    id: entry.id,
    ...(entry.version === undefined ? {} : {version: entry.version}),
    ...(entry.optional === undefined ? {} : {optional: entry.optional}),
  };
}

const mostDescriptorBytes = 4 * 1024 * 1024;

/** A regular file: a link to a file of this machine is not read. */
async function readDescriptor(file: string): Promise<z.infer<typeof descriptorSchema>> {
  const bytes = await readSmallFile(file, mostDescriptorBytes);
  const parsed = descriptorSchema.safeParse(parseToml(file, bytes.toString('utf8')));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Refusal('invalid', `${file}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`);
}

function parseToml(file: string, text: string): unknown {
  try {
    return parse(text);
  } catch (cause) {
    const place = cause instanceof TomlError ? `:${cause.line}:${cause.column}` : '';
    const message = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw new Refusal('invalid', `${file}${place}: ${message}`, {cause});
  }
}

async function requirePrograms(directory: string): Promise<void> {
  for (const program of ['bin/detect', 'bin/build']) {
    const stats = await stat(join(directory, program)).catch(() => undefined);
    if (!stats?.isFile() || (stats.mode & 0o111) === 0) {
      throw new Refusal(
        'invalid',
        `${directory}: expected an executable ${program}, found ${stats ? 'a file that is not' : 'none'}`,
      );
    }
  }
}

async function copyOnce(from: string, target: string): Promise<void> {
  if (await lstat(target).catch(() => undefined)) return;
  const partial = `${target}.${randomUUID()}.partial`;
  await mkdir(join(target, '..'), {recursive: true});
  try {
    await cp(from, partial, {recursive: true, verbatimSymlinks: true});
    await readableByAll(partial);
    await rename(partial, target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(partial, {recursive: true, force: true});
  }
}

/** Builds run as another user than the controller. */
async function readableByAll(path: string): Promise<void> {
  const stats = await lstat(path);
  if (stats.isSymbolicLink()) return;
  await chmod(path, (stats.mode & 0o777) | (stats.isDirectory() || (stats.mode & 0o100) !== 0 ? 0o555 : 0o444));
  if (!stats.isDirectory()) return;
  for (const name of await readdir(path)) await readableByAll(join(path, basename(name)));
}
