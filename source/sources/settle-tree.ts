// The last steps of fetching a source that was unpacked beside its place: sub path, project descriptor, and the move into place.
import {randomBytes} from 'node:crypto';
import {mkdir, readdir, realpath, rename, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {decodePath, encodePath} from '../oci/path-bytes.ts';
import {fileSelection} from './file-selection.ts';
import {type ProjectDescriptor, readProjectDescriptor} from './project-descriptor.ts';
import {removeUnselected} from './remove-unselected.ts';
import {subPathRoot} from './sub-path.ts';

export type SettleRequest = {
  /** Exists and is empty. */
  readonly directory: string;
  readonly subPath: string | undefined;
  readonly projectDescriptorPath: string | undefined;
  readonly signal: AbortSignal;
};

/** Where to unpack: an empty directory, and one beside it for what only the unpacking needs. */
export type Stage = {readonly tree: string; readonly beside: string};

/**
 * Lets `unpack` fill a directory inside `directory` (so that moving is a rename), then makes `subPath` of it the root, applies the project
 * descriptor found there, and moves what is left into `directory`. Rejects with a `SourceError` or with what `unpack` rejects with.
 */
export async function settleTree(
  {directory, subPath, projectDescriptorPath, signal}: SettleRequest,
  unpack: (stage: Stage) => Promise<void>,
): Promise<ProjectDescriptor> {
  const beside = join(directory, `.slipway-${randomBytes(12).toString('hex')}`);
  try {
    const tree = join(beside, 'tree');
    await mkdir(tree, {recursive: true});
    await unpack({tree, beside});
    const root = subPathRoot(await realpath(tree), subPath);
    const descriptor = readProjectDescriptor(root, projectDescriptorPath);
    const selection = fileSelection(descriptor);
    if (selection) await removeUnselected(root, selection, signal);
    await moveContent(root, directory);
    return descriptor;
  } finally {
    await rm(beside, {recursive: true, force: true});
  }
}

async function moveContent(from: string, to: string): Promise<void> {
  for (const name of await readdir(encodePath(from), {encoding: 'buffer'})) {
    const text = decodePath(name);
    await rename(encodePath(`${from}/${text}`), encodePath(`${to}/${text}`));
  }
}
