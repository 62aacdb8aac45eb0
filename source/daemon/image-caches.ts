// What builds of an image keep for the next one: a directory here, a labelled volume in each engine that built it. Listed, sized, purged.
import {lstat, readdir} from 'node:fs/promises';
import {join} from 'node:path';
import {z} from 'zod';
import type {EngineCli} from '../executors/container/engine-cli.ts';
import {diskUsage, inspectVolumes} from '../executors/container/engine-commands.ts';
import {removeComposed} from '../executors/container/compose-builder.ts';
import {cacheImageLabel, listCaches, removeCaches} from '../executors/container/run-resources.ts';
import {removeTree} from '../executors/remove-tree.ts';
import type {ImageCache} from '../protocol/message.ts';
import {type Engines, ownerOf} from './engines.ts';
import type {StatePaths} from './state-paths.ts';

export type ImageCaches = {
  /** All of them, or one image's, also of images that are gone; by namespace and name. */
  list(of?: ImageName): Promise<readonly ImageCache[]>;
  /** Removes an image's caches; gives what was removed. No build of the image may run. */
  purge(of: ImageName): Promise<readonly ImageCache[]>;
  /** Removes the images that were composed for a builder (`ClusterBuilder/NAME`). */
  removeComposed(builderKey: string): Promise<void>;
};

type ImageName = {readonly namespace: string; readonly name: string};

/** Engines that do not answer are passed over: what is in them is listed when they do. */
export function createImageCaches(paths: StatePaths, engines: Pick<Engines, 'inUse'>): ImageCaches {
  const owner = ownerOf(paths);

  async function list(of?: ImageName): Promise<readonly ImageCache[]> {
    const inEngines = await Promise.all(engines.inUse().map((cli) => volumesOf(cli, owner, of)));
    const all = [...(await directoriesOf(paths, of)), ...inEngines.flat()];
    return all.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  }

  return {
    list,
    async purge(of) {
      const found = await list(of);
      await removeTree(paths.cache(of.namespace, of.name));
      for (const cli of engines.inUse()) {
        const volumes = found.filter(({kept}) => kept === cli.engine.kind).map(({place}) => place);
        await removeCaches(cli, volumes);
      }
      return found;
    },
    async removeComposed(builderKey) {
      for (const cli of engines.inUse()) await removeComposed(cli, owner, builderKey);
    },
  };
}

function keyOf({namespace, name, kept}: ImageCache): string {
  return `${namespace}/${name}/${kept}`;
}

async function directoriesOf(paths: StatePaths, of: ImageName | undefined): Promise<readonly ImageCache[]> {
  const found: ImageCache[] = [];
  for (const namespace of of ? [of.namespace] : await namesIn(paths.cacheRoot)) {
    for (const name of of ? [of.name] : await namesIn(join(paths.cacheRoot, namespace))) {
      const place = paths.cache(namespace, name);
      const size = await sizeOf(place);
      if (size !== undefined) found.push({namespace, name, kept: 'directory', place, size});
    }
  }
  return found;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  return readdir(directory).catch(() => []);
}

/** Bytes of the files below; undefined when there is nothing of that name. */
async function sizeOf(path: string): Promise<number | undefined> {
  const stats = await lstat(path).catch(() => undefined);
  if (!stats) return undefined;
  if (!stats.isDirectory()) return stats.size;
  const sizes = await Promise.all((await namesIn(path)).map((name) => sizeOf(join(path, name))));
  return sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
}

const volumesSchema = z.array(z.object({Name: z.string(), Labels: z.record(z.string(), z.string()).nullish()}));

async function volumesOf(cli: EngineCli, owner: string, of: ImageName | undefined): Promise<readonly ImageCache[]> {
  const names = await listCaches(cli, owner, of && {namespace: of.namespace, image: of.name});
  if (names.length === 0) return [];
  const [inspected, usage] = await Promise.all([
    cli.call(inspectVolumes(names), {timeout: 60_000}),
    cli.call(diskUsage(cli.engine), {timeout: 60_000}),
  ]);
  const sizes = volumeSizes(cli.engine.kind, usage);
  return volumesSchema.parse(JSON.parse(inspected)).flatMap(({Name: place, Labels: labels}): readonly ImageCache[] => {
    const [namespace, name] = (labels?.[cacheImageLabel] ?? '').split('/');
    if (namespace === undefined || name === undefined) return [];
    const size = sizes.get(place);
    return [{namespace, name, kept: cli.engine.kind, place, ...(size === undefined ? {} : {size})}];
  });
}

const usageSchema = z.object({Volumes: z.array(z.object({Name: z.string(), Size: z.string()})).nullish()});

/** `system df --verbose`: docker prints JSON, podman the last of three tables. Sizes are words (`12.3MB`) in both. */
export function volumeSizes(engine: EngineCli['engine']['kind'], printed: string): ReadonlyMap<string, number> {
  const rows =
    engine === 'docker'
      ? (usageSchema.parse(JSON.parse(printed)).Volumes ?? []).map(({Name, Size}) => [Name, Size])
      : (printed.split('Local Volumes space usage:')[1] ?? '').split('\n').flatMap((line) => {
          const [, name, size] = /^(\S+)\s+\d+\s+(\S+)$/.exec(line.trim()) ?? [];
          return name === undefined || size === undefined ? [] : [[name, size]];
        });
  return new Map(
    rows.flatMap(([name = '', text = '']): readonly [string, number][] => {
      const bytes = bytesOf(text);
      return bytes === undefined ? [] : [[name, bytes]];
    }),
  );
}

const units = ['B', 'kB', 'MB', 'GB', 'TB'];

function bytesOf(text: string): number | undefined {
  const [, number, unit = ''] = /^([\d.]+)([A-Za-z]+)$/.exec(text) ?? [];
  const power = units.findIndex((one) => one.toLowerCase() === unit.toLowerCase());
  return number === undefined || power === -1 ? undefined : Math.round(Number(number) * 1000 ** power);
}
