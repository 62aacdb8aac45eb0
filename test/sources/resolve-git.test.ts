import {type AddressInfo, createServer, type Socket} from 'node:net';
import {chmodSync, existsSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {describe, expect, onTestFinished, test} from 'vitest';
import {
  aDirectory,
  aGitServer,
  aGitSource,
  aRepository,
  aResolver,
  never,
  problemOf,
  withEnvironment,
} from './a-repository.ts';

describe('a branch', () => {
  test('is the commit it points to, and moves with it', async () => {
    const repository = await aRepository();
    const first = await repository.commit({a: '1'});
    const {look} = aResolver();
    expect(await look(aGitSource(repository.path))).toEqual({kind: 'git', type: 'Branch', revision: first});
    const second = await repository.commit({a: '2'});
    expect((await look(aGitSource(repository.path))).revision).toBe(second);
  });

  test('wins over a tag of its name', async () => {
    const repository = await aRepository();
    await repository.commit({a: '1'});
    await repository.git('tag', 'main');
    const moved = await repository.commit({a: '2'});
    expect(await aResolver().look(aGitSource(repository.path))).toEqual({kind: 'git', type: 'Branch', revision: moved});
  });

  test('may have a slash, be written in full, or be HEAD', async () => {
    const repository = await aRepository();
    const commit = await repository.commit({a: '1'});
    await repository.git('branch', 'feature/x');
    const {look} = aResolver();
    for (const revision of ['feature/x', 'refs/heads/feature/x', 'HEAD']) {
      expect(await look(aGitSource(repository.path, {revision}))).toEqual({
        kind: 'git',
        type: 'Branch',
        revision: commit,
      });
    }
  });

  test('whose name reads like a commit is a branch all the same', async () => {
    const repository = await aRepository();
    const commit = await repository.commit({a: '1'});
    await repository.git('branch', 'deadbeef');
    expect(await aResolver().look(aGitSource(repository.path, {revision: 'deadbeef'}))).toEqual({
      kind: 'git',
      type: 'Branch',
      revision: commit,
    });
  });
});

describe('a tag', () => {
  test('is its commit, also when it is annotated', async () => {
    const repository = await aRepository();
    const commit = await repository.commit({a: '1'});
    await repository.git('tag', 'light');
    await repository.git('tag', '-a', '-m', 'a message', 'heavy');
    const {look} = aResolver();
    for (const revision of ['light', 'heavy', 'refs/tags/heavy']) {
      expect(await look(aGitSource(repository.path, {revision}))).toEqual({kind: 'git', type: 'Tag', revision: commit});
    }
  });
});

describe('a commit', () => {
  test('is taken as it is', async () => {
    const repository = await aRepository();
    const first = await repository.commit({a: '1'});
    await repository.commit({a: '2'});
    expect(await aResolver().look(aGitSource(repository.path, {revision: first.toUpperCase()}))).toEqual({
      kind: 'git',
      type: 'Commit',
      revision: first,
    });
  });

  test('may be shortened', async () => {
    const repository = await aRepository();
    const first = await repository.commit({a: '1'});
    await repository.commit({a: '2'});
    expect(await aResolver().look(aGitSource(repository.path, {revision: first.slice(0, 8)}))).toEqual({
      kind: 'git',
      type: 'Commit',
      revision: first,
    });
  });

  test('that nobody has is unknown when it is shortened', async () => {
    const repository = await aRepository();
    await repository.commit({a: '1'});
    const problem = await problemOf(aResolver().look(aGitSource(repository.path, {revision: '0123456'})));
    expect(problem.kind).toBe('unknown-revision');
  });
});

test('a branch that is not there is answered with the names near it', async () => {
  const repository = await aRepository();
  await repository.commit({a: '1'});
  await repository.git('branch', 'develop');
  await repository.git('branch', 'release/9');
  const problem = await problemOf(aResolver().look(aGitSource(repository.path, {revision: 'devlop'})));
  expect(problem.kind).toBe('unknown-revision');
  expect(problem.message).toBe(
    `There is no branch, tag or commit "devlop" in "${repository.path}". Near it: "develop".`,
  );
  const other = await problemOf(aResolver().look(aGitSource(repository.path, {revision: 'xyz'})));
  expect(other.message).toContain('There are "develop", "main", "release/9".');
});

test('an empty repository says that it is empty', async () => {
  const repository = await aRepository();
  const problem = await problemOf(aResolver().look(aGitSource(repository.path)));
  expect(problem.message).toContain('The repository has no branches and no tags yet.');
});

describe('a remote that cannot be read', () => {
  test('because nobody listens there is unreachable, and may be tried again', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => {
      server.once('listening', resolve);
    });
    const {port} = server.address() as AddressInfo;
    await new Promise((resolve) => {
      server.close(resolve);
    });
    const problem = await problemOf(aResolver().look(aGitSource(`http://127.0.0.1:${port}/a.git`)));
    expect(problem).toMatchObject({kind: 'unreachable', retryable: true});
    expect(problem.message).toMatch(/cannot be reached.*Git says: fatal: unable to access/);
  });

  test('because its host has no address is unreachable', async () => {
    const problem = await problemOf(aResolver().look(aGitSource('https://no-such-host.invalid/a.git')));
    expect(problem.kind).toBe('unreachable');
  });

  test('because there is no repository says so', async () => {
    const directory = aDirectory();
    const problem = await problemOf(aResolver().look(aGitSource(directory)));
    expect(problem).toMatchObject({kind: 'not-a-repository', retryable: false});
    const server = await aGitServer(directory);
    expect((await problemOf(aResolver().look(aGitSource(`${server.url}/none.git`)))).kind).toBe('not-a-repository');
  });

  test('because it wants a password asks for a credential helper and does not ask at a terminal', async () => {
    const server = await aGitServer(aDirectory(), (_request, response) => {
      response.writeHead(401, {'www-authenticate': 'Basic realm="git"'}).end();
      return true;
    });
    const problem = await problemOf(aResolver().look(aGitSource(`${server.url}/a.git`)));
    expect(problem.kind).toBe('authentication');
    expect(problem.message).toMatch(/credential helper, GIT_ASKPASS or an ssh agent/);
  });
});

