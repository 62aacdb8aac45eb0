// A directory of this machine as a source: its content digest, and an exact copy of what has that digest.
import {createHash} from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  mkdirSync,
  openSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import {relative} from 'node:path';
import type {LocalSource} from '../domain/source.ts';
import {encodePath} from '../oci/path-bytes.ts';
import {quoted} from '../oci/quoted.ts';
import {createBreathe} from './breathe.ts';
import {type FileDigests, isStill, type KnownFile, knownFile} from './file-digests.ts';
import {fileSelection} from './file-selection.ts';
import {type ProjectDescriptor, readProjectDescriptor} from './project-descriptor.ts';
import {readPieces} from './read-pieces.ts';
import {scanTree, type TreeEntry, type TreeLimits, unreadable} from './scan-tree.ts';
import {SourceError} from './source-error.ts';
import {subPathRoot} from './sub-path.ts';
import {createTreeDigest} from './tree-digest.ts';

export type LocalOptions = {
  readonly digests: FileDigests;
  /** Never part of a source; need not exist. */
  readonly stateDirectory: string;
  readonly limits: TreeLimits;
  readonly now: () => number;
};

export type LocalRequest = {
  readonly source: LocalSource;
  readonly projectDescriptorPath: string | undefined;
  readonly signal: AbortSignal;
};

/** The content digest (`sha256:…`) of what a copy would hold. Rejects with a `SourceError`. */
export async function digestDirectory(request: LocalRequest, options: LocalOptions): Promise<string> {
  return (await lookAt(openTree(request, options), request.signal, options)).digest;
}

/**
 * Writes the tree into `directory`, which exists and is empty, when it still has this digest, and checks that digest against what was
 * written. Files get mode 0644 or 0755, so that the same digest gives the same bytes whoever made the files. Rejects with a
 * `SourceError` (kind `changed`) when the tree is not, or stops being, the one of the digest.
 */
export async function copyDirectory(
  request: LocalRequest & {readonly digest: string; readonly directory: string},
  options: LocalOptions,
): Promise<ProjectDescriptor> {
  const tree = openTree(request, options);
  const before = options.digests.tree(tree.key);
  const found = await lookAt(tree, request.signal, options);
  if (found.digest !== request.digest)
    throw notThatDigest(
      tree,
      request.digest,
      before.digest === request.digest ? differing(before.files, found.files) : [],
    );
  const written = await copyTree(tree, found.files, request);
  if (written !== request.digest) throw notThatDigest(tree, request.digest, []);
  return tree.descriptor;
}

type Tree = {
  /** Real path of the source. */
  readonly root: string;
  /** Where the tree begins, relative to the root. */
  readonly start: string;
  /** Real path of where the tree begins, with a slash. */
  readonly place: string;
  readonly key: string;
  readonly descriptor: ProjectDescriptor;
  readonly scan: () => Generator<TreeEntry | undefined>;
};

type Found = {readonly digest: string; readonly files: ReadonlyMap<string, KnownFile>};

function openTree({source, projectDescriptorPath}: LocalRequest, {stateDirectory, limits}: LocalOptions): Tree {
  const root = realRoot(source.path);
  const real = subPathRoot(root, source.subPath);
  const start = relative(root, real);
  const descriptor = readProjectDescriptor(real, projectDescriptorPath);
  const selection = fileSelection(descriptor);
  const hidden = [stateDirectory].flatMap(identity);
  return {
    root,
    start,
    place: real === '/' ? real : `${real}/`,
    key: `${root}\0${start}\0${projectDescriptorPath ?? ''}`,
    descriptor,
    scan: () => scanTree({root: root === '/' ? '' : root, start, selection, hidden, limits}),
  };
}

function realRoot(path: string): string {
  try {
    const root = realpathSync(path);
    if (statSync(root).isDirectory()) return root;
  } catch (error) {
    throw notFound(path, error);
  }
  throw notFound(path);
}

function notFound(path: string, cause?: unknown): SourceError {
  return new SourceError(
    'not-found',
    `Expected a directory at ${quoted(path)}, found none. Create it or change the image's source.`,
    {cause},
  );
}

