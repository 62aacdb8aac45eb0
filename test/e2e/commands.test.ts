// The workshop's page to the letter through `kp`, and what the commands do to images, builds and sources.
import {appendFile, chmod, mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, beforeEach, describe, expect, test} from 'vitest';
import {connectToController} from '../../source/client/connect.ts';
import {aGate, knock, type Gate} from './support/a-gate.ts';
import {aHome, type TestHome} from './support/a-home.ts';
import {expectError} from './support/expect-error.ts';
import {plainEnvironment, shippedProgram} from './support/program.ts';
import type {BuildList, ImageResource} from './support/resources.ts';
import {createImage, makeApp, makeBuildpack, makeSmallWorld} from './support/small-world.ts';

let home: TestHome;

beforeAll(async () => {
  home = await aHome();
  await makeSmallWorld(home);
}, 60_000);

afterAll(() => home.remove(), 30_000);

const reasonsOf = async (image: string): Promise<readonly string[]> => {
  const {items} = await home.json<BuildList>('build', 'list', image);
  return items.map(({status}) => status.changes.map(({reason}) => reason).join(','));
};
const succeeded = (image: string, number: number) =>
  home.event(
    `build ${number} of ${image} succeeds`,
    (event) => event.kind === 'build.succeeded' && event['image'] === image && event['number'] === number,
  );

describe('the page of the workshop, typed as it stands there', () => {
  let kp: (line: string) => Promise<{readonly code: number; readonly stdout: string; readonly stderr: string}>;

  beforeAll(async () => {
    // `kp` is the program under another name on the PATH.
    const bin = join(home.files, 'bin');
    await mkdir(bin);
    await writeFile(join(bin, 'kp'), `#!/bin/sh\nexec '${process.execPath}' '${shippedProgram}' "$@"\n`);
    await chmod(join(bin, 'kp'), 0o755);
    kp = async (line) => {
      const env = {...plainEnvironment(), PATH: `${bin}:${process.env['PATH'] ?? ''}`, SLIPWAY_HOME: home.path};
      const result = await execa('sh', ['-c', line], {
        env,
        extendEnv: false,
        reject: false,
        stripFinalNewline: false,
        stdin: 'ignore',
      });
      return {code: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr};
    };
    // What the page finds ready: both images, on the outdated stack, and a builder named `default` on the new one.
    await home.ok(
      'clusterbuilder',
      'create',
      'default',
      '--tag',
      'test/default',
      '--stack',
      'new',
      '--buildpack',
      'test/app',
    );
    for (const name of ['spring-petclinic', 'spring-webdb']) {
      await createImage(home, name, await makeApp(home, name, {'app.txt': name}), '--wait');
    }
  }, 60_000);

  test('its four commands show the six phases, patch, show the rebase, and list 1 CONFIG and 2 STACK', async () => {
    const petclinic = await kp('kp build logs spring-petclinic');
    expect([petclinic.code, petclinic.stderr]).toEqual([0, '']);
    expect([...petclinic.stdout.matchAll(/^===> (\w+)$/gm)].map(([, phase]) => phase)).toEqual([
      'PREPARE',
      'DETECT',
      'ANALYZE',
      'RESTORE',
      'BUILD',
      'EXPORT',
    ]);

    // kp's own lines on stdout; what the patch came to be as a resource is said beside them.
    const patched = await kp('kp image patch spring-webdb --cluster-builder default');
    expect(patched).toMatchObject({
      code: 0,
      stdout: 'Patching Image Resource...\nImage Resource "spring-webdb" patched\n',
    });
    expect(patched.stderr).not.toMatch(/error/i);

    const webdb = await kp('kp build logs spring-webdb');
    expect(webdb.code, webdb.stderr).toBe(0);
    expect(webdb.stdout).toMatch(
      /^===> REBASE\nBuild reason\(s\): STACK\nSTACK:\n\t- sha256:[0-9a-f]{64}\n\t\+ sha256:[0-9a-f]{64}\n/,
    );

    const list = await kp('kp build list spring-webdb');
    const rows = list.stdout
      .trimEnd()
      .split('\n')
      .map((row) => row.trimEnd().split(/ {2,}/));
    expect(rows).toEqual([
      ['BUILD', 'STATUS', 'BUILT IMAGE', 'REASON', 'IMAGE RESOURCE'],
      ['1', 'SUCCESS', expect.stringMatching(/^test\/spring-webdb@sha256:/), 'CONFIG', 'spring-webdb'],
      ['2', 'SUCCESS', expect.stringMatching(/^test\/spring-webdb@sha256:/), 'STACK', 'spring-webdb'],
    ]);
  }, 30_000);

  test('build logs -b shows an earlier build, -t when each line came', async () => {
    const first = await kp('kp build logs spring-webdb -b 1');
    expect(first.stdout).toContain('Build reason(s): CONFIG');
    const timed = await kp('kp build logs spring-webdb -b 1 -t');
    expect(timed.stdout).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\S* .*Build reason\(s\): CONFIG$/m);
  });
});