test('GIT_ASKPASS is asked, and what it says reaches the remote but no message', async () => {
  const repository = await aRepository();
  const commit = await repository.commit({a: '1'});
  const askPass = join(aDirectory(), 'ask-pass');
  writeFileSync(askPass, '#!/bin/sh\necho hunter2\n');
  chmodSync(askPass, 0o755);
  withEnvironment({GIT_ASKPASS: askPass});
  const server = await aGitServer(join(repository.path, '..'), (request, response) => {
    if (request.headers.authorization !== undefined) return false;
    response.writeHead(401, {'www-authenticate': 'Basic realm="git"'}).end();
    return true;
  });
  const url = `${server.url}/${basename(repository.path)}/.git`;
  const {look, get} = aResolver();
  expect((await look(aGitSource(url))).revision).toBe(commit);
  const {log, fetched} = await get(aGitSource(url));
  expect(JSON.stringify([log, fetched])).not.toContain('hunter2');
  expect(server.requests.some(({authorization}) => authorization?.startsWith('Basic '))).toBe(true);
});

describe('hostile input', () => {
  test.each([
    ['a revision that is an option', {revision: '--upload-pack=touch /tmp/x'}, 'bad-revision'],
    ['a revision with a line break', {revision: 'main\nx'}, 'bad-revision'],
    ['no revision', {revision: ''}, 'bad-revision'],
    ['an address that is an option', {url: '--upload-pack=touch'}, 'bad-url'],
    ['an address that names a program', {url: 'ext::sh -c touch%20/tmp/x'}, 'bad-url'],
  ])('%s is refused before git is run', async (_name, fields, kind) => {
    withEnvironment({PATH: aDirectory()});
    const source = {...aGitSource('/nowhere'), ...fields};
    expect((await problemOf(aResolver().look(source))).kind).toBe(kind);
  });

  test('variables that point git elsewhere are left out', async () => {
    const repository = await aRepository();
    const commit = await repository.commit({a: '1'});
    const nowhere = join(aDirectory(), 'nowhere');
    withEnvironment({GIT_DIR: nowhere, GIT_INDEX_FILE: nowhere, GIT_OBJECT_DIRECTORY: nowhere, GIT_TRACE: nowhere});
    const {look, get} = aResolver();
    expect((await look(aGitSource(repository.path))).revision).toBe(commit);
    expect((await get(aGitSource(repository.path))).files).toEqual({a: '1'});
    expect(existsSync(nowhere)).toBe(false);
  });
});

test('without git on the PATH the error says what to install', async () => {
  withEnvironment({PATH: aDirectory()});
  const problem = await problemOf(aResolver().look(aGitSource('https://example.invalid/a.git')));
  expect(problem.kind).toBe('git-missing');
  expect(problem.message).toContain('Install git');
});

test('an abort ends git at once', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => void server.close());
  const {port} = server.address() as AddressInfo;
  const controller = new AbortController();
  const connection = new Promise<Socket>((resolve) => {
    server.once('connection', resolve);
  });
  const looking = aResolver().resolve(aGitSource(`http://127.0.0.1:${port}/a.git`), controller.signal);
  const ended = looking.catch((error: unknown) => error);
  const socket = await connection;
  const hungUp = new Promise((resolve) => {
    socket.once('close', resolve);
  });
  socket.resume();
  controller.abort(new Error('enough'));
  expect(await ended).toEqual(new Error('enough'));
  await hungUp;
});

test('an aborted signal starts nothing', async () => {
  const {resolve} = aResolver();
  await expect(resolve(aGitSource('/nowhere'), AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
  expect(never.aborted).toBe(false);
});
