// Builds in containers from the command line to the image: CLI, controller and real engines together.
import {execFile} from 'node:child_process';
import {chmod, mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest';
import {makeRunImage} from '../peers/run-image.ts';
import {type EngineAtHost, openEngineHost, restartDocker} from './engine-host.ts';
import {makeRelease, releaseIn} from './lifecycle-release.ts';

vi.setConfig({testTimeout: 180_000, hookTimeout: 180_000});

const host = await openEngineHost({stackId: 'io.slipway.stacks.demo'});
afterAll(() => host.close());

for (const obstacle of host.obstacles) {
  test(`every engine can be had: ${obstacle}`, (context) => {
    if (process.env['SLIPWAY_IN_CI']) throw new Error(obstacle);
    context.skip(obstacle);
  });
}

const program = path.resolve(import.meta.dirname, '../../dist/slipway.js');

for (const at of host.engines) {
  const kind = at.engine.kind;
  const home = path.join(host.scratch, kind, 'home');

  describe(`slipway with ${kind} ${at.engine.version}`, () => {
    beforeAll(() => prepare(at));
    afterAll(() => slipway(at, 'controller', 'stop', '--cancel-builds'));

    test('a composed builder is refused without a lifecycle, and builds with one', async () => {
      const refused = await slipway(at, ...composed, 'early');
      expect(refused).toMatchObject({code: 1});
      expect(refused.stderr).toContain('ClusterLifecycle "default-lifecycle" does not exist');
      await done(at, 'clusterlifecycle', 'create', 'default-lifecycle', '--image', release('0.21.17'));
      await done(at, ...composed, 'composed');
      const first = await build(at, 'first', 'composed');
      expect(first.log).toContain('making the layer');
      expect(first.build.status).toMatchObject({executor: 'container', lifecycleVersion: '0.21.17'});
      await writeFile(path.join(appOf(at, 'first'), 'more.txt'), 'a commit');
      const second = await next(at, 'first', 2);
      expect(second.build.metadata.annotations['image.kpack.io/reason']).toBe('COMMIT');
      expect(second.log).toContain('the layer is back');
      expect(await leftBehind(at)).toEqual([]);
    });

    test('its images are composed once, and an older one goes', async () => {
      const [only, ...others] = await composedImages(at);
      expect(others).toEqual([]);
      await done(at, 'clusterbuilder', 'patch', 'composed', '--order', orderFile(at, 'optional'));
      await build(at, 'reordered', 'composed');
      const [newer, ...rest] = await composedImages(at);
      expect(rest).toEqual([]);
      expect(newer).not.toBe(only);
    });

    test('another version of the lifecycle is a LIFECYCLE change, shown before it happens', async () => {
      const {stdout, stderr} = await done(
        at,
        'clusterlifecycle',
        'patch',
        'default-lifecycle',
        '--image',
        release('0.21.99'),
        '--dry-run',
      );
      expect(stdout + stderr).toMatch(/first .*LIFECYCLE/);
    });

    test('a builder image is read for stack, order and lifecycle; trusted, one container gives the same image', async () => {
      const [name = ''] = await composedImages(at);
      await at.cli.call(['tag', name, 'acme.test/ready:1']);
      await done(at, 'clusterbuilder', 'create', 'ready', '--image', 'acme.test/ready:1', '--run-image', runImage());
      const status = await done(at, 'clusterbuilder', 'status', 'ready');
      expect(status.stdout).toMatch(/Stack ID: +io\.slipway\.stacks\.demo/);
      expect(status.stdout).toMatch(/Lifecycle: +0\.21\.17/);
      expect(status.stdout).toContain(`container/${kind}`);
      const untrusted = await build(at, 'ready', 'ready');
      await done(at, 'clusterbuilder', 'patch', 'ready', '--trusted');
      await done(at, 'image', 'trigger', 'ready');
      const trusted = await next(at, 'ready', 2);
      expect(trusted.log).toContain('===> BUILDING');
      expect(trusted.build.status.latestImage).toBe(untrusted.build.status.latestImage);
      await at.cli.call(['tag', name, 'acme.test/ready:2']);
      await done(at, 'clusterbuilder', 'patch', 'ready', '--image', 'acme.test/ready:2');
      const other = await done(at, 'clusterbuilder', 'list', '-o', 'wide');
      expect(other.stdout).toMatch(/ready .*false/);
    });

    test.each([
      ['none', 'detect', 20],
      ['fail', 'build', 51],
    ])('a build that must fail for %s fails in %s with %d', async (behaviour, phase, exitCode) => {
      const failed = await build(at, behaviour, 'composed', behaviour);
      expect(failed.build.status.phases.find(({state}) => state === 'failed')).toMatchObject({name: phase, exitCode});
      expect(await leftBehind(at)).toEqual([]);
    });

    test('a cancelled build leaves nothing in the engine', async () => {
      await startWaiting(at, 'cancelled');
      await done(at, 'build', 'cancel', 'cancelled');
      await until(async () => (await buildOf(at, 'cancelled', 1)).status.phases.at(-2)?.state === 'cancelled');
      await until(async () => (await leftBehind(at)).length === 0);
    });

    test('a controller that is killed leaves nothing that the next does not find; the same number runs again', async () => {
      await startWaiting(at, 'killed');
      const before = await leftBehind(at);
      expect(before).not.toEqual([]);
      process.kill(await controllerPid(at), 'SIGKILL');
      await done(at, 'image', 'list');
      await until(async () => (await logOf(at, 'killed')).split('it waits').length === 3);
      const now = await leftBehind(at);
      expect(now.filter((name) => before.includes(name))).toEqual([]);
      expect((await done(at, 'build', 'list', 'killed')).stdout).toMatch(/^1 /m);
      expect((await done(at, 'build', 'list', 'killed')).stdout).not.toMatch(/^2 /m);
      await done(at, 'build', 'cancel', 'killed');
      await until(async () => (await leftBehind(at)).length === 0);
    });

    test('an image may not take the name of its builder', async () => {
      await mkdir(appOf(at, 'thief'), {recursive: true});
      const refused = await slipway(at, ...image(at, 'thief', 'ready'), '--tag', 'acme.test/ready:2');
      expect(refused).toMatchObject({code: 1});
      expect(refused.stderr).toContain('expected a name of its own');
    });

    test('caches are listed with their size, and purged', async () => {
      expect((await done(at, 'image', 'cache')).stdout).toMatch(new RegExp(`first +default +${kind} +[\\d.]+ `));
      await done(at, 'image', 'cache', 'first', '--purge');
      expect((await done(at, 'image', 'cache')).stdout).not.toMatch(/^first /m);
      await done(at, 'image', 'delete', 'reordered');
      expect((await done(at, 'image', 'cache')).stdout).not.toMatch(/^reordered /m);
    });

    test('an engine that stops is waited for, and the build runs again', async ({skip}) => {
      skip(kind === 'podman', 'podman has no daemon that could stop');
      await startWaiting(at, 'stopped');
      process.kill(host.dockerPid(), 'SIGKILL');
      await until(async () => (await done(at, 'image', 'status', 'stopped')).stdout.includes('docker does not answer'));
      restartDocker(host);
      await until(async () => (await logOf(at, 'stopped')).split('it waits').length === 3);
      expect((await done(at, 'build', 'list', 'stopped')).stdout).not.toMatch(/^2 /m);
      await done(at, 'build', 'cancel', 'stopped');
      await until(async () => (await leftBehind(at)).length === 0);
    });
  });

  const composed = [
    'clusterbuilder',
    'create',
    '--stack=base',
    '--store=store',
    '--executor=container',
    `--engine=${kind}`,
    `--order=${orderFile(at, 'plain')}`,
  ];

  async function prepare(engine: EngineAtHost): Promise<void> {
    await mkdir(home, {recursive: true});
    await writeBuildpack(path.join(host.scratch, kind, 'buildpack'));
    await writeFile(orderFile(engine, 'plain'), '- group: [{id: acme/any}]\n');
    await writeFile(
      orderFile(engine, 'optional'),
      '- group: [{id: acme/any, optional: false}]\n- group: [{id: acme/any}]\n',
    );
    await makeRelease(host.scratch, '0.21.17');
    await makeRelease(host.scratch, '0.21.99');
    await makeRunImage(path.join(host.scratch, 'run'));
    const archive = `docker-archive:${path.join(host.scratch, 'builder.tar')}`;
    await done(engine, 'clusterstack', 'create', 'base', '--build-image', archive, '--run-image', runImage());
    await done(engine, 'clusterstore', 'create', 'store', '-b', path.join(host.scratch, kind, 'buildpack'));
  }
}

function runImage(): string {
  return `oci:${path.join(host.scratch, 'run/demo-stack/run')}`;
}

function orderFile({engine}: EngineAtHost, name: string): string {
  return path.join(host.scratch, engine.kind, `${name}.yaml`);
}

/** What the app holds says how it behaves. */
async function writeBuildpack(directory: string): Promise<void> {
  await mkdir(path.join(directory, 'bin'), {recursive: true});
  await writeFile(
    path.join(directory, 'buildpack.toml'),
    'api = "0.10"\n[buildpack]\nid = "acme/any"\nversion = "1.0.0"\n',
  );
  await script(path.join(directory, 'bin/detect'), '[ ! -f none ] || exit 100');
  await script(
    path.join(directory, 'bin/build'),
    `if [ -f fail ]; then echo "error: no such module" >&2; exit 4; fi
if [ -f wait ]; then echo "it waits"; sleep 345678; fi
if [ -f "$1/kept/file" ]; then echo "the layer is back"; else echo "making the layer"; mkdir "$1/kept"; echo 1 > "$1/kept/file"; fi
printf '[types]\\ncache = true\\nlaunch = true\\n' > "$1/kept.toml"
printf '[[processes]]\\ntype = "web"\\ncommand = ["cat", "app.txt"]\\ndefault = true\\n' > "$1/launch.toml"`,
  );
}

async function script(file: string, text: string): Promise<void> {
  await writeFile(file, `#!/usr/bin/env bash\nset -eu\n${text}\n`);
  await chmod(file, 0o755);
}

function release(version: string): string {
  return releaseIn(host.scratch, version);
}

type Printed = {readonly code: number; readonly stdout: string; readonly stderr: string};

const run = promisify(execFile);

async function slipway({engine}: EngineAtHost, ...args: readonly string[]): Promise<Printed> {
  const home = path.join(host.scratch, engine.kind, 'home');
  const env = {...process.env, ...engine.environment, SLIPWAY_HOME: home};
  try {
    return {code: 0, ...(await run(process.execPath, [program, ...args], {env}))};
  } catch (error) {
    const {code, stdout, stderr} = error as Printed;
    return {code, stdout, stderr};
  }
}

async function done(at: EngineAtHost, ...args: readonly string[]): Promise<Printed> {
  const printed = await slipway(at, ...args);
  if (printed.code === 0) return printed;
  throw new Error(`slipway ${args.join(' ')} ended with ${printed.code}: ${printed.stderr}`);
}

function appOf({engine}: EngineAtHost, name: string): string {
  return path.join(host.scratch, engine.kind, 'apps', name);
}

function image(at: EngineAtHost, name: string, builder: string): readonly string[] {
  return ['image', 'create', name, '--local-path', appOf(at, name), '--cluster-builder', builder];
}

type BuildResource = {
  readonly metadata: {readonly annotations: Readonly<Record<string, string>>};
  readonly status: {
    readonly executor: string;
    readonly lifecycleVersion: string;
    readonly latestImage?: string;
    readonly phases: readonly {readonly name: string; readonly state: string; readonly exitCode?: number}[];
  };
};

/** The image's first build, whatever comes of it. */
async function build(at: EngineAtHost, name: string, builder: string, behaviour?: string) {
  await makeImage(at, name, builder, behaviour);
  return next(at, name, 1);
}

async function makeImage(at: EngineAtHost, name: string, builder: string, behaviour?: string): Promise<void> {
  await mkdir(appOf(at, name), {recursive: true});
  await writeFile(path.join(appOf(at, name), 'app.txt'), 'hello');
  if (behaviour !== undefined) await writeFile(path.join(appOf(at, name), behaviour), '');
  await done(at, ...image(at, name, builder), '--tag', `acme.test/${name}`);
}

async function next(at: EngineAtHost, name: string, number: number) {
  await until(async () => (await done(at, 'build', 'list', name)).stdout.includes(`\n${number} `));
  const log = (await slipway(at, 'build', 'logs', name, '-b', String(number))).stdout;
  return {log, build: await buildOf(at, name, number)};
}

async function buildOf(at: EngineAtHost, name: string, number: number): Promise<BuildResource> {
  const {stdout} = await done(at, 'build', 'status', name, '-b', String(number), '-o', 'json');
  return JSON.parse(stdout) as BuildResource;
}

async function startWaiting(at: EngineAtHost, name: string): Promise<void> {
  await makeImage(at, name, 'composed', 'wait');
  await until(async () => (await logOf(at, name)).includes('it waits'));
}

/** The bytes of the log so far. */
async function logOf({engine}: EngineAtHost, name: string): Promise<string> {
  const file = path.join(host.scratch, engine.kind, 'home/logs/default', name, '1.log');
  return (await run('cat', [file]).catch(() => ({stdout: ''}))).stdout;
}

async function controllerPid(at: EngineAtHost): Promise<number> {
  const {stdout} = await done(at, 'controller', 'status', '-o', 'json');
  return (JSON.parse(stdout) as {readonly pid: number}).pid;
}

async function composedImages({cli}: EngineAtHost): Promise<readonly string[]> {
  const listed = await cli.call(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}']);
  return listed.split('\n').filter((name) => name.startsWith('slipway.local/builder/clusterbuilder/composed:'));
}

/** Containers, volumes and networks of runs, by name. */
async function leftBehind({cli}: EngineAtHost): Promise<readonly string[]> {
  const filter = ['--filter', 'label=dev.slipway.run'];
  const printed = await Promise.all([
    cli.call(['ps', '--all', '--format', '{{.Names}}', ...filter]),
    cli.call(['volume', 'ls', '--format', '{{.Name}}', ...filter]),
    cli.call(['network', 'ls', '--format', '{{.Name}}', ...filter]),
  ]);
  return printed.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  await vi.waitFor(
    async () => {
      if (!(await isSo())) throw new Error('not yet');
    },
    {timeout: 90_000, interval: 200},
  );
}