function identity(path: string): readonly {readonly device: number; readonly inode: number}[] {
  const stats = statSync(path, {throwIfNoEntry: false});
  return stats ? [{device: stats.dev, inode: stats.ino}] : [];
}

/** One look at the tree: content is read only where it is not known from the look before. */
async function lookAt(tree: Tree, signal: AbortSignal, {digests, now}: LocalOptions): Promise<Found> {
  const breathe = createBreathe(signal);
  const known = digests.tree(tree.key).files;
  const files = new Map<string, KnownFile>();
  const digest = createTreeDigest();
  for (const entry of tree.scan()) {
    await breathe();
    if (!entry) continue;
    if (entry.kind !== 'file') {
      digest.add(entry);
      continue;
    }
    const earlier = known.get(entry.path);
    const file = isStill(earlier, entry.stats)
      ? earlier
      : knownFile(entry.stats, await digestOf(tree, entry, () => {}, breathe), now());
    files.set(entry.path, file);
    digest.add(entry, file.digest);
  }
  const found = {digest: digest.finish(), files};
  digests.remember(tree.key, files, found.digest);
  return found;
}

async function copyTree(
  tree: Tree,
  files: ReadonlyMap<string, KnownFile>,
  {directory, signal}: {readonly directory: string; readonly signal: AbortSignal},
): Promise<string> {
  const breathe = createBreathe(signal);
  const digest = createTreeDigest();
  for (const entry of tree.scan()) {
    await breathe();
    if (!entry) continue;
    const target = encodePath(`${directory}/${entry.path}`);
    switch (entry.kind) {
      case 'directory':
        mkdirSync(target);
        chmodSync(target, 0o755);
        digest.add(entry);
        break;
      case 'symlink':
        symlinkSync(encodePath(entry.target), target);
        digest.add(entry);
        break;
      case 'file': {
        const content = await copyFile(tree, entry, target, breathe);
        if (content !== files.get(entry.path)?.digest) throw changedMeanwhile(tree, entry.path);
        digest.add(entry, content);
        break;
      }
      default:
        entry satisfies never;
    }
  }
  return digest.finish();
}

type FileEntry = Extract<TreeEntry, {kind: 'file'}>;

async function copyFile(
  tree: Tree,
  entry: FileEntry,
  target: Buffer,
  breathe: () => Promise<void> | undefined,
): Promise<string> {
  const mode = entry.executable ? 0o755 : 0o644;
  const descriptor = openSync(
    target,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    mode,
  );
  try {
    const write = (piece: Buffer) => {
      for (let at = 0; at < piece.length; ) at += writeSync(descriptor, piece, at);
    };
    const content = await digestOf(tree, entry, write, breathe);
    fchmodSync(descriptor, mode);
    return content;
  } finally {
    closeSync(descriptor);
  }
}

/** The hexadecimal SHA-256 of a file's content, which `take` sees as well. */
async function digestOf(
  tree: Tree,
  entry: FileEntry,
  take: (piece: Buffer) => void,
  breathe: () => Promise<void> | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  const both = (piece: Buffer) => {
    hash.update(piece);
    take(piece);
  };
  try {
    await readPieces(tree.place + entry.path, entry.stats, both, breathe);
  } catch (error) {
    if (error instanceof Error && 'syscall' in error && (error.syscall === 'open' || error.syscall === 'read'))
      throw unreadable(tree.root, entry.path, error);
    throw error;
  }
  return hash.digest('hex');
}

function differing(before: ReadonlyMap<string, KnownFile>, after: ReadonlyMap<string, KnownFile>): readonly string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path)?.digest !== after.get(path)?.digest);
}

function changedMeanwhile(tree: Tree, path: string): SourceError {
  return new SourceError(
    'changed',
    `${quoted(path)} in ${quoted(tree.place)} changed while it was copied. It is tried again with the new content.`,
  );
}

function notThatDigest(tree: Tree, digest: string, paths: readonly string[]): SourceError {
  const names = paths.slice(0, 3).map((path) => quoted(path));
  const which =
    names.length === 0 ? '' : ` (${names.join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''})`;
  return new SourceError(
    'changed',
    `The source ${quoted(tree.place)} changed since it was looked at${which}: its content is no longer ${digest.slice(0, 19)}…. It is tried again with the new content.`,
  );
}
