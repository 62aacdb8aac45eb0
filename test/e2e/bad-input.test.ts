// Bad input and bad surroundings: each gives one clear error, the controller lives on, and nothing recorded is lost.
import {chmod, mkdir, readFile, rm, writeFile} from 'node:fs/promises';
import {createServer} from 'node:net';
import {closeSync, openSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {execa} from 'execa';
import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';
import {aHome, type TestHome} from './support/a-home.ts';
import {expectError} from './support/expect-error.ts';
import {makeBuildpack, createBuilder, createImage, makeApp, makeSmallWorld} from './support/small-world.ts';
import type {BuildList} from './support/resources.ts';

const isRoot = process.getuid?.() === 0;

describe('a controller that is asked for what cannot be', () => {
  let home: TestHome;
  let pid: number | undefined;

  beforeAll(async () => {
    home = await aHome();
    await makeSmallWorld(home);
    pid = await home.controllerPid();
  }, 60_000);

  afterEach(async () => {
    expect(await home.controllerPid(), 'the controller lives on').toBe(pid);
  });

  afterAll(() => home.remove(), 30_000);

  test.for([
    ['image status nobody', /images\.kpack\.io "nobody" not found/],
    ['image patch nobody --sub-path x', /images\.kpack\.io "nobody" not found/],
    ['image trigger nobody', /images\.kpack\.io "nobody" not found/],
    ['image pause nobody', /images\.kpack\.io "nobody" not found/],
    ['image delete nobody', /images\.kpack\.io "nobody" not found/],
    ['build logs nobody', /images\.kpack\.io "nobody" not found/],
    ['build list nobody', /images\.kpack\.io "nobody" not found/],
    ['build cancel nobody', /images\.kpack\.io "nobody" not found/],
    ['build retry nobody', /images\.kpack\.io "nobody" not found/],
    ['clusterstack status nobody', /clusterstacks\.kpack\.io "nobody" not found/],
    ['clusterbuilder status nobody', /clusterbuilders\.kpack\.io "nobody" not found/],
    ['clusterstore status nobody', /clusterstores\.kpack\.io "nobody" not found/],
  ] as const)('an unknown name, %s: ends with 1 and says so', async ([line, words]) => {
    expectError(await home.run(line.split(' ')), 1, words);
  });

  test.for([
    ['frobnicate', /unknown command 'frobnicate'/],
    ['image list --frob', /unknown option '--frob'/],
    ['image list -o xml', /Allowed choices are table, wide, yaml, json/],
    ['image create', /accepts 1 arg\(s\), received 0/],
    ['image create x --local-path .', /--tag is required to create the resource/],
    ['image create Bad_Name --tag a/b --local-path .', /"Bad_Name" must consist of lower case letters/],
    ['image create x --tag a/b', /image source must be one of git, blob, or local-path/],
    ['build logs x -b two', /build number should be an integer: two/],
    ['config set maxConcurrentBuilds 0', /expected maxConcurrentBuilds to be a whole number from 1 to 256, got "0"/],
    ['events --since yesterday', /expected --since to be a time like .*, got "yesterday"/],
  ] as const)('a wrong command line, %s: ends with 2 and shows the usage', async ([line, words]) => {
    expectError(await home.run(line.split(' ')), 2, words, /^Usage: slipway /m);
  });

  test('no terminal for the dashboard: ends with 2 and names the way to the commands', async () => {
    expectError(
      await home.run([]),
      2,
      /expected a terminal for the dashboard, got none; .*`slipway --help` lists the commands/,
    );
  });

  test('a tag that is none is refused before anything is recorded', async () => {
    const app = await makeApp(home, 'tagless', {'a.txt': 'a'});
    const flags = ['--local-path', app, '--cluster-builder', 'old'];
    const printed = await home.run(['image', 'create', 'tagless', '--tag', 'Not A Tag', ...flags]);
    expectError(printed, 1, /Not A Tag/);
    expectError(await home.run(['image', 'status', 'tagless']), 1, /not found/);
    expectError(
      await home.run(['image', 'create', 'tagless', '--tag', 'a/b', '--additional-tag', 'x y', ...flags]),
      1,
      /x y/,
    );
  });

  test('a directory that does not exist is refused', async () => {
    const gone = join(home.files, 'gone');
    const printed = await home.run(['image', 'create', 'gone', '--tag', 'a/b', '--local-path', gone]);
    expectError(printed, 1, /local path must be a directory or zip; ".*gone" does not exist/);
  });

  test('a repository that does not exist: the image is held, in words, and --wait ends with 1', async () => {
    const gone = join(home.files, 'no-repository');
    const flags = ['--tag', 'a/b', '--git', gone, '--cluster-builder', 'old', '--wait'];
    expectError(
      await home.run(['image', 'create', 'no-repository', ...flags]),
      1,
      /source cannot be read/,
      /Check the address/,
    );
    expect(await home.ok('image', 'status', 'no-repository')).toMatch(/^Message: +source cannot be read: /m);
  });

  test('a directory that goes away afterwards: what was built stays, a new build says what is missing', async () => {
    const app = await makeApp(home, 'vanishing', {'a.txt': 'a'});
    await createImage(home, 'vanishing', app, '--wait');
    await rm(app, {recursive: true});
    await home.event('its source is missed', ({kind, name}) => kind === 'source.failed' && name === 'vanishing');
    const status = await home.ok('image', 'status', 'vanishing');
    expect(status).toMatch(/^Status: +Ready\nMessage: +source cannot be read: .*vanishing.*; what was built stays$/m);
    expect(status).toMatch(/^Problem Since: +\d{4}-\d\d-\d\dT/m);
    expectError(await home.run(['image', 'trigger', 'vanishing', '--wait']), 1, app);
    expect(await home.ok('build', 'list', 'vanishing')).toMatch(/^1 +SUCCESS/m);
  });

  const failures: readonly (readonly [string, Readonly<Record<string, string>>, number, string, RegExp])[] = [
    [
      'says no',
      {'detect.sh': '#!/bin/sh\nexit 100\n'},
      20,
      'detect',
      /give the image a builder whose order has buildpacks/,
    ],
    [
      'breaks while detecting',
      {'detect.sh': '#!/bin/sh\necho ouch; exit 1\n'},
      21,
      'detect',
      /Read what the buildpacks that broke printed/,
    ],
    ['breaks while building', {'build.sh': 'echo "out of luck" >&2; exit 7\n'}, 51, 'build', /out of luck/],
    [
      'writes a broken layer file',
      {'build.sh': 'echo "[[[" > "$CNB_LAYERS_DIR/content.toml"\n'},
      52,
      'build',
      /content\.toml: not valid TOML/,
    ],
    [
      'takes its layers away',
      {'build.sh': 'rm -rf "$CNB_LAYERS_DIR"; echo x > "$CNB_LAYERS_DIR"\n'},
      52,
      'build',
      /test\/app/,
    ],
  ];
  test.for(failures)('a buildpack that %s', {timeout: 30_000}, async ([what, tree, exitCode, phase, words]) => {
    const name = what.replaceAll(/[^a-z]+/g, '-');
    const app = await makeApp(home, name, tree);
    const flags = ['--tag', `test/${name}`, '--local-path', app, '--cluster-builder', 'old', '--wait'];
    const printed = await home.run(['image', 'create', name, ...flags]);
    expectError(printed, 1, `phase ${phase} failed`, `exit code ${exitCode}: `, words);
    const {items} = await home.json<BuildList>('build', 'list', name);
    expect(
      items.map(({status}) => [status.conditions[0]?.status, status.phases.find(({state}) => state === 'failed')]),
    ).toEqual([['False', expect.objectContaining({name: phase, exitCode})]]);
    // Once failed, the image waits for a person, and says so.
    expect((await home.json<{status: {hold?: {kind: string}}}>('image', 'status', name)).status.hold?.kind).toBe(
      'last-build-failed',
    );
  });

  test('a project.toml that cannot be parsed: the line, and the image is held', async () => {
    const app = await makeApp(home, 'no-project', {'project.toml': 'a = 1\n[[[\n'});
    const printed = await home.run([
      'image',
      'create',
      'no-project',
      '--tag',
      'a/b',
      '--local-path',
      app,
      '--cluster-builder',
      'old',
      '--wait',
    ]);
    expectError(printed, 1, /project\.toml:2:\d+: not valid TOML/);
  });

  test('a buildpack.toml that cannot be parsed: file and line, and the store stays as it is', async () => {
    const before = await home.ok('clusterstore', 'status', 'default', '--verbose');
    const broken = await makeBuildpack(home, 'test/broken', {'buildpack.toml': 'api = "0.10"\n[[[\n'});
    expectError(
      await home.run(['clusterstore', 'add', 'default', '--buildpackage', broken]),
      1,
      /test_broken-1\.0\.0\/buildpack\.toml:2:\d+: /,
    );
    expect(await home.ok('clusterstore', 'status', 'default', '--verbose')).toBe(before);
  });

  test.for([
    ['no YAML', '- group: [[[\n', /order\.yaml: expected YAML: .* at line \d+/],
    ['no list', 'group: 1\n', /order\.yaml: expected a list of groups/],
    ['no id', '- group:\n  - version: "1"\n', /order\.yaml: group 1: every entry needs an "id"/],
  ] as const)('an order file with %s', async ([, text, words]) => {
    const file = join(home.files, 'order.yaml');
    await writeFile(file, text);
    expectError(
      await home.run(['clusterbuilder', 'create', 'x', '--tag', 'a/b', '--stack', 'old', '--order', file]),
      1,
      words,
    );
    expectError(await home.run(['clusterbuilder', 'status', 'x']), 1, /not found/);
  });

  test('an order file that is a directory, or none', async () => {
    const create = ['clusterbuilder', 'create', 'x', '--tag', 'a/b', '--stack', 'old', '--order'];
    expectError(await home.run([...create, home.files]), 1, /expected a file at .*files, got a directory/);
    expectError(
      await home.run([...create, join(home.files, 'none.yaml')]),
      1,
      /expected a file at .*none\.yaml, there is none/,
    );
  });

  test('a builder of what does not exist is not ready, and its images say why they wait', async () => {
    await createBuilder(home, 'hollow', 'old', ['test/missing']);
    const app = await makeApp(home, 'hollow', {'a.txt': 'a'});
    const printed = await home.run([
      'image',
      'create',
      'hollow',
      '--tag',
      'a/b',
      '--local-path',
      app,
      '--cluster-builder',
      'hollow',
      '--wait',
    ]);
    expectError(printed, 1, /ClusterBuilder "hollow" is not ready: test\/missing not found in ClusterStore "default"/);
  });

  test('a log that cannot be written costs the log, not the build', async () => {
    const place = join(home.path, 'logs', 'default', 'speechless');
    await mkdir(join(home.path, 'logs', 'default'), {recursive: true});
    await writeFile(place, 'in the way');
    const app = await makeApp(home, 'speechless', {'a.txt': 'a'});
    await createImage(home, 'speechless', app);
    await home.event('the build ends', ({kind, image}) => kind === 'build.succeeded' && image === 'speechless');
    await rm(place);
    expect(await home.ok('image', 'trigger', 'speechless', '--wait')).toContain('===> EXPORT');
    expect(await readFile(join(home.path, 'controller.log'), 'utf8')).toMatch(/logs\/default\/speechless/);
  }, 30_000);

  test('a second controller for the same home is refused with 1 and names the first', async () => {
    expectError(
      await home.run(['controller', 'start', '--foreground']),
      1,
      `another controller (process ${String(pid)}`,
      /slipway controller stop/,
    );
  });
});

describe('a home in a bad state', () => {
  const homes: TestHome[] = [];
  const anyHome = async () => {
    const home = await aHome();
    homes.push(home);
    return home;
  };

  afterEach(async () => {
    for (const home of homes.splice(0)) await home.remove();
  });

  test('a stale lock, of a process that is another one now, is taken over', async () => {
    const home = await anyHome();
    await mkdir(home.path, {mode: 0o700});
    const lock = {pid: process.pid, startedAt: '1', token: '00000000-0000-4000-8000-000000000000', since: 1};
    await writeFile(join(home.path, 'controller.lock'), JSON.stringify(lock));
    await home.ok('image', 'list');
    expect(await readFile(join(home.path, 'controller.log'), 'utf8')).toContain(
      `took over the lock of process ${process.pid}`,
    );
  });

  test('a file where the socket should be is no socket: 3, and it stays', async () => {
    const home = await anyHome();
    await mkdir(home.path, {mode: 0o700});
    const file = join(home.path, 'controller.sock');
    await writeFile(file, 'precious');
    expectError(await home.run(['image', 'list']), 3, /got a file that is no socket; move it away/);
    expect(await readFile(file, 'utf8')).toBe('precious');
  });

  test('a foreign program that answers on the socket: the controller does not take its place', async () => {
    const home = await anyHome();
    await mkdir(home.path, {mode: 0o700});
    const foreign = createServer((socket) => socket.on('error', () => socket.destroy()).end('hello?\n'));
    await new Promise<void>((resolve) => foreign.listen(join(home.path, 'controller.sock'), resolve));
    try {
      expectError(
        await home.run(['controller', 'start', '--foreground']),
        1,
        /another controller answers on .*controller\.sock/,
      );
    } finally {
      await new Promise((resolve) => foreign.close(resolve));
    }
  });

  test('a database of a newer version is refused and left as it was; a corrupt one too', async () => {
    const home = await anyHome();
    const app = await makeApp(home, 'kept', {'a.txt': 'a'});
    await createImage(home, 'kept', app);
    await home.ok('controller', 'stop');
    const file = join(home.path, 'state.db');
    const before = await readFile(file);

    const database = new DatabaseSync(file);
    database.exec('INSERT INTO schema_version (version, migrated_at) VALUES (999, 1)');
    database.close();
    const newer = /has schema version 999, .* written by a newer slipway.*Nothing was changed/s;
    expectError(await home.run(['image', 'list']), 3, newer);
    expectError(await home.run(['controller', 'start', '--foreground']), 1, newer);

    await writeFile(file, 'no database at all '.repeat(1000));
    expectError(
      await home.run(['image', 'list']),
      3,
      /state\.db cannot be read .*It was left as it is\. Restore it from a backup/s,
    );
    expect(await readFile(file, 'utf8')).toMatch(/^no database at all/);

    await writeFile(file, before);
    expect(await home.ok('image', 'list')).toContain('kept');
  }, 30_000);

  test('a home that is a file, or below one', async () => {
    const home = await anyHome();
    await writeFile(home.path, 'in the way');
    for (const argv of [
      ['image', 'list'],
      ['controller', 'start'],
    ]) {
      expectError(await home.run(argv), 3, `cannot use ${home.path} as state directory`, /--home/);
    }
    expectError(
      await home.run(['controller', 'start', '--foreground']),
      1,
      `cannot use ${home.path} as state directory`,
      /--home/,
    );
    await rm(home.path);
  });

  test('a home that cannot be written', async () => {
    const home = await anyHome();
    await mkdir(home.path);
    const undo = isRoot ? await mounted(home, 'ro,size=1m') : () => chmod(home.path, 0o700);
    if (!isRoot) await chmod(home.path, 0o500);
    for (const argv of [
      ['image', 'list'],
      ['controller', 'start'],
    ]) {
      expectError(await home.run(argv), 3, `cannot use ${home.path} as state directory`, /--home/);
    }
    await undo();
  });

  test('commands that start no controller say that none runs', async () => {
    const home = await anyHome();
    await mkdir(home.path, {mode: 0o700});
    const status = await home.run(['controller', 'status']);
    expect([status.code, status.stdout]).toEqual([3, expect.stringMatching(/^Status: +Not running$/m)]);
    expect(await home.ok('controller', 'stop')).toBe('No controller runs\n');
  });
});

describe('a disk that is full', () => {
  test('refuses what cannot be recorded, keeps what was, and goes on when there is room again', async (context) => {
    if (!isRoot) context.skip('a small disk of its own can only be mounted by root');
    const home = await aHome();
    await mkdir(home.path);
    const unmount = await mounted(home, 'size=4m,mode=700');
    context.onTestFinished(async () => {
      await home.killController();
      await unmount();
      await home.remove();
    });
    await makeSmallWorld(home);
    const app = await makeApp(home, 'one', {'a.txt': 'a'});
    await createImage(home, 'one', app, '--wait');
    const pid = await home.controllerPid();
    const before = await home.ok('build', 'list', 'one');

    const ballast = join(home.path, 'ballast');
    fillWith(ballast);
    expectError(
      await home.run(['image', 'trigger', 'one']),
      1,
      /the disk is full \(ENOSPC\); free some space, then try again/,
    );
    expectError(await home.run(['image', 'create', 'two', '--tag', 'a/b', '--local-path', app]), 1, /the disk is full/);
    expect(await home.ok('build', 'list', 'one')).toBe(before);
    expect(await home.ok('image', 'list')).not.toContain('two');

    await rm(ballast);
    expect(await home.controllerPid()).toBe(pid);
    expect(await home.ok('image', 'trigger', 'one', '--wait')).toContain(
      'Triggered build for Image Resource "one" with Build Number 2',
    );
    await home.killController();
    const {items} = await home.json<BuildList>('build', 'list', 'one');
    expect(items.map(({status}) => status.conditions[0]?.status)).toEqual(['True', 'True']);
  }, 60_000);
});

/** Mounts a disk of its own as the home; gives the way to take it away. */
async function mounted(home: TestHome, options: string): Promise<() => Promise<unknown>> {
  await execa('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', home.path]);
  return () => execa('umount', ['--lazy', home.path]);
}

function fillWith(path: string): void {
  const file = openSync(path, 'w');
  try {
    for (const size of [65_536, 512]) writeUntilFull(file, Buffer.alloc(size));
  } finally {
    closeSync(file);
  }
}

function writeUntilFull(file: number, bytes: Buffer): void {
  try {
    for (;;) writeSync(file, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}
