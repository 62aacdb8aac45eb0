// What goes into each layer of an app image, in what order and owned by whom: buildpacks/lifecycle layers/{dir,launcher,slices,factory}.go
// and archive/archive.go. The result depends on names, modes, contents and the ids asked for, never on times or on the order of a directory.
import {posix} from 'node:path';
import {goFilepathClean, goFilepathMatch} from './go-filepath-match.ts';
import {OciError} from './oci-error.ts';
import {comparePaths} from './path-bytes.ts';
import {quoted} from './quoted.ts';
import type {TarEntry} from './tar-writer.ts';
import {diskEntry, type DiskFile, statDirectory, walkTree} from './walk-tree.ts';

/**
 * How a directory becomes entries. `uid` and `gid` own the directory and all below it. `parents` (default true) puts the directories above
 * it in front, which keep the owner and mode they have on disk unless `parentOwner` says otherwise. `asPath` records the tree under another
 * absolute path than the one it is read from; its parents are then those of the place it is read from, level by level.
 */
export type DirectoryOptions = {
  readonly uid: number;
  readonly gid: number;
  readonly parents?: boolean;
  readonly parentOwner?: {readonly uid: number; readonly gid: number};
  readonly asPath?: string;
};

/** One slice of the app directory: patterns as in `[[slices]] paths` of launch.toml. */
export type Slice = {readonly paths?: readonly string[] | undefined};

/** One app layer: `slice-<n>`, what history says of it, and what is in it. */
export type SliceLayer = {readonly id: string; readonly createdBy: string; readonly entries: Iterable<TarEntry>};

/**
 * A directory as a layer: its parents, itself, then everything below in the order of Go's filepath.Walk (names by bytes, depth first).
 * Sockets are left out. Read while you iterate; every file is opened without following links and must still be what the walk saw.
 * Throws OciErrors of kind `bad-path`, `file-changed`, `unsupported`, and the file system's own.
 */
export function* directoryLayerEntries(root: string, options: DirectoryOptions): Generator<TarEntry> {
  const from = cleanRoot(root);
  const as = cleanRoot(options.asPath ?? from);
  if (options.parents !== false) yield* parentEntries(from, as, options);
  for (const file of walkTree(from)) {
    if (file.kind !== 'socket') yield owned(diskEntry(file, recordedPath(file.path, from, as)), options);
  }
}

/**
 * The app directory cut into layers: one per slice, then one for what remains. A slice takes what its patterns match and no earlier slice has,
 * with all that is below a matched directory and the directories above it; a slice that takes nothing is an empty archive. Within a layer the
 * order is that of the whole paths' bytes, which is not the order of a walk.
 */
export function sliceLayerEntries(
  appDirectory: string,
  slices: readonly Slice[],
  options: DirectoryOptions,
): readonly SliceLayer[] {
  const from = cleanRoot(appDirectory);
  const as = cleanRoot(options.asPath ?? from);
  const tree = new SliceableTree(from);
  const layers = slices.map((slice) => tree.take(tree.matches(slice)));
  return [...layers, tree.takeRest()].map((files, index) => ({
    id: `slice-${index + 1}`,
    createdBy: slices.length === 0 ? 'Application Layer' : `Application Slice: ${index + 1}`,
    entries: sliceEntries(files, from, as, options),
  }));
}

/** The launcher layer: /cnb/lifecycle/launcher with this content, owned by root and executable whatever the file was. */
export function launcherLayerEntries(launcher: Buffer): readonly TarEntry[] {
  return [
    rootDirectory('/cnb'),
    rootDirectory('/cnb/lifecycle'),
    {path: launcherPath, kind: 'file', mode: 0o755, uid: 0, gid: 0, size: launcher.length, content: launcher},
  ];
}

/** The process types layer: one link to the launcher per type, in the order given. OciError `bad-path` for a type no file can be named after. */
export function processTypesLayerEntries(types: readonly string[]): readonly TarEntry[] {
  return [rootDirectory('/cnb'), rootDirectory('/cnb/process'), ...types.map(processLink)];
}

const launcherPath = '/cnb/lifecycle/launcher';

function rootDirectory(path: string): TarEntry {
  return {path, kind: 'directory', mode: 0o755, uid: 0, gid: 0};
}