describe('an image', () => {
  test('paused waits and says so; resumed it is built for what changed meanwhile', async () => {
    const app = await makeApp(home, 'paused', {'a.txt': '1'});
    await createImage(home, 'paused', app, '--wait');
    await home.ok('image', 'pause', 'paused');
    await home.ok('image', 'patch', 'paused', '--env', 'A=1');
    const {status} = await home.json<ImageResource>('image', 'status', 'paused');
    expect(status).toMatchObject({state: 'held', hold: {kind: 'paused'}, buildCounter: 1});
    await home.ok('image', 'resume', 'paused');
    await succeeded('paused', 2);
    expect(await reasonsOf('paused')).toEqual(['CONFIG', 'CONFIG']);
  }, 30_000);

  test('triggered is built although nothing changed, with the number that was said, and ends as the build ends', async () => {
    const app = await makeApp(home, 'triggered', {'build.sh': 'if [ -n "$FAIL" ]; then exit 3; fi\n'});
    await createImage(home, 'triggered', app, '--wait');
    const again = await home.ok('image', 'trigger', 'triggered', '--wait');
    expect(again).toMatch(/^Triggered build for Image Resource "triggered" with Build Number 2\n===> PREPARE\n/);
    expect(await reasonsOf('triggered')).toEqual(['CONFIG', 'TRIGGER']);

    expectError(await home.run(['image', 'patch', 'triggered', '--env', 'FAIL=1', '--wait']), 1, /exit code 51/);
    const retried = await home.run(['build', 'retry', 'triggered', '--wait']);
    expectError(retried, 1, /exit code 51/);
    const {items} = await home.json<BuildList>('build', 'list', 'triggered');
    expect(items.map(({status}) => status.conditions[0]?.status)).toEqual(['True', 'True', 'False', 'False']);
  }, 30_000);

  test('deleted is gone with its builds, its logs and its layout; created again it begins at 1', async () => {
    const app = await makeApp(home, 'deleted', {'a.txt': '1'});
    await createImage(home, 'deleted', app, '--wait');
    await home.ok('image', 'delete', 'deleted');
    expectError(await home.run(['build', 'logs', 'deleted']), 1, /"deleted" not found/);
    const found = await execa('find', [home.path, '-path', '*default/deleted*', '-not', '-path', '*/files/*'], {
      reject: false,
    });
    expect(found.stdout).toBe('');
    await createImage(home, 'deleted', app, '--wait');
    expect(await reasonsOf('deleted')).toEqual(['CONFIG']);
  }, 30_000);
});

describe('a build', () => {
  let gate: Gate;

  beforeEach(async () => {
    gate = await aGate();
    return () => gate.close();
  });

  test('cancelled dies at once, is cancelled in the list, and is not built again by itself', async () => {
    const app = await makeApp(home, 'cancelled', {'build.sh': knock(gate)});
    await createImage(home, 'cancelled', app);
    const visitor = await gate.visitor();
    await home.ok('build', 'cancel', 'cancelled');
    await visitor.gone;
    await home.event('it is cancelled', (event) => event.kind === 'build.cancelled' && event['image'] === 'cancelled');
    expect(await home.ok('build', 'list', 'cancelled')).toMatch(/^1 +CANCELLED/m);
    expectError(await home.run(['build', 'cancel', 'cancelled']), 1, /no build of "cancelled" is running/);

    gate.stayOpen();
    expect(await home.ok('build', 'retry', 'cancelled', '--wait')).toContain('===> EXPORT');
  }, 30_000);

  test('that runs is followed to its end, and its image cannot be deleted meanwhile', async () => {
    const app = await makeApp(home, 'followed', {'build.sh': `echo before\n${knock(gate)}echo after\n`});
    await createImage(home, 'followed', app);
    const visitor = await gate.visitor();
    const following = home.ok('build', 'logs', 'followed');
    expectError(
      await home.run(['image', 'delete', 'followed']),
      1,
      /build 1 of "followed" is running; cancel it first/,
    );
    visitor.pass();
    expect(await following).toMatch(/before\nafter\n[^]*===> EXPORT/);
  }, 30_000);
});

