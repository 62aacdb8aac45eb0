// Finds out what sources are and puts them into directories: git repositories, local directories and zip archives.
import {statSync} from 'node:fs';
import {dirname} from 'node:path';
import type {LocalSource, ResolvedSource} from '../domain/source.ts';
import type {FetchedSource, FetchOptions, SourceResolver} from '../ports/source-resolver.ts';
import {digestArchive, extractArchive} from './archive.ts';
import {createFileDigests} from './file-digests.ts';
import {checkOutGit} from './git-checkout.ts';
import {createGitMirrors} from './git-mirrors.ts';
import {copyDirectory, digestDirectory, type LocalOptions} from './local-directory.ts';
import type {ProjectDescriptor} from './project-descriptor.ts';
import {resolveGit} from './resolve-git.ts';
import type {TreeLimits} from './scan-tree.ts';

export type SourceResolverOptions = {
  /** Where the bare repositories are kept; made when needed. Only one process at a time may use it. */
  readonly gitDirectory: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Left out of every local source; default: the directory that holds `gitDirectory`. */
  readonly stateDirectory?: string;
  /** How large a local source may be; default 500,000 files and 10 GiB. */
  readonly limits?: TreeLimits;
};

/**
 * The resolver of this machine. It rejects with `SourceError`s, or with the signal's reason when aborted. It remembers the digests of
 * local files, so one resolver should live as long as the controller.
 */
export function createSourceResolver(options: SourceResolverOptions): SourceResolver {
  const {gitDirectory, now, stateDirectory = dirname(gitDirectory), limits = defaultLimits} = options;
  const mirrors = createGitMirrors({directory: gitDirectory, now});
  const local: LocalOptions = {digests: createFileDigests(), stateDirectory, limits, now};
  return {
    async resolve(source, signal, {projectDescriptorPath} = {}) {
      switch (source.kind) {
        case 'git':
          return resolveGit(source, mirrors, signal);
        case 'local':
          return resolveLocal(source, projectDescriptorPath, signal, local);
        default:
          return source satisfies never;
      }
    },
    async fetch(source, revision, directory, fetchOptions) {
      switch (source.kind) {
        case 'git': {
          const request = {...fetchOptions, source, commit: revision.revision, directory};
          const projectDescriptorPath = fetchOptions.projectDescriptorPath;
          const descriptor = await checkOutGit({...request, projectDescriptorPath}, mirrors);
          return fetched(descriptor, fetchOptions, {
            type: 'git',
            version: {commit: revision.revision},
            metadata: {repository: source.url, revision: source.revision},
          });
        }
        case 'local':
          return fetchLocal(source, revision, directory, fetchOptions, local);
        default:
          return source satisfies never;
      }
    },
  };
}

const defaultLimits: TreeLimits = {entries: 500_000, bytes: 10 * 1024 ** 3};

async function resolveLocal(
  source: LocalSource,
  projectDescriptorPath: string | undefined,
  signal: AbortSignal,
  options: LocalOptions,
): Promise<ResolvedSource> {
  if (isFile(source.path))
    return {kind: 'local', type: 'Archive', revision: await digestArchive(source, options, signal)};
  const revision = await digestDirectory({source, projectDescriptorPath, signal}, options);
  return {kind: 'local', type: 'Directory', revision};
}

async function fetchLocal(
  source: LocalSource,
  {revision, type}: ResolvedSource,
  directory: string,
  fetchOptions: FetchOptions,
  options: LocalOptions,
): Promise<FetchedSource> {
  const {projectDescriptorPath, signal, log} = fetchOptions;
  const request = {source, projectDescriptorPath, signal, digest: revision, directory};
  log(`Copying "${source.path}" @ "${revision}"...`);
  const isArchive = type === 'Archive';
  const descriptor = await (isArchive ? extractArchive(request, options) : copyDirectory(request, options));
  log(`Successfully copied "${source.path}" @ "${revision}" in path "/workspace"`);
  // No path of this machine goes into an image: the same content gives the same image wherever it lay.
  return fetched(descriptor, fetchOptions, {
    type: isArchive ? 'archive' : 'directory',
    version: {digest: revision},
    metadata: {},
  });
}

function isFile(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isFile() ?? false;
}

function fetched(
  {env, notes}: ProjectDescriptor,
  {log}: FetchOptions,
  metadata: FetchedSource['metadata'],
): FetchedSource {
  for (const note of notes) log(note);
  return {env, metadata};
}
