import {existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync} from 'node:fs';
import {basename, join} from 'node:path';
import {describe, expect, test} from 'vitest';
import {
  aDirectory,
  aGitServer,
  aGitSource,
  aRepository,
  aResolver,
  never,
  problemOf,
  type Repository,
  withEnvironment,
  writeFiles,
} from './a-repository.ts';

test('the files of the commit are there, without .git, links and executable bits as they are', async () => {
  const repository = await aRepository();
  writeFiles(repository.path, {
    run: 'run',
    'a/b': 'text',
    link: '-> a/b',
    outside: '-> /etc/passwd',
    'name with "quotes"': 'x',
  });
  await repository.git('add', '--all');
  await repository.git('update-index', '--chmod=+x', 'run');
  await repository.git('commit', '-qm', 'x');
  const {files, log, fetched, directory} = await aResolver().get(aGitSource(repository.path));
  expect(files).toEqual({
    run: '#x run',
    'a/b': 'text',
    link: '-> a/b',
    outside: '-> /etc/passwd',
    'name with "quotes"': 'x',
  });
  expect(readdirSync(directory)).not.toContain('.git');
  const commit = await repository.git('rev-parse', 'HEAD');
  expect(log).toEqual([
    `Cloning "${repository.path}" @ "${commit}"...`,
    `Successfully cloned "${repository.path}" @ "${commit}" in path "/workspace"`,
  ]);
  expect(fetched).toEqual({
    env: [],
    metadata: {type: 'git', version: {commit}, metadata: {repository: repository.path, revision: 'main'}},
  });
});

test('an older commit is fetched as it was, after a newer one', async () => {
  const repository = await aRepository();
  const first = await repository.commit({a: '1'});
  await repository.commit({a: '2', b: '2'});
  const {get} = aResolver();
  expect((await get(aGitSource(repository.path))).files).toEqual({a: '2', b: '2'});
  expect((await get(aGitSource(repository.path), {kind: 'git', type: 'Commit', revision: first})).files).toEqual({
    a: '1',
  });
});

test('a second fetch of a commit needs no remote', async () => {
  const repository = await aRepository();
  const revision = await repository.commit({a: '1'});
  const {get} = aResolver();
  await get(aGitSource(repository.path));
  rmSync(join(repository.path, '.git'), {recursive: true});
  expect((await get(aGitSource(repository.path), {kind: 'git', type: 'Branch', revision})).files).toEqual({a: '1'});
});

test('only the commit travels, not its history', async () => {
  const repository = await aRepository();
  const first = await repository.commit({a: '1'});
  await repository.commit({a: '2'});
  const server = await aGitServer(repository.path);
  const resolver = aResolver();
  expect((await resolver.get(aGitSource(`${server.url}/.git`))).files).toEqual({a: '2'});
  const [mirror] = readdirSync(resolver.gitDirectory);
  const shallow = readFileSync(join(resolver.gitDirectory, mirror ?? '', 'shallow'), 'utf8');
  expect(shallow.trim()).toBe(await repository.git('rev-parse', 'HEAD'));
  expect(shallow).not.toContain(first);
});

test('a plain file server, which knows no shallow fetch, is asked for everything', async () => {
  const repository = await aRepository();
  const first = await repository.commit({a: '1'});
  await repository.commit({a: '2'});
  await repository.git('update-server-info');
  const server = await aGitServer(repository.path, (request, response) => {
    const path = join(repository.path, new URL(request.url ?? '', 'http://localhost').pathname);
    if (existsSync(path)) response.end(readFileSync(path));
    else response.writeHead(404).end();
    return true;
  });
  const {get} = aResolver();
  const url = `${server.url}/.git`;
  expect((await get(aGitSource(url))).files).toEqual({a: '2'});
  expect((await get(aGitSource(url, {revision: first}))).files).toEqual({a: '1'});
});

test('a repository with SHA-256 ids is fetched too', async () => {
  const repository = await aRepository({objectFormat: 'sha256'});
  const commit = await repository.commit({a: '1'});
  expect(commit).toHaveLength(64);
  const {files, fetched} = await aResolver().get(aGitSource(repository.path));
  expect(files).toEqual({a: '1'});
  expect(fetched.metadata.version).toEqual({commit});
});

test('a commit that is not there any more is unknown, with the next step', async () => {
  const repository = await aRepository();
  await repository.commit({a: '1'});
  const gone = {kind: 'git', type: 'Commit', revision: '0123456789'.repeat(4)} as const;
  const problem = await problemOf(aResolver().get(aGitSource(repository.path), gone));
  expect(problem.kind).toBe('unknown-revision');
  expect(problem.message).toContain('Choose a branch, tag or commit that exists.');
});

