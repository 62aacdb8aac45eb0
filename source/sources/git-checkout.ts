// Puts a commit of a git source into a directory, as kpack's prepare step does (`pkg/git/fetch.go`).
import {randomBytes} from 'node:crypto';
import {realpath} from 'node:fs/promises';
import {join} from 'node:path';
import type {GitSource} from '../domain/source.ts';
import {quoted} from '../oci/quoted.ts';
import {git} from './git-command.ts';
import type {GitMirrors} from './git-mirrors.ts';
import {checkGitUrl} from './git-url.ts';
import type {ProjectDescriptor} from './project-descriptor.ts';
import {isWholeId} from './resolve-git.ts';
import {settleTree} from './settle-tree.ts';
import {SourceError} from './source-error.ts';
import {subPathRoot} from './sub-path.ts';
import {submodulesOf} from './submodules.ts';

export type CheckoutRequest = {
  readonly source: GitSource;
  readonly commit: string;
  /** Exists and is empty. */
  readonly directory: string;
  readonly projectDescriptorPath: string | undefined;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
};

/**
 * The files of the commit, without `.git`, with submodules when the source asks for them, its sub path made the root and the project
 * descriptor's include and exclude applied. Links stay as they are. Rejects with a `SourceError`; `directory` is then of no use.
 */
export async function checkOutGit(request: CheckoutRequest, mirrors: GitMirrors): Promise<ProjectDescriptor> {
  const {source, commit, signal, log} = request;
  checkGitUrl(source.url);
  if (!isWholeId(commit))
    throw new SourceError(
      'bad-revision',
      `Expected a whole commit id to fetch, got ${quoted(commit)}. Resolve the source again.`,
    );
  log(`Cloning "${source.url}" @ "${commit}"...`);
  const descriptor = await settleTree({...request, subPath: source.subPath}, async ({tree, beside}) => {
    const submodules = source.initializeSubmodules === true;
    await checkOut({url: source.url, commit, tree, beside, signal, submodules, depth: 0}, mirrors);
  });
  log(`Successfully cloned "${source.url}" @ "${commit}" in path "/workspace"`);
  return descriptor;
}

type Checkout = {
  readonly url: string;
  readonly commit: string;
  readonly tree: string;
  /** Holds the index while git writes the tree. */
  readonly beside: string;
  readonly signal: AbortSignal;
  readonly submodules: boolean;
  /** 0 for the source itself, 1 for its submodules, and so on. */
  readonly depth: number;
};

const deepestSubmodule = 16;

async function checkOut(checkout: Checkout, mirrors: GitMirrors): Promise<void> {
  const {url, commit, tree, beside, signal, submodules, depth} = checkout;
  const fromRepository = depth > 0;
  const found = await mirrors.withCommit({url, commit, signal, fromRepository}, async (gitDirectory) => {
    const env = {GIT_INDEX_FILE: join(beside, `index-${randomBytes(6).toString('hex')}`), GIT_WORK_TREE: tree};
    await git(['read-tree', '--reset', '-u', commit], {gitDirectory, signal, env, cwd: tree});
    return submodules ? submodulesOf(gitDirectory, {commit, url, signal}) : [];
  });
  for (const submodule of found) {
    if (depth >= deepestSubmodule)
      throw new SourceError(
        'git-failed',
        `The submodules of the source are nested more than ${deepestSubmodule} deep, at ${quoted(submodule.path)}.`,
      );
    checkSubmoduleUrl(submodule.url, submodule.path);
    // The place is a directory that git made for the link: nothing else of the tree lies below it.
    const place = subPathRoot(await realpath(tree), submodule.path);
    await checkOut({...checkout, url: submodule.url, commit: submodule.commit, tree: place, depth: depth + 1}, mirrors);
  }
}

function checkSubmoduleUrl(url: string, path: string): void {
  try {
    checkGitUrl(url);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    throw new SourceError(error.kind, `The submodule at ${quoted(path)}: ${error.message}`, {cause: error});
  }
}
