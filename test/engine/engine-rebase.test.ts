// A stack's new base reaches images wherever they are: in layouts, in an engine's store, in a registry that wants a login; built in containers or
// by ourselves. What stands there runs and answers before and after.
import {execFile} from 'node:child_process';
import {cp, mkdir, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {afterAll, beforeAll, describe, expect, test, vi} from 'vitest';
import {linkBlob, readImage, writeImage} from '../../source/oci/image-layout.ts';
import {writeLayer} from '../../source/oci/layer-writer.ts';
import {type RealRegistry, registryProgram, startRegistry, user, whyNoRegistry} from '../oci-registry/real-registry.ts';
import {makeRunImage} from '../peers/run-image.ts';
import {type EngineAtHost, openEngineHost} from './engine-host.ts';
import {makeRelease, releaseIn} from './lifecycle-release.ts';

vi.setConfig({testTimeout: 240_000, hookTimeout: 240_000});

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const host = await openEngineHost({stackId: 'io.slipway.stacks.demo', node: process.execPath});
const obstacles = [...host.obstacles, ...(registryProgram === undefined ? [`a registry${whyNoRegistry}`] : [])];
let registry: RealRegistry;
let bases: readonly [old: string, patched: string];

beforeAll(async () => {
  if (registryProgram === undefined) return;
  registry = await startRegistry('basic');
  const auth = Buffer.from(`${user.username}:${user.password}`).toString('base64');
  await writeFile(path.join(host.scratch, 'config.json'), JSON.stringify({auths: {[registry.host]: {auth}}}));
  await makeRelease(host.scratch, '0.21.17');
  const old = await makeRunImage(path.join(host.scratch, 'run'));
  bases = [old, await patchBase(old, path.join(host.scratch, 'patched'))];
  await writeFile(
    path.join(host.scratch, 'order.yaml'),
    '- group: [{id: sample/web}, {id: sample/environment, optional: true}]\n',
  );
});

afterAll(async () => {
  await registry?.stop();
  await host.close();
});

for (const obstacle of obstacles) {
  test(`everything can be had: ${obstacle}`, (context) => {
    if (process.env['SLIPWAY_IN_CI']) throw new Error(obstacle);
    context.skip(obstacle);
  });
}

/** What is built by what, and where it goes. */
const images = [
  {name: 'kept', executor: 'container', target: 'layout'},
  {name: 'loaded', executor: 'container', target: 'engine'},
  {name: 'pushed', executor: 'container', target: 'registry'},
  {name: 'kept-by-us', executor: 'embedded', target: 'layout'},
  {name: 'loaded-by-us', executor: 'embedded', target: 'engine'},
  {name: 'pushed-by-us', executor: 'embedded', target: 'registry'},
] as const;
type Image = (typeof images)[number];

for (const at of registryProgram === undefined ? [] : host.engines) {
  const {kind, version} = at.engine;
  // what the engine has no part in is the same with the other
  const here = images.filter(({name}) => kind === 'docker' || ['loaded', 'pushed', 'loaded-by-us'].includes(name));

  describe(`images of ${kind} ${version}`, () => {
    beforeAll(() => prepare(at));
    afterAll(() => slipway(at, 'controller', 'stop', '--cancel-builds'));

    test.each(here)('$name: built by $executor, exported to $target, it answers', async (image) => {
      const {name, executor, target} = image;
      const words = ['--local-path', path.join(host.scratch, kind, 'app'), '--cluster-builder', executor];
      await slipway(at, 'image', 'create', name, '--tag', tagOf(at, image), '--export', target, ...words, '--wait');
      expect(await answer(at, image)).toMatchObject({status: 200, isPatched: false});
    });

    test("a stack's new run image is rebased onto in all of these places; what is there answers", async () => {
      await slipway(at, 'clusterstack', 'patch', 'base', '--run-image', `oci:${bases[1]}`, '--wait');
      for (const image of here) {
        const build = JSON.parse(
          await slipway(at, 'build', 'status', image.name, '-b', '2', '-o', 'json'),
        ) as BuildResource;
        expect([image.name, build.metadata.annotations['image.kpack.io/reason']]).toEqual([image.name, 'STACK']);
        expect(build.status.phases.map(({name}) => name)).toEqual(['prepare', 'rebase']);
        expect([image.name, await answer(at, image)]).toMatchObject([image.name, {status: 200, isPatched: true}]);
      }
    });
  });
}

type BuildResource = {
  readonly metadata: {readonly annotations: Readonly<Record<string, string>>};
  readonly status: {readonly phases: readonly {readonly name: string}[]};
};

async function prepare(at: EngineAtHost): Promise<void> {
  const home = path.join(host.scratch, at.engine.kind);
  await mkdir(home, {recursive: true});
  await cp(path.join(root, 'examples/apps/brochure'), path.join(home, 'app'), {recursive: true});
  const archive = `docker-archive:${path.join(host.scratch, 'builder.tar')}`;
  await slipway(at, 'clusterstack', 'create', 'base', '--build-image', archive, '--run-image', `oci:${bases[0]}`);
  const names = ['environment', 'node-engine', 'npm-install', 'procfile', 'static-web', 'web'];
  const buildpacks = names.flatMap((name) => ['-b', path.join(root, 'examples/buildpacks', name)]);
  await slipway(at, 'clusterstore', 'create', 'store', ...buildpacks);
  const release = releaseIn(host.scratch, '0.21.17');
  await slipway(at, 'clusterlifecycle', 'create', 'default-lifecycle', '--image', release);
  for (const executor of ['container', 'embedded']) {
    const engine = executor === 'container' ? ['--engine', at.engine.kind] : [];
    const order = ['--order', path.join(host.scratch, 'order.yaml'), `--executor=${executor}`, ...engine];
    await slipway(at, 'clusterbuilder', 'create', executor, '--stack=base', '--store=store', ...order);
  }
}

async function slipway(at: EngineAtHost, ...args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    ...at.engine.environment,
    DOCKER_CONFIG: host.scratch,
    SLIPWAY_HOME: path.join(host.scratch, at.engine.kind, 'home'),
  };
  return (await run(process.execPath, [path.join(root, 'dist/slipway.js'), ...args], {env, maxBuffer: 1e8})).stdout;
}

