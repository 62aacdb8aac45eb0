// Finds out which commit a git source stands for now (kpack: `pkg/git/remote_git_resolver.go`).
import type {GitSource, ResolvedSource} from '../domain/source.ts';
import {quoted} from '../oci/quoted.ts';
import {explainGitFailure} from './explain-git-failure.ts';
import {git} from './git-command.ts';
import type {GitMirrors} from './git-mirrors.ts';
import {checkGitUrl} from './git-url.ts';
import {nearNames} from './near-names.ts';
import {SourceError} from './source-error.ts';

/** Milliseconds that a list of a remote's branches and tags may take. */
const listTimeout = 120_000;

/**
 * The commit of a branch, a tag (an annotated one is followed to its commit) or `HEAD`, found with `git ls-remote`; otherwise a
 * revision that reads like a commit is one: a whole id is taken as it is, as in kpack, a shortened one is looked up by fetching.
 */
export async function resolveGit(source: GitSource, mirrors: GitMirrors, signal: AbortSignal): Promise<ResolvedSource> {
  checkGitUrl(source.url);
  checkRevision(source.revision);
  const refs = await listRefs(source.url, source.revision === 'HEAD' ? ['--', source.url, 'HEAD'] : undefined, signal);
  const ref = findRef(source.revision, refs);
  if (ref) return {kind: 'git', revision: ref.commit, type: ref.type};
  if (isWholeId(source.revision)) return {kind: 'git', revision: source.revision.toLowerCase(), type: 'Commit'};
  if (isShortId(source.revision)) {
    const commit = await mirrors.completeId(source.url, source.revision.toLowerCase(), idLength(refs), signal);
    if (commit !== undefined) return {kind: 'git', revision: commit, type: 'Commit'};
  }
  throw unknownRevision(source, refs);
}

/** Whether a text can be a whole commit id (SHA-1 or SHA-256). */
export function isWholeId(text: string): boolean {
  return /^(?:[\da-f]{40}|[\da-f]{64})$/i.test(text);
}

type Ref = {readonly name: string; readonly commit: string; readonly type: 'Branch' | 'Tag'};

function checkRevision(revision: string): void {
  const why =
    revision === ''
      ? 'nothing was given'
      : revision.startsWith('-')
        ? 'it begins with "-", which git would read as an option'
        : /[\p{Cc}\s]/u.test(revision)
          ? 'it holds white space or a control character'
          : undefined;
  if (why === undefined) return;
  throw new SourceError(
    'bad-revision',
    `Expected a branch, tag or commit as the revision, got ${quoted(revision)}: ${why}.`,
  );
}

async function listRefs(
  url: string,
  only: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<readonly Ref[]> {
  try {
    const options = {signal, timeout: listTimeout};
    return parseRefs(await git(['ls-remote', ...(only ?? ['--heads', '--tags', '--', url])], options));
  } catch (error) {
    throw explainGitFailure(error, url);
  }
}

function parseRefs(output: string): readonly Ref[] {
  const refs = new Map<string, Ref>();
  for (const line of output.split('\n')) {
    const [commit, full] = line.split('\t');
    if (commit === undefined || full === undefined || !isWholeId(commit)) continue;
    // An annotated tag is listed twice; `^{}` marks the commit it stands for and comes second.
    const name = full.replace(/\^\{\}$/, '');
    if (name === 'HEAD' || /^refs\/(?:heads|tags)\//.test(name))
      refs.set(name, {name, commit, type: name.startsWith('refs/tags/') ? 'Tag' : 'Branch'});
  }
  return [...refs.values()];
}

/** A branch wins over a tag of the same name, as in kpack, which takes the first in the remote's order. */
function findRef(revision: string, refs: readonly Ref[]): Ref | undefined {
  const names = [revision, `refs/heads/${revision}`, `refs/tags/${revision}`, `refs/${revision}`];
  return names.map((name) => refs.find((ref) => ref.name === name)).find((ref) => ref !== undefined);
}

function isShortId(text: string): boolean {
  return /^[\da-f]{4,63}$/i.test(text);
}

function idLength(refs: readonly Ref[]): 40 | 64 {
  return refs[0]?.commit.length === 64 ? 64 : 40;
}

function unknownRevision({url, revision}: GitSource, refs: readonly Ref[]): SourceError {
  const names = refs.map(({name}) => name.replace(/^refs\/(?:heads|tags)\//, ''));
  const near = nearNames(revision, names);
  const shown = (near.length > 0 ? near : names.slice(0, 5)).map((name) => quoted(name)).join(', ');
  const hint =
    names.length === 0
      ? 'The repository has no branches and no tags yet.'
      : near.length > 0
        ? `Near it: ${shown}.`
        : `There are ${shown}${names.length > 5 ? ` and ${names.length - 5} more` : ''}.`;
  return new SourceError(
    'unknown-revision',
    `There is no branch, tag or commit ${quoted(revision)} in "${url}". ${hint}`,
  );
}
