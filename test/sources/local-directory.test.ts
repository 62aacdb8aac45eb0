import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import {createServer} from 'node:net';
import {join} from 'node:path';
import {setImmediate} from 'node:timers/promises';
import {execa} from 'execa';
import {describe, expect, onTestFinished, test} from 'vitest';
import type {LocalSource} from '../../source/domain/source.ts';
import {aDirectory, aResolver, never, problemOf, readFiles, writeFiles} from './a-repository.ts';

function aTree(files: Readonly<Record<string, string>>): LocalSource {
  return {kind: 'local', path: writeFiles(aDirectory(), files)};
}

const digestOf = async (source: LocalSource) => (await aResolver().look(source)).revision;

describe('the digest of a directory', () => {
  const files = {a: '1', 'b/c': '2', 'b.d': '3', link: '-> a', 'empty/': ''};

  test('is a content digest', async () => {
    const found = await aResolver().look(aTree(files));
    expect(found).toMatchObject({kind: 'local', type: 'Directory'});
    expect(found.revision).toMatch(/^sha256:[\da-f]{64}$/);
  });

  test('depends neither on times nor on the order of making nor on the place', async () => {
    const one = aTree(files);
    const two = aTree(Object.fromEntries(Object.entries(files).toReversed()));
    utimesSync(join(two.path, 'a'), 1, 1);
    chmodSync(join(two.path, 'a'), 0o600);
    expect(await digestOf(two)).toBe(await digestOf(one));
  });

  test.each<[string, (path: string) => void]>([
    ['content', (path) => writeFileSync(join(path, 'a'), 'x')],
    ['an executable bit', (path) => chmodSync(join(path, 'a'), 0o755)],
    ['the target of a link', (path) => writeFiles(path, {link: '-> b'})],
    ['a link that becomes a file', (path) => writeFiles(path, {link: 'a'})],
    ['a name', (path) => renameSync(join(path, 'a'), join(path, 'z'))],
    ['a new file', (path) => writeFiles(path, {'b/new': ''})],
    ['a file that is gone', (path) => rmSync(join(path, 'b/c'))],
    ['an empty directory', (path) => mkdirSync(join(path, 'other'))],
    ['a file that moves into a directory', (path) => renameSync(join(path, 'b.d'), join(path, 'b/d'))],
  ])('changes with %s', async (_name, change) => {
    const source = aTree(files);
    const {look} = aResolver();
    const before = await look(source);
    change(source.path);
    expect((await look(source)).revision).not.toBe(before.revision);
  });

  test('does not follow links', async () => {
    const outside = aTree({secret: '1'});
    const source = aTree({a: '1', out: `-> ${outside.path}`, loop: '-> .'});
    const before = await digestOf(source);
    writeFiles(outside.path, {secret: '2'});
    expect(await digestOf(source)).toBe(before);
    expect((await aResolver().get(source)).files).toEqual({a: '1', out: `-> ${outside.path}`, loop: '-> .'});
  });

  test('sees a change that keeps size and modification time', async () => {
    const source = aTree({a: '1'});
    const {look} = aResolver({now: () => Date.now() + 3_600_000});
    const before = await look(source);
    const {mtimeMs} = statSync(join(source.path, 'a'));
    writeFileSync(join(source.path, 'a'), '2');
    utimesSync(join(source.path, 'a'), mtimeMs / 1000, mtimeMs / 1000);
    expect((await look(source)).revision).not.toBe(before.revision);
  });
});

test.skipIf(process.platform !== 'linux')(
  'looking again at a tree in which nothing changed reads no content (counted in /proc, which only Linux has)',
  async () => {
    const size = 4 * 1024 * 1024;
    const source = aTree({a: 'x'.repeat(size), b: '2'});
    // A clock an hour ahead: the files are old enough for their times to be trusted.
    const {look} = aResolver({now: () => Date.now() + 3_600_000});
    const bytesRead = () => Number(/^rchar: (\d+)/.exec(readFileSync('/proc/thread-self/io', 'utf8'))?.[1]);
    const start = bytesRead();
    const first = await look(source);
    const between = bytesRead();
    expect(between - start).toBeGreaterThan(size);
    expect(await look(source)).toEqual(first);
    expect(bytesRead() - between).toBeLessThan(size / 4);
  },
);

