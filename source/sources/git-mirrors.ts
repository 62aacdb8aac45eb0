// Keeps one bare repository per remote below the state directory, so that a second build of an app fetches only what is new.
import {createHash} from 'node:crypto';
import {existsSync} from 'node:fs';
import {mkdir, readdir, rm, stat, utimes} from 'node:fs/promises';
import {join} from 'node:path';
import {explainGitFailure} from './explain-git-failure.ts';
import {git, GitFailure} from './git-command.ts';
import {createInTurn} from './in-turn.ts';
import {SourceError} from './source-error.ts';

export type GitMirrors = {
  /**
   * Makes the commit present and calls `work` with the bare repository that holds it. Work on one remote happens one after another.
   * A repository that cannot be read any more is thrown away and made once again. Rejects with a `SourceError`.
   */
  withCommit<T>(request: CommitRequest, work: (gitDirectory: string) => Promise<T>): Promise<T>;
  /** The whole id of the one commit that begins with `shortId`; undefined when there is none or more than one. */
  completeId(url: string, shortId: string, idLength: 40 | 64, signal: AbortSignal): Promise<string | undefined>;
};

export type CommitRequest = {
  /** Already checked by `checkGitUrl`. */
  readonly url: string;
  /** A whole commit id. */
  readonly commit: string;
  readonly signal: AbortSignal;
  /** The address comes from a repository, not from the user: git then keeps `file` from it unless the user's settings allow that. */
  readonly fromRepository?: boolean;
};

/** A remote that nobody asked for in this long (milliseconds) is dropped when the next one is made: 30 days. */
const keptUnused = 30 * 24 * 60 * 60 * 1000;

/** How many fetched commits a mirror keeps alive; older ones are fetched again when needed. */
const keptCommits = 64;

/** `directory` is made when needed; `now` gives milliseconds since the epoch. */
export function createGitMirrors({
  directory,
  now,
}: {
  readonly directory: string;
  readonly now: () => number;
}): GitMirrors {
  const inTurn = createInTurn();

  const withMirror = <T>(place: Place, work: (gitDirectory: string) => Promise<T>) => {
    const gitDirectory = join(directory, mirrorName(place));
    const once = async () => {
      await makeMirror(gitDirectory, place, now());
      return work(gitDirectory);
    };
    return inTurn(gitDirectory, async () => {
      try {
        return await againAfterRepair(gitDirectory, once);
      } catch (error) {
        throw explainGitFailure(error, place.url);
      }
    });
  };

  return {
    withCommit: (request, work) =>
      withMirror({...request, idLength: request.commit.length === 64 ? 64 : 40}, async (gitDirectory) => {
        await fetchCommit(gitDirectory, request);
        return work(gitDirectory);
      }),
    completeId: (url, shortId, idLength, signal) =>
      withMirror({url, idLength, signal}, async (gitDirectory) => {
        await fetchEverything(gitDirectory, {url, signal});
        return completeIn(gitDirectory, shortId, signal);
      }),
  };
}

type Remote = {readonly url: string; readonly signal: AbortSignal; readonly fromRepository?: boolean};
type Place = Remote & {readonly idLength: 40 | 64};

/** What a repository names and what the user names are kept apart: the one must not be had because the other was. */
function mirrorName({url, idLength, fromRepository}: Place): string {
  return `${createHash('sha256')
    .update(`${idLength} ${fromRepository === true}\n${url}`)
    .digest('hex')
    .slice(0, 40)}.git`;
}

/**
 * Runs `work`, and once more without the mirror when it failed on that: a process that was killed in the middle leaves lock files or half a
 * repository, and nothing in it cannot be had again.
 */
async function againAfterRepair<T>(gitDirectory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isOfMirror(error)) throw error;
  }
  await rm(gitDirectory, {recursive: true, force: true});
  return work();
}

/** Whether git failed on the mirror itself, so that a new one may help; what the remote says is no such thing. */
function isOfMirror(error: unknown): boolean {
  return (
    error instanceof GitFailure &&
    !error.timedOut &&
    error.lines.some((line) =>
      /\.lock'|unable to create|bad object|corrupt|object file .* is empty|not a git repository: |bad config|shallow file|unable to read|invalid object|missing (?:blob|tree)/i.test(
        line,
      ),
    )
  );
}