describe('a sub path', () => {
  const files = {'apps/one/a': '1', 'apps/two/b': '2', up: '-> ..', etc: '-> /etc', readme: 'x'};

  test('becomes the root', async () => {
    const repository = await aRepository();
    await repository.commit(files);
    const {get} = aResolver();
    expect((await get(aGitSource(repository.path, {subPath: 'apps/one'}))).files).toEqual({a: '1'});
    expect((await get(aGitSource(repository.path, {subPath: './apps/two/'}))).files).toEqual({b: '2'});
  });

  test('that leads nowhere is refused in words, and nothing is left behind', async () => {
    const repository = await aRepository();
    await repository.commit(files);
    const resolver = aResolver();
    const found = await resolver.look(aGitSource(repository.path));
    for (const [subPath, words] of refusals) {
      const directory = aDirectory();
      const options = {signal: never, log: () => {}};
      const problem = await problemOf(
        resolver.fetch(aGitSource(repository.path, {subPath}), found, directory, options),
      );
      expect(problem.kind).toBe('bad-sub-path');
      expect(problem.message).toContain(words);
      expect(readdirSync(directory)).toEqual([]);
    }
  });

  const refusals = [
    ['apps/three', 'There is no directory "apps/three" in the source. There are "one", "two".'],
    ['nowhere', 'There is no directory "nowhere" in the source. There are "apps".'],
    ['readme', 'is a file, expected a directory'],
    ['../x', 'leads out of the source'],
    ['/etc', 'leads out of the source'],
    ['up', 'leads out of the source through a symbolic link'],
    ['etc', 'leads out of the source through a symbolic link'],
  ] as const;
});

describe('submodules', () => {
  /** An app with a library in it, which has one in it as well; both at addresses relative to their own repository. */
  async function aRepositoryWithSubmodule() {
    const [inner, library, app] = await Promise.all([aRepository(), aRepository(), aRepository()]);
    const deep = await inner.commit({deep: 'deep'});
    const lib = await aSubmodule(library, 'inner', `../${basename(inner.path)}`, deep, {lib: 'lib'});
    await aSubmodule(app, 'libs/one', `../${basename(library.path)}`, lib, {app: 'app'});
    return app;
  }

  test('are empty directories unless they are asked for', async () => {
    const app = await aRepositoryWithSubmodule();
    const {files} = await aResolver().get(aGitSource(app.path));
    expect(Object.keys(files).toSorted()).toEqual(['.gitmodules', 'app', 'libs/one/']);
  });

  test('are there with their own submodules, without any .git', async () => {
    const app = await aRepositoryWithSubmodule();
    const server = await aGitServer(join(app.path, '..'));
    const {files} = await aResolver().get(
      aGitSource(`${server.url}/${basename(app.path)}`, {initializeSubmodules: true}),
    );
    expect(files).toMatchObject({app: 'app', 'libs/one/lib': 'lib', 'libs/one/inner/deep': 'deep'});
    expect(Object.keys(files).filter((path) => path.split('/').includes('.git'))).toEqual([]);
  });

  test('from this machine need git to be told that they are allowed', async () => {
    const app = await aRepositoryWithSubmodule();
    const source = aGitSource(app.path, {initializeSubmodules: true});
    const problem = await problemOf(aResolver().get(source));
    expect(problem.message).toMatch(/do not allow.*transport 'file' not allowed/);
    withEnvironment({
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: 'protocol.file.allow',
      GIT_CONFIG_VALUE_0: 'always',
    });
    expect((await aResolver().get(source)).files).toMatchObject({'libs/one/inner/deep': 'deep'});
  });

  test.each([
    ['an option', '--upload-pack=touch'],
    ['a program', 'ext::sh'],
    ['a password', 'https://me:hunter2@example.invalid/a'],
  ])('whose address is %s are refused', async (_name, url) => {
    const app = await aRepository();
    await aSubmodule(app, 'libs/one', url, '0123456789'.repeat(4));
    const problem = await problemOf(aResolver().get(aGitSource(app.path, {initializeSubmodules: true})));
    expect(problem.kind).toBe('bad-url');
    expect(problem.message).toContain('The submodule at "libs/one"');
    expect(problem.message).not.toContain('hunter2');
  });
});