describe('a source that moves', () => {
  test('a local directory that changes is built again by itself, for COMMIT', async () => {
    const app = await makeApp(home, 'local', {'a.txt': '1', '.gitignore': 'notes.txt\n'});
    await createImage(home, 'local', app, '--wait');
    await writeFile(join(app, 'notes.txt'), 'ignored');
    await appendFile(join(app, 'a.txt'), '2');
    await succeeded('local', 2);
    expect(await reasonsOf('local')).toEqual(['CONFIG', 'COMMIT']);
  }, 30_000);

  test('a git branch that moves is built again by itself, for COMMIT, at the new commit', async () => {
    const client = await connectToController({home: home.path, version: 'test'});
    await client.send({kind: 'settings.change', settings: {gitPollInterval: 250}});
    client.close();
    const repository = await makeApp(home, 'git', {'a.txt': '1'});
    const git = (...words: readonly string[]) =>
      execa('git', ['-c', 'user.name=t', '-c', 'user.email=t@t.test', ...words], {
        cwd: repository,
        env: plainEnvironment(),
        extendEnv: false,
      });
    await git('init', '--quiet', '--initial-branch', 'main');
    await git('add', '.');
    await git('commit', '--quiet', '--message', 'one');
    await home.ok(
      'image',
      'create',
      'git',
      '--tag',
      'test/git',
      '--git',
      repository,
      '--cluster-builder',
      'old',
      '--wait',
    );
    await writeFile(join(repository, 'a.txt'), '2');
    await git('commit', '--quiet', '--all', '--message', 'two');
    const {stdout: commit} = await git('rev-parse', 'HEAD');
    await succeeded('git', 2);
    const {items} = await home.json<BuildList>('build', 'list', 'git');
    expect(items.at(-1)?.status.changes).toMatchObject([{reason: 'COMMIT', new: commit}]);
  }, 30_000);

  test('a buildpack of a new version is taken by itself, for BUILDPACK', async () => {
    const app = await makeApp(home, 'updated', {'a.txt': '1'});
    await makeAndAdd('1.0.0');
    await home.ok(
      'clusterbuilder',
      'create',
      'moving',
      '--tag',
      'test/moving',
      '--stack',
      'old',
      '--buildpack',
      'test/moving',
      '--trusted',
    );
    await createImage(home, 'updated', app, '--cluster-builder', 'moving', '--wait');
    await makeAndAdd('1.1.0');
    await succeeded('updated', 2);
    expect(await reasonsOf('updated')).toEqual(['CONFIG', 'BUILDPACK']);
  }, 30_000);

  const makeAndAdd = async (version: string) => {
    const directory = await makeBuildpack(home, 'test/moving', {}, version);
    await home.ok('clusterstore', 'add', 'default', '--buildpackage', directory);
  };
});

describe('what is printed for programs', () => {
  test('lists are kpack lists, resources kpack resources', async () => {
    expect(await home.json('image', 'list')).toMatchObject({
      apiVersion: 'v1',
      kind: 'List',
      items: expect.arrayContaining([expect.objectContaining({apiVersion: 'kpack.io/v1alpha2', kind: 'Image'})]),
    });
    const {apiVersion, kind, items} = await home.json<BuildList>('build', 'list', 'spring-webdb');
    expect([apiVersion, kind]).toEqual(['v1', 'List']);
    expect(items.map((build) => build.metadata.name)).toEqual(['spring-webdb-build-1', 'spring-webdb-build-2']);
    expect(items.map((build) => build.status.strategy)).toEqual(['build', 'rebase']);
    for (const [group, name, resource] of [
      ['clusterstack', 'old', 'ClusterStack'],
      ['clusterbuilder', 'old', 'ClusterBuilder'],
      ['clusterstore', 'default', 'ClusterStore'],
    ] as const) {
      expect(await home.json(group, 'status', name)).toMatchObject({kind: resource, metadata: {name}});
    }
  });

  test('events come in their order without gaps; --since leaves out what was before', async () => {
    const all = await home.events();
    expect(all.map(({sequence}) => sequence)).toEqual(all.map((_, index) => index + 1));
    const middle = all[Math.floor(all.length / 2)];
    const since = new Date(middle?.at ?? 0).toISOString();
    expect(await home.events(since)).toEqual(all.filter(({at}) => at >= (middle?.at ?? 0)));
    expect((await home.events('1d')).length).toBe(all.length);
  });
});