describe('what is left out', () => {
  test('version control and the state directory, but not node_modules', async () => {
    const source = aTree({
      '.git/HEAD': 'x',
      '.hg/x': 'x',
      'sub/.svn/x': 'x',
      'node_modules/a/index.js': 'a',
      '.gitattributes': 'g',
      'state/state.db': 'x',
    });
    const {files} = await aResolver({gitDirectory: join(source.path, 'state/git')}).get(source);
    expect(files).toEqual({'node_modules/a/index.js': 'a', '.gitattributes': 'g', 'sub/': ''});
  });

  test('what .gitignore files say, exactly as git reads them', async () => {
    const tree = {
      '.gitignore': '# comment\n*.log\n!keep.log\nbuild\n/root-only\nout/\n\\!bang\ntrailing \nfoo/**/bar\r\n*.TMP\n',
      'a.log': 'x',
      'keep.log': 'x',
      'build/x': 'x',
      'root-only': 'x',
      'sub/root-only': 'x',
      out: 'a file, not a directory',
      'sub/out/x': 'x',
      '!bang': 'x',
      trailing: 'x',
      'foo/1/2/bar': 'x',
      'x.tmp': 'x',
      'sub/.gitignore': '!a.log\n!build\n/here\nno[t]*\ndeep/*\n!deep/stay\n',
      'sub/a.log': 'x',
      'sub/b.log': 'x',
      'sub/build/x': 'x',
      'sub/build/x.log': 'x',
      'sub/here': 'x',
      'sub/more/here': 'x',
      'sub/nothing': 'x',
      'sub/deep/stay': 'x',
      'sub/deep/go': 'x',
      'we[i]rd*/.gitignore': 'x\n',
      'we[i]rd*/x': 'x',
      'we[i]rd*/y': 'x',
      'wei/x': 'x',
    };
    const source = aTree(tree);
    await execa('git', ['-C', source.path, 'init', '--quiet']);
    const listed = await execa('git', ['-C', source.path, 'ls-files', '-z', '--others', '--exclude-standard'], {
      env: {GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', XDG_CONFIG_HOME: '/nonexistent'},
    });
    const {files} = await aResolver().get(source);
    const copied = Object.keys(files).filter((path) => !path.endsWith('/'));
    expect(copied.toSorted()).toEqual(listed.stdout.split('\0').filter(Boolean).toSorted());
    expect(copied).toContain('sub/build/x');
  });

  test('changes of what is left out change no digest', async () => {
    const source = aTree({'.gitignore': 'out/\n', 'out/x': '1', '.git/index': '1', a: '1'});
    const before = await digestOf(source);
    writeFiles(source.path, {'out/x': '2', 'out/y': '1', '.git/index': '2'});
    expect(await digestOf(source)).toBe(before);
  });

  test('sockets and named pipes are skipped', async () => {
    const source = aTree({a: '1'});
    const server = createServer();
    await new Promise<void>((resolve) => {
      server.listen(join(source.path, 'socket'), resolve);
    });
    onTestFinished(() => void server.close());
    await execa('mkfifo', [join(source.path, 'pipe')]);
    expect((await aResolver().get(source)).files).toEqual({a: '1'});
  });
});

describe('the project descriptor', () => {
  const files = {'a.js': 'x', 'b.md': 'x', 'lib/c.js': 'x', 'lib/d.md': 'x', 'lib/deep/e.md': 'x'};

  test.each([
    [
      'excludes',
      '[_]\nschema-version = "0.2"\n[io.buildpacks]\nexclude = ["*.md"]',
      ['a.js', 'lib/c.js', 'lib/deep/', 'project.toml'],
    ],
    ['excludes a directory', '[build]\nexclude = ["lib"]', ['a.js', 'b.md', 'project.toml']],
    [
      'brings back, as pack does',
      '[build]\nexclude = ["lib", "!lib/c.js"]',
      ['a.js', 'b.md', 'lib/c.js', 'project.toml'],
    ],
    ['includes', '[build]\ninclude = ["*.js"]', ['a.js', 'lib/c.js']],
    ['includes a directory', '[build]\ninclude = ["lib", "!*.md"]', ['lib/c.js', 'lib/deep/']],
    [
      'lists nothing',
      '[build]\nexclude = []',
      ['a.js', 'b.md', 'lib/c.js', 'lib/d.md', 'lib/deep/e.md', 'project.toml'],
    ],
  ])('%s', async (_name, text, expected) => {
    const source = aTree({...files, 'project.toml': text});
    expect(Object.keys((await aResolver().get(source)).files).toSorted()).toEqual(expected);
  });

  test('under another name counts in the digest and in the copy', async () => {
    const source = aTree({
      ...files,
      'other.toml': '[build]\ninclude = ["*.js"]\n[[build.env]]\nname = "A"\nvalue = "1"',
    });
    const resolver = aResolver();
    const before = await resolver.resolve(source, never, {projectDescriptorPath: 'other.toml'});
    const {files: copied, fetched} = await resolver.get(source, before, 'other.toml');
    expect(Object.keys(copied).toSorted()).toEqual(['a.js', 'lib/c.js']);
    expect(fetched.env).toEqual([{name: 'A', value: '1'}]);
    writeFiles(source.path, {'b.md': 'changed'});
    expect(await resolver.resolve(source, never, {projectDescriptorPath: 'other.toml'})).toEqual(before);
  });

  test('a mistake in it is a problem of the source', async () => {
    const problem = await problemOf(aResolver().look(aTree({'project.toml': '[build]\nexclude = [\n'})));
    expect(problem.message).toMatch(/^project\.toml:\d+:\d+: not valid TOML/);
  });
});

describe('a copy', () => {
  test('is the tree, with ordinary permissions', async () => {
    const files = {run: 'x', 'a/b/c': '1', link: '-> a', 'empty/': ''};
    const source = aTree(files);
    chmodSync(join(source.path, 'run'), 0o700);
    chmodSync(join(source.path, 'a/b/c'), 0o4600);
    linkSync(join(source.path, 'run'), join(source.path, 'hard'));
    const {files: copied, directory, log, fetched} = await aResolver().get(source);
    expect(copied).toEqual({...files, run: '#x x', hard: '#x x'});
    expect([statSync(join(directory, 'run')).mode & 0o7777, statSync(join(directory, 'a/b/c')).mode & 0o7777]).toEqual([
      0o755, 0o644,
    ]);
    const digest = await digestOf(source);
    expect(log).toEqual([
      `Copying "${source.path}" @ "${digest}"...`,
      `Successfully copied "${source.path}" @ "${digest}" in path "/workspace"`,
    ]);
    expect(fetched.metadata).toEqual({type: 'directory', version: {digest}, metadata: {}});
  });

  test('has the digest that was asked for', async () => {
    const source = aTree({run: 'x', 'a/b': '1', link: '-> a', 'empty/': ''});
    chmodSync(join(source.path, 'run'), 0o755);
    const {directory} = await aResolver().get(source);
    expect(await digestOf({kind: 'local', path: directory})).toBe(await digestOf(source));
  });

  test('keeps names that are no text', async () => {
    const source = aTree({a: '1'});
    const name = Buffer.from([0x66, 0xff, 0x6f]);
    writeFileSync(Buffer.concat([Buffer.from(`${source.path}/`), name]), 'bytes');
    const directory = aDirectory();
    const resolver = aResolver();
    await resolver.fetch(source, await resolver.look(source), directory, {signal: never, log: () => {}});
    expect(readFileSync(Buffer.concat([Buffer.from(`${directory}/`), name]), 'utf8')).toBe('bytes');
  });

  test('of a tree that changed since is refused, names the file, and may be tried again', async () => {
    const source = aTree({a: '1', b: '2'});
    const resolver = aResolver();
    const found = await resolver.look(source);
    writeFiles(source.path, {b: 'changed'});
    const problem = await problemOf(resolver.get(source, found));
    expect(problem).toMatchObject({kind: 'changed', retryable: true});
    expect(problem.message).toContain('("b")');
    expect((await resolver.get(source)).files).toEqual({a: '1', b: 'changed'});
  });

  test('of a tree that changes while it is copied is refused, naming the file', async () => {
    const source = aTree({a: 'x'.repeat(32 * 1024 * 1024), z: '1'});
    const resolver = aResolver({now: () => Date.now() + 3_600_000});
    const found = await resolver.look(source);
    const directory = aDirectory();
    const fetching = problemOf(resolver.fetch(source, found, directory, {signal: never, log: () => {}}));
    while (!existsSync(join(directory, 'a'))) await setImmediate();
    expect(existsSync(join(directory, 'z'))).toBe(false);
    writeFiles(source.path, {z: '2'});
    const problem = await fetching;
    expect(problem).toMatchObject({kind: 'changed', retryable: true});
    expect(problem.message).toMatch(/"z" in .* changed while it was copied/);
  });
});

describe('a sub path of a directory', () => {
  test('becomes the root, and the .gitignore files above it still count', async () => {
    const source = aTree({
      '.gitignore': '*.log\n/app/out\n',
      'app/a': '1',
      'app/b.log': 'x',
      'app/out/x': 'x',
      other: 'x',
    });
    const {files} = await aResolver().get({...source, subPath: 'app'});
    expect(files).toEqual({a: '1'});
  });

  test('may be a link inside the directory, but not out of it', async () => {
    const source = aTree({'app/a': '1', inside: '-> app', outside: '-> ..'});
    expect((await aResolver().get({...source, subPath: 'inside'})).files).toEqual({a: '1'});
    for (const subPath of ['outside', '../x', '/etc', 'app/../..']) {
      expect((await problemOf(aResolver().look({...source, subPath}))).kind).toBe('bad-sub-path');
    }
  });
});

describe('a directory that cannot be a source', () => {
  test('because it is not there', async () => {
    const problem = await problemOf(aResolver().look({kind: 'local', path: join(aDirectory(), 'none')}));
    expect(problem.kind).toBe('not-found');
  });

  test('because it holds too many files or bytes', async () => {
    const source = aTree({a: '123', b: '456', 'c/d': '7'});
    const files = await problemOf(aResolver({limits: {entries: 3, bytes: 100}}).look(source));
    expect(files).toMatchObject({kind: 'too-large', retryable: false});
    expect(files.message).toMatch(
      /holds more than 3 files \(reached at "c\/d"\)\. Leave out what the build does not need/,
    );
    const bytes = await problemOf(aResolver({limits: {entries: 100, bytes: 5}}).look(source));
    expect(bytes.message).toContain('holds more than 5 bytes (reached at "b")');
  });

  test('because it holds a device', async () => {
    const problem = await problemOf(aResolver().look({kind: 'local', path: '/dev/pts/..', subPath: '.'}));
    expect(problem.kind).toBe('special-file');
  });

  test('because a file in it may not be read', async () => {
    const source = aTree({a: '1', secret: '2'});
    chmodSync(join(source.path, 'secret'), 0);
    chmodSync(source.path, 0o755);
    // Root may read everything, so the look is taken by somebody else where these tests run as root.
    const script = `
      const {createSourceResolver} = await import(${JSON.stringify(new URL('../../source/sources/create-source-resolver.ts', import.meta.url).href)});
      const resolver = createSourceResolver({gitDirectory: '/nonexistent/git', now: Date.now});
      await resolver.resolve({kind: 'local', path: ${JSON.stringify(source.path)}}, new AbortController().signal)
        .then(() => console.log('read'), (error) => console.log(error.kind + ' ' + error.message));
    `;
    const user = process.getuid?.() === 0 ? {uid: 65_534, gid: 65_534} : {};
    const {stdout} = await execa(process.execPath, ['--input-type=module', '--eval', script], {...user, cwd: '/'});
    expect(stdout).toContain('unreadable "secret" in');
    expect(stdout).toContain('permission denied');
  });
});

test('an abort ends a look at a large tree', async () => {
  const files = Object.fromEntries(Array.from({length: 1000}, (_, index) => [`d${index % 50}/f${index}`, 'x']));
  const source = aTree(files);
  const controller = new AbortController();
  const looking = aResolver().resolve(source, controller.signal);
  controller.abort(new Error('enough'));
  await expect(looking).rejects.toThrow('enough');
});

test('a link in place of the directory itself is followed, because the user named it', async () => {
  const source = aTree({a: '1'});
  const link = join(aDirectory(), 'link');
  symlinkSync(source.path, link);
  const {files} = await aResolver().get({kind: 'local', path: link});
  expect(files).toEqual(readFiles(source.path));
});
