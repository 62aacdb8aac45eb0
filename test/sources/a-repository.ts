// Real git repositories, directories and a small git server for the tests.
import {spawn} from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {execa} from 'execa';
import {onTestFinished} from 'vitest';
import type {GitSource, ResolvedSource} from '../../source/domain/source.ts';
import type {FetchedSource} from '../../source/ports/source-resolver.ts';
import {createSourceResolver, type SourceResolverOptions} from '../../source/sources/create-source-resolver.ts';
import {SourceError} from '../../source/sources/source-error.ts';

/** A directory that is gone when the test ends. */
export function aDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-sources-'));
  onTestFinished(() => rmSync(directory, {recursive: true, force: true}));
  return directory;
}

/** Writes files given as `{path: text}`; a path that ends in a slash is an empty directory, text `-> target` a link. */
export function writeFiles(root: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    const place = join(root, path);
    mkdirSync(path.endsWith('/') ? place : dirname(place), {recursive: true});
    if (path.endsWith('/')) continue;
    rmSync(place, {force: true});
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), place);
    else writeFileSync(place, text);
  }
  return root;
}

/** What `writeFiles` would write; executable files have `#x ` before their text. */
export function readFiles(root: string, below = ''): Record<string, string> {
  const files: Record<string, string> = {};
  for (const entry of readdirSync(join(root, below), {withFileTypes: true})) {
    const path = below + entry.name;
    const place = join(root, path);
    if (entry.isSymbolicLink()) files[path] = `-> ${readlinkSync(place)}`;
    else if (entry.isFile())
      files[path] = ((statSync(place).mode & 0o100) === 0 ? '' : '#x ') + readFileSync(place, 'utf8');
    else {
      const within = readFiles(root, `${path}/`);
      if (Object.keys(within).length === 0) files[`${path}/`] = '';
      Object.assign(files, within);
    }
  }
  return files;
}

export type Repository = {
  readonly path: string;
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** Writes files, commits everything and gives the commit's id. */
  readonly commit: (files?: Readonly<Record<string, string>>) => Promise<string>;
};

/** A repository on branch `main` without commits. */
export async function aRepository(options: {readonly objectFormat?: 'sha1' | 'sha256'} = {}): Promise<Repository> {
  const path = aDirectory();
  const git = async (...args: readonly string[]) => (await execa('git', ['-C', path, ...args], {env: gitEnv})).stdout;
  await git('init', '--quiet', '--initial-branch=main', `--object-format=${options.objectFormat ?? 'sha1'}`);
  const commit = async (files: Readonly<Record<string, string>> = {}) => {
    writeFiles(path, files);
    await git('add', '--all', '--force');
    await git('commit', '--quiet', '--allow-empty', '--message=a change');
    return git('rev-parse', 'HEAD');
  };
  return {path, git, commit};
}

const gitEnv = {
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.invalid',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.invalid',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

/** Sets variables for the rest of the test. */
export function withEnvironment(variables: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    onTestFinished(() => {
      if (before === undefined) delete process.env[name];
      else process.env[name] = before;
    });
  }
}

/** A resolver with a state directory of its own, and shorter ways to call it. */
export function aResolver(options: Partial<SourceResolverOptions> = {}) {
  const gitDirectory = options.gitDirectory ?? join(aDirectory(), 'git');
  const resolver = createSourceResolver({gitDirectory, now: () => Date.now(), ...options});
  return {
    ...resolver,
    gitDirectory,
    look: (source: Parameters<typeof resolver.resolve>[0]) => resolver.resolve(source, never),
    async get(
      source: Parameters<typeof resolver.resolve>[0],
      revision?: ResolvedSource,
      projectDescriptorPath?: string,
    ): Promise<{directory: string; files: Record<string, string>; log: readonly string[]; fetched: FetchedSource}> {
      const directory = aDirectory();
      const log: string[] = [];
      const found = revision ?? (await resolver.resolve(source, never, {projectDescriptorPath}));
      const fetched = await resolver.fetch(source, found, directory, {
        signal: never,
        log: (line) => log.push(line),
        projectDescriptorPath,
      });
      return {directory, files: readFiles(directory), log, fetched};
    },
  };
}

export const never = new AbortController().signal;

export function aGitSource(url: string, fields: Partial<GitSource> = {}): GitSource {
  return {kind: 'git', url, revision: 'main', ...fields};
}

/** The `SourceError` that a promise rejects with. */
export async function problemOf(promise: Promise<unknown>): Promise<SourceError> {
  const outcome = await promise.then(
    () => new Error('it did not reject'),
    (error: unknown) => error,
  );
  if (outcome instanceof SourceError) return outcome;
  throw outcome;
}

export type GitServer = {
  readonly url: string;
  /** The authorization header of every request. */
  readonly requests: {readonly authorization: string | undefined}[];
};

/** Serves the repositories below `root` over http with git's own backend; `handle` may answer a request before. */
export async function aGitServer(
  root: string,
  handle: (request: IncomingMessage, response: ServerResponse) => boolean = () => false,
): Promise<GitServer> {
  const requests: GitServer['requests'] = [];
  const server = createServer((request, response) => {
    requests.push({authorization: request.headers.authorization});
    if (!handle(request, response)) serve(root, request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests};
}

function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const backend = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'],
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'safe.directory',
      GIT_CONFIG_VALUE_0: '*',
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(backend.stdin);
  const pieces: Buffer[] = [];
  backend.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  backend.stdout.on('end', () => {
    const all = Buffer.concat(pieces);
    const end = all.indexOf('\r\n\r\n');
    for (const line of all.toString('latin1', 0, end).split('\r\n')) {
      const [name = '', value = ''] = line.split(': ');
      if (name === 'Status') response.statusCode = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.end(all.subarray(end + 4));
  });
}