/** Commits files and a link to a commit of another repository; gives the commit's id. */
async function aSubmodule(
  repository: Repository,
  path: string,
  url: string,
  commit: string,
  files: Readonly<Record<string, string>> = {},
): Promise<string> {
  writeFiles(repository.path, {...files, '.gitmodules': `[submodule "it"]\n\tpath = ${path}\n\turl = ${url}\n`});
  await repository.git('add', '--all');
  await repository.git('update-index', '--add', '--cacheinfo', `160000,${commit},${path}`);
  await repository.git('commit', '--quiet', '--message=a submodule');
  return repository.git('rev-parse', 'HEAD');
}

describe('the project descriptor', () => {
  test('gives the environment and takes away what it excludes', async () => {
    const repository = await aRepository();
    await repository.commit({
      'project.toml':
        '[_]\nschema-version = "0.2"\n[io.buildpacks]\nexclude = ["*.md", "docs/"]\n[[io.buildpacks.build.env]]\nname = "A"\nvalue = "1"\n',
      'readme.md': 'x',
      'docs/a': 'x',
      'src/a': 'a',
      'src/b.md': 'x',
      'only/c.md': 'x',
    });
    const {files, fetched} = await aResolver().get(aGitSource(repository.path));
    expect(Object.keys(files).toSorted()).toEqual(['only/', 'project.toml', 'src/a']);
    expect(fetched.env).toEqual([{name: 'A', value: '1'}]);
  });

  test('of the sub path counts, under the name the image gives it', async () => {
    const repository = await aRepository();
    await repository.commit({
      'project.toml': 'broken =',
      'app/build/p.toml': '[[build.env]]\nname = "B"\nvalue = "2"\n',
    });
    const source = aGitSource(repository.path, {subPath: 'app'});
    expect((await aResolver().get(source, undefined, 'build/p.toml')).fetched.env).toEqual([{name: 'B', value: '2'}]);
  });
});

test('many fetches of one remote at once all get their own commit', async () => {
  const repository = await aRepository();
  const commits: string[] = [];
  for (const text of ['1', '2', '3', '4']) commits.push(await repository.commit({a: text}));
  const {get} = aResolver();
  const all = await Promise.all(
    commits.map((revision) => get(aGitSource(repository.path), {kind: 'git', type: 'Commit', revision})),
  );
  expect(all.map(({files}) => files['a'])).toEqual(['1', '2', '3', '4']);
});

describe('a mirror', () => {
  test.each(['shallow.lock', 'HEAD', 'objects'])('that a crash left with a broken %s is made again', async (broken) => {
    const repository = await aRepository();
    await repository.commit({a: '1'});
    const resolver = aResolver();
    await resolver.get(aGitSource(repository.path));
    const mirror = join(resolver.gitDirectory, readdirSync(resolver.gitDirectory)[0] ?? '');
    rmSync(join(mirror, broken), {recursive: true, force: true});
    writeFileSync(join(mirror, broken), '');
    await repository.commit({a: '2'});
    expect((await resolver.get(aGitSource(repository.path))).files).toEqual({a: '2'});
  });

  test('that nobody asked for in a month is dropped', async () => {
    const [one, two] = await Promise.all([aRepository(), aRepository()]);
    await one.commit({a: '1'});
    await two.commit({a: '2'});
    const resolver = aResolver();
    await resolver.get(aGitSource(one.path));
    const [old = ''] = readdirSync(resolver.gitDirectory);
    const longAgo = Date.now() / 1000 - 40 * 24 * 60 * 60;
    utimesSync(join(resolver.gitDirectory, old), longAgo, longAgo);
    mkdirSync(join(resolver.gitDirectory, 'something-else'));
    await resolver.get(aGitSource(two.path));
    expect(readdirSync(resolver.gitDirectory)).not.toContain(old);
    expect(readdirSync(resolver.gitDirectory)).toContain('something-else');
  });
});

test('an abort while fetching ends git and leaves the directory empty', async () => {
  const repository = await aRepository();
  const revision = await repository.commit({a: '1'});
  const controller = new AbortController();
  const server = await aGitServer(repository.path, () => {
    controller.abort(new Error('cancelled'));
    return true;
  });
  const directory = aDirectory();
  const fetching = aResolver().fetch(
    aGitSource(`${server.url}/.git`),
    {kind: 'git', type: 'Branch', revision},
    directory,
    {signal: controller.signal, log: () => {}},
  );
  await expect(fetching).rejects.toThrow('cancelled');
  expect(readdirSync(directory)).toEqual([]);
});
