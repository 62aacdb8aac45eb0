// Walks a local directory and says what of it is the source: version control's own directories, the state directory, what .gitignore files
// leave out and what the project descriptor does not select are not. No link is ever followed.
import {lstatSync, readdirSync, readlinkSync, type Stats} from 'node:fs';
import {comparePaths, decodePath, encodePath} from '../oci/path-bytes.ts';
import {quoted} from '../oci/quoted.ts';
import type {FileSelection} from './file-selection.ts';
import {type GitIgnoreRules, noGitIgnoreRules, readGitIgnore} from './git-ignore-rules.ts';
import {SourceError} from './source-error.ts';

/** `path` is relative to the tree's root with `/`, and made of `decodePath`'s text. */
export type TreeEntry =
  | {readonly kind: 'directory'; readonly path: string}
  | {readonly kind: 'file'; readonly path: string; readonly executable: boolean; readonly stats: Stats}
  | {readonly kind: 'symlink'; readonly path: string; readonly target: string};

export type ScanOptions = {
  /** A real path. The .gitignore files from here down count. */
  readonly root: string;
  /** Where the tree begins: the root or a directory below it, relative, without a slash at the end. */
  readonly start: string;
  readonly selection: FileSelection | undefined;
  /** Directories that are never part of a source, whatever they are called. */
  readonly hidden: readonly {readonly device: number; readonly inode: number}[];
  readonly limits: TreeLimits;
};

export type TreeLimits = {
  /** Files, links and directories. */
  readonly entries: number;
  readonly bytes: number;
};

/**
 * The entries of the source, a directory before what is in it, names in the order of their bytes; undefined for what is left out, so that the
 * caller can let others work. Sockets and named pipes are skipped.
 * Throws a `SourceError`: `unreadable` (with the path), `special-file`, `too-large`, or `changed` when something vanishes meanwhile.
 */
export function* scanTree(options: ScanOptions): Generator<TreeEntry | undefined> {
  const {root, start} = options;
  const from = start === '' ? '' : `${start}/`;
  let rules = noGitIgnoreRules();
  for (const above of parents(start)) rules = rulesIn(root, above, rules);
  const scan: Scan = {...options, from, counted: {entries: 0, bytes: 0}};
  yield* entriesOf(scan, '', rules);
}

type Scan = ScanOptions & {
  readonly from: string;
  readonly counted: {entries: number; bytes: number};
};

const versionControl: ReadonlySet<string> = new Set(['.git', '.hg', '.svn']);

function* entriesOf(scan: Scan, directory: string, outer: GitIgnoreRules): Generator<TreeEntry | undefined> {
  const rules = rulesIn(scan.root, scan.from + directory, outer);
  for (const name of namesIn(scan, directory)) {
    if (versionControl.has(name)) continue;
    const path = directory + name;
    const stats = look(scan, path, (bytes) => lstatSync(bytes));
    if (!stats.isDirectory()) yield isIn(scan, path, rules) ? count(scan, leafEntry(scan, path, stats)) : undefined;
    else if (isLeftOut(scan, `${path}/`, stats, rules)) yield undefined;
    else yield* directoryWith(scan, path, rules);
  }
}

function isIn(scan: Scan, path: string, rules: GitIgnoreRules): boolean {
  return !rules.ignores(scan.from + path) && scan.selection?.selects(path) !== false;
}

function isLeftOut(scan: Scan, path: string, stats: Stats, rules: GitIgnoreRules): boolean {
  return (
    scan.hidden.some(({device, inode}) => device === stats.dev && inode === stats.ino) ||
    rules.ignores(scan.from + path) ||
    scan.selection?.rulesOut(path) === true
  );
}

/** A directory is there when it is selected itself or holds something that is. */
function* directoryWith(scan: Scan, path: string, rules: GitIgnoreRules): Generator<TreeEntry | undefined> {
  const entry: TreeEntry = {kind: 'directory', path};
  let told = scan.selection?.selects(`${path}/`) ?? true;
  if (told) yield count(scan, entry);
  for (const below of entriesOf(scan, `${path}/`, rules)) {
    if (below && !told) {
      told = true;
      yield count(scan, entry);
    }
    yield below;
  }
}

function leafEntry(scan: Scan, path: string, stats: Stats): TreeEntry | undefined {
  if (stats.isFile()) return {kind: 'file', path, executable: (stats.mode & 0o100) !== 0, stats};
  if (stats.isSymbolicLink()) {
    const target = look(scan, path, (bytes) => readlinkSync(bytes, {encoding: 'buffer'}));
    return {kind: 'symlink', path, target: decodePath(target)};
  }
  if (stats.isSocket() || stats.isFIFO()) return undefined;
  throw new SourceError(
    'special-file',
    `${quoted(scan.from + path)} in ${quoted(scan.root)} is a device, which no source can hold. Remove it or list it in .gitignore.`,
  );
}

function count(scan: Scan, entry: TreeEntry | undefined): TreeEntry | undefined {
  if (!entry) return undefined;
  const {counted, limits} = scan;
  counted.entries += 1;
  counted.bytes += entry.kind === 'file' ? entry.stats.size : 0;
  const over =
    counted.entries > limits.entries
      ? `more than ${limits.entries.toLocaleString('en')} files`
      : counted.bytes > limits.bytes
        ? `more than ${inWords(limits.bytes)}`
        : undefined;
  if (over === undefined) return entry;
  throw new SourceError(
    'too-large',
    `The source ${quoted(scan.root)} holds ${over} (reached at ${quoted(scan.from + entry.path)}). Leave out what the build does not need, with .gitignore or exclude in project.toml, or give a sub path.`,
  );
}

function inWords(bytes: number): string {
  return bytes >= 1024 ** 3 ? `${Math.floor(bytes / 1024 ** 3)} GiB` : `${bytes} bytes`;
}

function rulesIn(root: string, directory: string, outer: GitIgnoreRules): GitIgnoreRules {
  try {
    const text = readGitIgnore(`${root}/${directory}.gitignore`);
    return text === undefined ? outer : outer.within(directory, text);
  } catch (error) {
    throw unreadable(root, `${directory}.gitignore`, error);
  }
}

function namesIn(scan: Scan, directory: string): readonly string[] {
  const names = look(scan, directory, (path) => readdirSync(path, {encoding: 'buffer'}));
  return names.map(decodePath).toSorted(comparePaths);
}

function look<T>({root, from}: Scan, path: string, read: (path: Buffer) => T): T {
  try {
    return read(encodePath(`${root}/${from}${path}`));
  } catch (error) {
    throw unreadable(root, from + path, error);
  }
}

/** The error for a file that could not be read: it has gone meanwhile, or may not be read. */
export function unreadable(root: string, path: string, cause: unknown): SourceError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const name = `${quoted(path === '' ? '.' : path)} in ${quoted(root)}`;
  if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP')
    return new SourceError('changed', `${name} changed while it was read. It is tried again.`, {cause});
  const why =
    code === 'EACCES' || code === 'EPERM'
      ? 'permission denied'
      : cause instanceof Error
        ? cause.message
        : String(cause);
  return new SourceError(
    'unreadable',
    `${name} cannot be read: ${why}. Make it readable for the user who runs the controller, or list it in .gitignore.`,
    {cause},
  );
}

/** `a/b/c` gives the root, `a/` and `a/b/`: what is above the start. */
function parents(start: string): readonly string[] {
  if (start === '') return [];
  const parts = start.split('/');
  return parts.map((_, index) =>
    parts
      .slice(0, index)
      .map((part) => `${part}/`)
      .join(''),
  );
}
