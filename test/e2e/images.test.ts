// What was exported, seen by others: skopeo and umoci accept it, it is the same wherever it is built, and the app in it runs.
import {spawn} from 'node:child_process';
import {mkdir, readdir, readFile, rm} from 'node:fs/promises';
import {connect} from 'node:net';
import {join} from 'node:path';
import {execa} from 'execa';
import {afterAll, beforeAll, describe, expect, test, type TestContext} from 'vitest';
import {findProgram} from '../examples/sample-workspace.ts';
import {aHome, type TestHome} from './support/a-home.ts';
import {freePort} from './support/free-port.ts';
import {eventually} from './support/processes.ts';
import {plainEnvironment} from './support/program.ts';
import {prepareWorkspace} from './support/sample-workspace.ts';
import type {BuildList} from './support/resources.ts';

const image = 'spring-webdb';
let homes: readonly TestHome[] = [];
let built: readonly string[] = [];
let rebased: string;

beforeAll(async () => {
  // Two homes at different paths; in each, the same source lies at another path too.
  homes = [await aHome(), await aHome()];
  const digests: string[] = [];
  for (const home of homes) {
    const apps = await prepareWorkspace(home);
    const flags = ['--tag', `slipway.local/demo/${image}`, '--cluster-builder', 'demo-cluster-builder'];
    await home.ok('image', 'create', image, ...flags, '--local-path', join(apps, image), '--wait');
    digests.push(await digestOf(home));
  }
  built = digests;
  const [home] = homes;
  if (!home) throw new Error('expected a home');
  await home.ok('image', 'patch', image, '--cluster-builder', 'default', '--wait');
  rebased = await digestOf(home);
}, 120_000);

afterAll(async () => {
  for (const home of homes) await home.remove();
}, 30_000);

test('two builds of the same source in different homes give the same image, byte by byte', () => {
  expect(homes[0]?.path).not.toBe(homes[1]?.path);
  expect(built[0]).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(built[1]).toBe(built[0]);
  expect(rebased).not.toBe(built[0]);
});

describe('every name in the layout', () => {
  test('names an image that skopeo accepts, with the digest that the build reported', async (context) => {
    needs(context, 'skopeo');
    const home = first();
    const names = await namesIn(home);
    expect(names.map((name) => name.replace(/\.\d{8}\.\d{6}$/, ''))).toEqual(['b1', 'b2', 'latest']);
    for (const name of names) {
      const {stdout} = await execa('skopeo', ['inspect', `oci:${layoutOf(home)}:${name}`]);
      const found = JSON.parse(stdout) as {Digest: string; Layers: readonly string[]; Labels: Record<string, string>};
      expect(found.Digest, name).toBe(name.startsWith('b1') ? built[0] : rebased);
      expect(found.Layers.length).toBeGreaterThan(2);
      expect(JSON.parse(found.Labels['io.buildpacks.build.metadata'] ?? '')).toHaveProperty('processes');
    }
  });

  test('the layout is whole: every blob has the digest it is named by', async () => {
    const blobs = join(layoutOf(first()), 'blobs', 'sha256');
    const names = await readdir(blobs);
    const {stdout} = await execa('sha256sum', names, {cwd: blobs});
    expect(stdout.split('\n')).toEqual(names.map((name) => `${name}  ${name}`));
  });
});

test('the app in the image runs, as it was built and on the other base image after the rebase', async (context) => {
  needs(context, 'umoci');
  if (process.getuid?.() !== 0) context.skip('the image is started in a chroot, which only root may make');
  const home = first();
  const packages: string[] = [];
  for (const start of ['b1.', 'b2.']) {
    const name = (await namesIn(home)).find((each) => each.startsWith(start)) ?? start;
    const bundle = join(home.files, 'bundle');
    await execa('umoci', ['unpack', '--image', `${layoutOf(home)}:${name}`, bundle]);
    const {status, body, output} = await answerOf(bundle);
    expect([start, status], output).toEqual([start, 200]);
    expect(body).toContain('<html');
    packages.push(await readFile(join(bundle, 'rootfs', 'var/lib/dpkg/status'), 'utf8'));
    await rm(bundle, {recursive: true, force: true});
  }
  expect(packages[0]).toContain('Package: ');
  expect(packages[1]).not.toBe(packages[0]);
}, 60_000);

function first(): TestHome {
  const [home] = homes;
  if (!home) throw new Error('expected a home');
  return home;
}

function layoutOf(home: TestHome): string {
  return join(home.path, 'images', 'default', image);
}

async function namesIn(home: TestHome): Promise<readonly string[]> {
  type Index = {manifests: readonly {annotations: Record<string, string>}[]};
  const index = JSON.parse(await readFile(join(layoutOf(home), 'index.json'), 'utf8')) as Index;
  return index.manifests.map(({annotations}) => annotations['org.opencontainers.image.ref.name'] ?? '').toSorted();
}

async function digestOf(home: TestHome): Promise<string> {
  const {items} = await home.json<BuildList>('build', 'list', image);
  return items.at(-1)?.status.latestImage?.split('@')[1] ?? '';
}

/** CI has installed what is compared with: there a program that is missing is a failure, on a person's machine it is said by name. */
function needs(context: TestContext, program: string): void {
  if (findProgram(program) !== undefined) return;
  if (process.env['SLIPWAY_IN_CI'] === 'peers') throw new Error(`expected ${program} to be installed, found none`);
  context.skip(`${program} is not installed on this machine`);
}

/** Starts the image's default process as its user in its root, asks it for its first page, and ends it. */
async function answerOf(
  bundle: string,
): Promise<{readonly status: number; readonly body: string; readonly output: string}> {
  type Config = {
    process: {args: readonly string[]; env: readonly string[]; cwd: string; user: {uid: number; gid: number}};
  };
  const {process: start} = JSON.parse(await readFile(join(bundle, 'config.json'), 'utf8')) as Config;
  expect(start.user).toMatchObject({uid: 1000, gid: 1000});
  const root = join(bundle, 'rootfs');
  await mkdir(join(root, 'dev'), {recursive: true});
  const port = await freePort();
  const script = 'mount --bind /dev "$1/dev"; shift; exec chroot --userspec=1000:1000 "$@"';
  const inside = ['env', '-i', ...start.env, `PORT=${port}`, ...start.args];
  // The mount and every process end with the namespaces.
  const child = spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child=KILL', 'sh', '-c', script, 'sh', root, root, ...inside],
    {env: plainEnvironment(), stdio: ['ignore', 'pipe', 'pipe']},
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (output += bytes.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  try {
    await eventually('the app listens', () => child.exitCode !== null || listens(port), 15_000);
    if (child.exitCode !== null) return {status: -1, body: '', output};
    const response = await fetch(`http://127.0.0.1:${port}/`);
    return {status: response.status, body: await response.text(), output};
  } finally {
    child.kill('SIGKILL');
    await ended;
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