function tagOf({engine}: EngineAtHost, {name, target}: Image): string {
  const repository = `${engine.kind}/${name}`;
  return target === 'registry' ? `${registry.host}/${repository}` : `slipway.test/${repository}`;
}

/** Runs what the place itself has under the image's name, which is brought into the engine by other programs than ours. */
async function answer(at: EngineAtHost, image: Image): Promise<{readonly status: number; readonly isPatched: boolean}> {
  const name = image.target === 'engine' ? tagOf(at, image) : await fetchedBySkopeo(at, image);
  const container = `slipway-answers-${at.engine.kind}-${image.name}`;
  await at.cli.call(['run', '--detach', '--network', 'host', '-e', 'PORT=0', '--name', container, name]);
  try {
    const port = await vi.waitFor(
      async () => {
        const {stdout, stderr} = await run(at.engine.program, ['logs', container], {
          env: {...process.env, ...at.engine.environment},
        });
        const [, said] = /port (\d+)$/m.exec(stdout + stderr) ?? [];
        if (said === undefined) throw new Error(`expected a port, got ${stdout}${stderr}`);
        return said;
      },
      {timeout: 30_000, interval: 100},
    );
    const {status} = await fetch(`http://127.0.0.1:${port}/`);
    const isPatched = await at.cli.call(['exec', container, 'cat', '/etc/base-was-patched']).then(
      () => true,
      () => false,
    );
    return {status, isPatched};
  } finally {
    await at.cli.call(['rm', '--force', '--volumes', container]);
  }
}

async function fetchedBySkopeo(at: EngineAtHost, image: Image): Promise<string> {
  const {kind} = at.engine;
  const layout = path.join(host.scratch, kind, 'home/images/default', image.name);
  const source = image.target === 'registry' ? `docker://${tagOf(at, image)}` : `oci:${layout}:latest`;
  const name = `slipway.test/fetched/${kind}/${image.name}:latest`;
  const archive = path.join(host.scratch, kind, `${image.name}-${Date.now()}.tar`);
  const login = ['--authfile', path.join(host.scratch, 'config.json'), '--src-tls-verify=false'];
  await run('skopeo', ['--insecure-policy', 'copy', ...login, source, `docker-archive:${archive}:${name}`]);
  await at.cli.call(['load', '--input', archive]);
  return name;
}

/** The same base with one more layer, as a vendor's patch is. */
async function patchBase(base: string, patched: string): Promise<string> {
  const {manifest, config} = await readImage(base);
  for (const {digest} of manifest.layers) await linkBlob(base, patched, digest);
  const content = Buffer.from('yes\n');
  const entry = {path: 'etc/base-was-patched', kind: 'file', mode: 0o644, uid: 0, gid: 0, content} as const;
  const {diffId, digest, size, mediaType} = await writeLayer([entry], {compress: true, into: patched});
  await writeImage(patched, {
    manifest: {layers: [...manifest.layers, {digest, size, mediaType}]},
    config: {
      ...config,
      history: [...(config.history ?? []), {created_by: 'a patch'}],
      rootfs: {...config.rootfs, diff_ids: [...config.rootfs.diff_ids, diffId]},
    },
    names: ['latest'],
  });
  return patched;
}