async function makeMirror(gitDirectory: string, place: Place, now: number): Promise<void> {
  if (!existsSync(join(gitDirectory, 'HEAD'))) {
    await mkdir(gitDirectory, {recursive: true, mode: 0o700});
    await dropUnused(join(gitDirectory, '..'), now);
    const format = place.idLength === 64 ? 'sha256' : 'sha1';
    const {signal} = place;
    await git(['init', '--bare', '--quiet', '--template=', `--object-format=${format}`, '--', gitDirectory], {signal});
    await git(['config', 'remote.origin.url', place.url], {signal, gitDirectory});
  }
  await utimes(gitDirectory, now / 1000, now / 1000);
}

async function dropUnused(directory: string, now: number): Promise<void> {
  for (const name of await readdir(directory)) {
    const path = join(directory, name);
    if (!/^[\da-f]{40}\.git$/.test(name)) continue;
    const {mtimeMs} = await stat(path);
    if (now - mtimeMs > keptUnused) await rm(path, {recursive: true, force: true});
  }
}

async function fetchCommit(gitDirectory: string, request: CommitRequest): Promise<void> {
  if (!(await hasCommit(gitDirectory, request))) {
    await fetchOnlyCommit(gitDirectory, request);
    if (!(await hasCommit(gitDirectory, request))) await fetchEverything(gitDirectory, request);
    if (!(await hasCommit(gitDirectory, request))) throw commitGone(request);
    await keepCommit(gitDirectory, request);
  }
}

async function hasCommit(gitDirectory: string, {commit, signal}: CommitRequest): Promise<boolean> {
  try {
    await git(['cat-file', '-e', `${commit}^{tree}`], {gitDirectory, signal});
    return true;
  } catch (error) {
    if (error instanceof GitFailure && !isOfMirror(error)) return false;
    throw error;
  }
}

/** The commit alone, without its history. Servers that refuse this (an old one, a plain file server) are asked for everything instead. */
async function fetchOnlyCommit(gitDirectory: string, request: CommitRequest): Promise<void> {
  try {
    await fetch(gitDirectory, request, ['--depth=1'], [request.commit]);
  } catch (error) {
    if (!(error instanceof GitFailure) || !isRefusedWish(error)) throw error;
  }
}

function isRefusedWish(error: GitFailure): boolean {
  return error.lines.some((line) =>
    /not our ref|unadvertised object|couldn't find remote ref|does not support (?:shallow|--depth)|dumb http|did not send all|no such remote ref|remote error: upload-pack/i.test(
      line,
    ),
  );
}

async function fetchEverything(gitDirectory: string, remote: Remote): Promise<void> {
  const whole = existsSync(join(gitDirectory, 'shallow')) ? ['--unshallow'] : [];
  const refs = ['+refs/heads/*:refs/remotes/origin/*', '+refs/tags/*:refs/tags/*'];
  await fetch(gitDirectory, remote, ['--prune', ...whole], refs);
}

async function fetch(
  gitDirectory: string,
  {url, signal, fromRepository}: Remote,
  options: readonly string[],
  refs: readonly string[],
): Promise<void> {
  await git(
    [
      'fetch',
      '--quiet',
      '--no-tags',
      '--no-write-fetch-head',
      '--no-recurse-submodules',
      ...options,
      '--',
      url,
      ...refs,
    ],
    {gitDirectory, signal, env: {GIT_PROTOCOL_FROM_USER: fromRepository === true ? '0' : '1'}},
  );
}

/** Points a name at the commit, so that git's clean-up leaves it, and lets go of old ones. */
async function keepCommit(gitDirectory: string, {commit, signal}: CommitRequest): Promise<void> {
  await git(['update-ref', `refs/slipway/${commit}`, commit], {gitDirectory, signal});
  const listed = await git(['for-each-ref', '--sort=-committerdate', '--format=%(refname)', 'refs/slipway/'], {
    gitDirectory,
    signal,
  });
  const old = listed
    .split('\n')
    .slice(keptCommits)
    .filter((name) => name !== '' && !name.endsWith(commit));
  if (old.length > 0)
    await git(['update-ref', '--stdin'], {gitDirectory, signal, input: old.map((name) => `delete ${name}\n`).join('')});
}

function commitGone({url, commit}: CommitRequest): SourceError {
  return new SourceError(
    'unknown-revision',
    `The commit ${commit} is not in "${url}" (any more); a force push may have removed it. Choose a branch, tag or commit that exists.`,
  );
}

async function completeIn(gitDirectory: string, shortId: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    return await git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${shortId}^{commit}`], {
      gitDirectory,
      signal,
    });
  } catch (error) {
    if (error instanceof GitFailure && !isOfMirror(error)) return undefined;
    throw error;
  }
}
