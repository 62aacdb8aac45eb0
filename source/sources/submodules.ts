// The submodules of a commit, read from the repository alone, so that nothing a .gitmodules file says beyond path and address counts.
import {posix} from 'node:path';
import {git, GitFailure} from './git-command.ts';
import {quoted} from '../oci/quoted.ts';
import {SourceError} from './source-error.ts';

export type Submodule = {
  /** Relative to the root of the repository that holds it. */
  readonly path: string;
  readonly url: string;
  readonly commit: string;
};

/**
 * The submodules that `commit` holds, with relative addresses (`../lib`) made whole against `url`, the address of the repository.
 * Rejects with a `SourceError` when a submodule has no address in .gitmodules.
 */
export async function submodulesOf(
  gitDirectory: string,
  {commit, url, signal}: {readonly commit: string; readonly url: string; readonly signal: AbortSignal},
): Promise<readonly Submodule[]> {
  const links = gitLinks(await git(['ls-tree', '-r', '-z', commit], {gitDirectory, signal}));
  if (links.length === 0) return [];
  const urls = await addresses(gitDirectory, commit, signal);
  return links.map(({path, commit: at}) => {
    const address = urls.get(path);
    if (address !== undefined) return {path, commit: at, url: wholeUrl(address, url)};
    throw new SourceError(
      'git-failed',
      `The submodule at ${quoted(path)} has no address in .gitmodules. Add one, or turn initializeSubmodules off for this image.`,
    );
  });
}

/** `160000 commit <id>\t<path>` are the links to other repositories. */
function gitLinks(listed: string): readonly {readonly path: string; readonly commit: string}[] {
  return listed.split('\0').flatMap((line) => {
    const match = /^160000 commit ([\da-f]+)\t(.+)$/s.exec(line);
    return match?.[1] !== undefined && match[2] !== undefined ? [{commit: match[1], path: match[2]}] : [];
  });
}

async function addresses(
  gitDirectory: string,
  commit: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const sections = new Map<string, {path?: string; url?: string}>();
  for (const line of (await readGitModules(gitDirectory, commit, signal)).split('\0')) {
    const match = /^submodule\.(.+)\.(path|url)\n(.*)$/s.exec(line);
    if (match?.[1] === undefined || match[3] === undefined) continue;
    const section = sections.get(match[1]) ?? {};
    sections.set(match[1], {...section, [match[2] === 'path' ? 'path' : 'url']: match[3]});
  }
  return new Map(
    [...sections.values()].flatMap(({path, url}) =>
      path === undefined || url === undefined ? [] : [[path.replace(/\/+$/, ''), url] as const],
    ),
  );
}

async function readGitModules(gitDirectory: string, commit: string, signal: AbortSignal): Promise<string> {
  const args = [
    'config',
    '-z',
    `--blob=${commit}:.gitmodules`,
    '--get-regexp',
    String.raw`^submodule\..*\.(path|url)$`,
  ];
  try {
    return await git(args, {gitDirectory, signal});
  } catch (error) {
    // A commit without the file, or one that says nothing: the links then have no address, which is said there.
    if (error instanceof GitFailure) return '';
    throw error;
  }
}

function wholeUrl(address: string, url: string): string {
  if (!/^\.\.?(?:\/|$)/.test(address)) return address;
  const [, start = '', path = ''] = /^([a-z][a-z\d+.-]*:\/\/[^/]*|[^/:]*:(?!\/\/))?(.*)$/is.exec(url) ?? [];
  return start + posix.normalize(`${path.replace(/\/+$/, '')}/${address}`).replace(/\/+$/, '');
}
