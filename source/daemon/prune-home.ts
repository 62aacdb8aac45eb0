// What nothing needs any more below the state directory: base images, buildpacks and lifecycles that no resource and no patch that can be
// rolled back names, and what images left that are gone.
import {lstat, readdir} from 'node:fs/promises';
import {basename, dirname, join} from 'node:path';
import {removeTree} from '../executors/remove-tree.ts';
import {buildIsOpen} from '../domain/build.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {PrunedThing} from '../protocol/intent.ts';
import type {State} from '../state/state.ts';
import {Refusal} from './refusal.ts';
import type {StatePaths} from './state-paths.ts';

/**
 * Each thing with the bytes that its removal gives back; blobs that several share are a line of their own. Refused while a build
 * is under way, because what it reads may be named nowhere any more. With `dryRun` nothing is removed.
 */
export async function pruneHome(
  paths: StatePaths,
  state: State,
  now: number,
  dryRun: boolean,
): Promise<readonly PrunedThing[]> {
  refuseWhileBuilding(state);
  const things = await thingsToRemove(paths, state);
  const links = new Map<number, number>();
  const pruned: PrunedThing[] = [];
  for (const {path, ...thing} of things) pruned.push({...thing, bytes: await ownBytes(path, links)});
  const blobs = await loneBlobs(paths, links, now);
  if (!dryRun) for (const {path} of [...things, ...blobs]) await removeTree(path);
  if (blobs.length === 0) return pruned;
  const bytes = blobs.reduce((sum, {size}) => sum + size, 0);
  return [...pruned, {kind: 'blobs', name: String(blobs.length), why: 'nothing that stays has them', bytes}];
}

function refuseWhileBuilding({images}: State): void {
  const builds = Object.values(images).flatMap((record) => record.builds.filter(buildIsOpen));
  const [first] = builds;
  if (!first) return;
  throw new Refusal(
    'conflict',
    `build ${first.number} of "${first.image}" is under way and may read what would be removed; try again when it has ended`,
  );
}

type Removable = Omit<PrunedThing, 'bytes'> & {readonly path: string};

async function thingsToRemove(paths: StatePaths, state: State): Promise<readonly Removable[]> {
  const undo = Object.values(state.patches).map((patch) => patch.undo);
  const stacks = [...Object.values(state.stacks), ...undo.flatMap((one) => one.stacks)];
  const builders = [...Object.values(state.builders), ...undo.flatMap((one) => one.builders)];
  const bases = new Set(
    [
      ...stacks.flatMap(({resolved}) => [resolved.buildImage, resolved.runImage]),
      ...builders.flatMap(({found}) => found?.base?.runImage ?? []),
    ].map(({layout}) => basename(layout)),
  );
  const stores = [...Object.values(state.stores), ...undo.flatMap((one) => one.stores)];
  const buildpacks = new Set(
    stores.flatMap(({resolved}) => resolved.buildpacks.map(({directory}) => basename(directory))),
  );
  const lifecycles = new Set(
    [...Object.values(state.lifecycles), ...undo.flatMap((one) => one.lifecycles ?? [])].map(({resolved}) =>
      basename(resolved.directory),
    ),
  );
  const isGone = (key: string) => state.images[key] === undefined;
  return [
    ...(await unnamed('base image', dirname(paths.baseImage('x')), bases, 'no stack and no patch names it')),
    ...(await unnamed('buildpack', dirname(paths.buildpack('x')), buildpacks, 'no store and no patch names it')),
    ...(await unnamed('lifecycle', dirname(paths.lifecycle('x')), lifecycles, 'no lifecycle and no patch names it')),
    ...(await ofGoneImages('image', paths.imagesRoot, isGone)),
    ...(await ofGoneImages('cache', dirname(dirname(paths.cache('n', 'x'))), isGone)),
  ];
}

async function unnamed(
  kind: Removable['kind'],
  directory: string,
  kept: ReadonlySet<string>,
  why: string,
): Promise<readonly Removable[]> {
  const names = await namesIn(directory);
  return names.filter((name) => !kept.has(name)).map((name) => ({kind, name, why, path: join(directory, name)}));
}

async function ofGoneImages(
  kind: Removable['kind'],
  root: string,
  isGone: (key: string) => boolean,
): Promise<readonly Removable[]> {
  const all: Removable[] = [];
  for (const namespace of await namesIn(root)) {
    for (const name of await namesIn(join(root, namespace))) {
      const key = resourceKey(namespace, name);
      if (isGone(key)) all.push({kind, name: key, why: 'the image was deleted', path: join(root, namespace, name)});
    }
  }
  return all;
}

/** A blob this young may be on its way into a layout (milliseconds). */
const youth = 10 * 60_000;

/** Blobs of the pool that no layout which stays links to; `links` counts the links that go. */
async function loneBlobs(
  {pool}: StatePaths,
  links: ReadonlyMap<number, number>,
  now: number,
): Promise<readonly {readonly path: string; readonly size: number}[]> {
  const directory = join(pool, 'blobs', 'sha256');
  const lone: {path: string; size: number}[] = [];
  for (const name of await namesIn(directory)) {
    const path = join(directory, name);
    const {ino, nlink, size, mtimeMs} = await lstat(path);
    const going = links.get(ino) ?? 0;
    const isSettled = going > 0 || mtimeMs < now - youth;
    if (/^[0-9a-f]{64}$/.test(name) && nlink - going <= 1 && isSettled) lone.push({path, size});
  }
  return lone;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).toSorted();
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/** Bytes of the files that nothing else links to; links to others are counted in `links`. */
async function ownBytes(path: string, links: Map<number, number>): Promise<number> {
  const stats = await lstat(path);
  if (!stats.isDirectory()) {
    if (stats.nlink === 1) return stats.size;
    links.set(stats.ino, (links.get(stats.ino) ?? 0) + 1);
    return 0;
  }
  let bytes = 0;
  for (const name of await readdir(path)) bytes += await ownBytes(join(path, name), links);
  return bytes;
}