function processLink(type: string): TarEntry {
  if (type === '') throw new OciError('bad-path', 'type is required for all processes');
  if (/[/><:|&\\]/.test(type)) {
    throw new OciError('bad-path', `invalid process type '${type}': type may not contain characters '/><:|&\\'`);
  }
  // Joined as upstream joins it: the types . and .. name a directory above.
  return {
    path: posix.join('/cnb/process', type),
    kind: 'symlink',
    mode: 0o755,
    uid: 0,
    gid: 0,
    linkTarget: launcherPath,
  };
}

function cleanRoot(path: string): string {
  if (posix.isAbsolute(path)) return goFilepathClean(path);
  throw new OciError('bad-path', `Expected an absolute path for a layer's directory, got ${quoted(path)}.`);
}

function owned(entry: TarEntry, options: DirectoryOptions): TarEntry {
  return {...entry, uid: options.uid, gid: options.gid};
}

function recordedPath(path: string, from: string, as: string): string {
  return from === as ? path : `${as === '/' ? '' : as}${path.slice(from === '/' ? 0 : from.length)}` || '/';
}

/** The directories above a layer's directory, outermost first, without the root of the file system. */
function* parentEntries(from: string, as: string, options: DirectoryOptions): Generator<TarEntry> {
  const parent = posix.dirname(as);
  if (parent === '/') return;
  const place = posix.dirname(from);
  yield* parentEntries(place, parent, options);
  yield {...diskEntry(statDirectory(place), parent), ...options.parentOwner};
}

function* sliceEntries(
  files: readonly DiskFile[],
  from: string,
  as: string,
  options: DirectoryOptions,
): Generator<TarEntry> {
  if (files.length === 0) return;
  if (options.parents !== false) yield* parentEntries(from, as, options);
  for (const file of files.toSorted((left, right) => comparePaths(left.path, right.path))) {
    if (file.kind !== 'socket') yield owned(diskEntry(file, recordedPath(file.path, from, as)), options);
  }
}

/** The app directory while it is cut into slices: every file, and whether a slice has taken it. */
class SliceableTree {
  readonly #root: string;
  readonly #files: ReadonlyMap<string, DiskFile>;
  readonly #children: ReadonlyMap<string, readonly string[]>;
  readonly #taken = new Set<string>();

  constructor(root: string) {
    this.#root = root;
    this.#files = new Map([...walkTree(root)].map((file) => [file.path, file]));
    this.#children = Map.groupBy(
      [...this.#files.keys()].filter((path) => path !== root),
      posix.dirname,
    );
  }

  /** The paths a slice's patterns name, pattern by pattern. */
  matches(slice: Slice): readonly string[] {
    const below = [...this.#files.keys()].filter((path) => path !== this.#root);
    return (slice.paths ?? []).flatMap((pattern) => {
      const clean = goFilepathClean(pattern);
      return below.filter((path) => goFilepathMatch(clean, posix.relative(this.#root, path)));
    });
  }

  /** Takes what was matched and nobody has, all below it, and the directories above it. */
  take(paths: readonly string[]): readonly DiskFile[] {
    const matched = new Set<string>();
    for (const path of paths) this.#takeTree(path, matched);
    const above = new Set([...matched].flatMap((path) => this.#parentsOf(path)).filter((path) => !matched.has(path)));
    this.#settleParents([...above]);
    return [...matched, ...above].flatMap((path) => this.#files.get(path) ?? []);
  }

  /** Takes everything that is left. */
  takeRest(): readonly DiskFile[] {
    return [...this.#files.values()].filter((file) => !this.#taken.has(file.path));
  }

  #takeTree(path: string, matched: Set<string>): void {
    if (this.#taken.has(path) || !this.#files.has(path)) return;
    for (const child of this.#children.get(path) ?? []) this.#takeTree(child, matched);
    matched.add(path);
    this.#taken.add(path);
  }

  #parentsOf(path: string): readonly string[] {
    const parent = posix.dirname(path);
    return parent === this.#root || path === this.#root ? [this.#root] : [...this.#parentsOf(parent), parent];
  }

  /** A directory all of whose children are taken is taken as well; one with something left stays for the rest, even if an earlier slice took it. */
  #settleParents(directories: readonly string[]): void {
    const depth = (path: string): number => path.split('/').length;
    for (const directory of directories.toSorted((left, right) => depth(right) - depth(left))) {
      const isSpent = (this.#children.get(directory) ?? []).every((child) => this.#taken.has(child));
      if (isSpent) this.#taken.add(directory);
      else this.#taken.delete(directory);
    }
  }
}
