// The container executor on real engines: the contract of all executors, then what only containers have.
import {spawn, spawnSync} from 'node:child_process';
import {access, appendFile, cp, readFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, describe, expect, test, vi} from 'vitest';
import type {StoredBuildpack} from '../../source/domain/buildpack.ts';
import {readImage} from '../../source/oci/image-layout.ts';
import type {BuildJob} from '../../source/ports/executor.ts';
import {type BuildSite, openBuildSite, runJob, succeeded} from '../executors/build-site.ts';
import {describeExecutor} from '../executors/executor-contract.ts';
import {launchImage} from '../peers/launched-image.ts';
import {makeRunImage} from '../peers/run-image.ts';
import {composingExecutor, withImage} from './composed-builder.ts';
import {type EngineAtHost, openEngineHost, restartDocker} from './engine-host.ts';
import type {RunOne} from './run-one.ts';

vi.setConfig({testTimeout: 180_000, hookTimeout: 180_000});

const host = await openEngineHost();
afterAll(() => host.close());
const examples = path.resolve(import.meta.dirname, '../../examples');

for (const obstacle of host.obstacles) {
  test(`every engine can be had: ${obstacle}`, (context) => {
    if (process.env['SLIPWAY_IN_CI']) throw new Error(obstacle);
    context.skip(obstacle);
  });
}

for (const at of host.engines) {
  const name = `${at.engine.kind} ${at.engine.version}`;

  describeExecutor(`container (${name})`, async () => {
    const site = await openBuildSite();
    return {site, executor: composingExecutor(at, site.published, ownerOf(at)), close: site.close};
  });

  describe(`containers (${name})`, () => {
    test('a trusted builder gives the same image in one container, told apart by its headings', async () => {
      await atSite(at, async (site, executor) => {
        const buildpack = await site.buildpack('acme/plain', {build: `echo "---> building"; ${webProcess}`});
        const phases = await runJob(executor, site.job([buildpack]));
        const creator = await runJob(executor, trusted(site.job([buildpack])));
        expect(succeeded(creator)).toMatchObject({
          digest: succeeded(phases).digest,
          buildpacks: succeeded(phases).buildpacks,
        });
        expect(finished(creator)).toEqual(executor.phases.map((phase) => `${phase} succeeded`));
        expect(creator.events).toContainEqual({kind: 'buildpacks.detected', buildpacks: succeeded(creator).buildpacks});
        expect(creator.text('build')).toContain('---> building\n');
        expect(creator.text('detect')).toContain('acme/plain 1.2.3\n');
        expect(creator.text('export')).not.toContain('---> building');
      });
    });

    test('a trusted builder whose buildpack fails, and one that detects nothing', async () => {
      await atSite(at, async (site, executor) => {
        const bad = await site.buildpack('acme/bad', {build: 'echo "error: no such thing" >&2; exit 4'});
        const none = await site.buildpack('acme/none', {detect: 'exit 100'});
        const building = await runJob(executor, trusted(site.job([bad])));
        expect(building.outcome).toMatchObject({
          kind: 'failed',
          failure: {
            phase: 'build',
            exitCode: 51,
            buildpack: {id: 'acme/bad'},
            message: expect.stringContaining('no such thing'),
          },
        });
        expect(finished(building).at(-1)).toBe('build failed');
        const detecting = await runJob(executor, trusted(site.job([none])));
        expect(detecting.outcome).toMatchObject({kind: 'failed', failure: {phase: 'detect', exitCode: 20}});
      });
    });

    test('with a pinned lifecycle image nothing of an untrusted builder runs but detect and build', async () => {
      await atSite(at, async (site, executor) => {
        const buildpack = await site.buildpack('acme/plain', {build: webProcess});
        const plain = await runJob(executor, site.job([buildpack]));
        const refuse = 'echo "the builder\'s own"; exit 9';
        const evil = {analyzer: refuse, restorer: refuse, exporter: refuse};
        const {builder} = await withImage(at, site.job([buildpack]), evil);
        const own = await runJob(executor, {...site.job([buildpack]), builder});
        expect(own.outcome).toMatchObject({kind: 'failed', failure: {phase: 'analyze', exitCode: 9}});
        const pinned = {...site.job([buildpack]), builder: {...builder, lifecycleImage: at.base}};
        const run = await runJob(executor, pinned);
        expect(succeeded(run).digest).toBe(succeeded(plain).digest);
        expect(run.text('prepare')).toContain(`Lifecycle image: ${at.base} (0.21.17): analyze, restore, export`);
      });
    });

    test('the sample buildpacks make an app that answers; a second build keeps its layers; a commit changes only the app', async () => {
      await atSite(at, async (site, executor) => {
        const job = await sampleJob(site, host.scratch);
        const first = await runJob(executor, job);
        const {digest} = succeeded(first);
        const launched = await launchImage(site.published, path.join(site.home, 'root'));
        try {
          expect((await launched.get('/')).status).toBe(200);
        } finally {
          await launched.stop();
        }
        const previous = {layout: site.published, digest};
        const second = await runJob(executor, again(site, job, previous));
        expect(succeeded(second).digest).toBe(digest);
        expect(layers(second, 'added')).toEqual([]);
        await appendFile(path.join(site.home, 'brochure/public/index.html'), '<!-- a commit -->\n');
        const changed = await runJob(executor, again(site, job, previous));
        expect(succeeded(changed).digest).not.toBe(digest);
        expect(layers(changed, 'reused')).toContain('sample/node-engine:node');
        expect(layers(changed, 'added')).not.toContain('sample/node-engine:node');
        const sizes = first.events.flatMap((event) =>
          event.kind === 'layer.recorded' && event.what === 'added' ? [event.size] : [],
        );
        expect(sizes.length).toBeGreaterThan(2);
        expect(sizes.every((size) => size !== undefined && size > 0)).toBe(true);
      });
    });

    test('nothing of a run is left in the engine, and no value of the environment is to be seen in it', async () => {
      await atSite(at, async (site, executor) => {
        const buildpack = await site.buildpack('acme/look', {
          build: `echo up; read -t 3 < <(:) ; sleep 1; ${webProcess}`,
        });
        const looked = Promise.withResolvers<string>();
        let isLooking = false;
        const run = await runJob(
          executor,
          site.job([buildpack], {env: [{name: 'TOKEN', value: 'a-value-to-hide'}]}),
          undefined,
          ({log}) => {
            if (isLooking || !log.at(-1)?.bytes.includes('up')) return;
            isLooking = true;
            looked.resolve(inspectAll(at));
          },
        );
        expect(run.outcome.kind).toBe('succeeded');
        const inspected = await looked.promise;
        expect(inspected).toContain('CNB_PLATFORM_API');
        expect(inspected).not.toContain('a-value-to-hide');
        expect(await leftBehind(at)).toEqual([]);
      });
    });

    test('a controller that died leaves nothing that the next does not find', async () => {
      await atSite(at, async (site, executor) => {
        const buildpack = await site.buildpack('acme/endless', {build: 'echo up; sleep 456789'});
        const job = site.job([buildpack]);
        await killInTheMiddle({engine: at.engine, base: at.base, job, published: site.published, owner: ownerOf(at)});
        expect(await leftBehind(at)).not.toEqual([]);
        await composingExecutor(at, site.published, 'somebodyelse').sweep(path.join(site.home, 'nowhere'));
        expect(await leftBehind(at)).not.toEqual([]);
        await executor.sweep(path.dirname(job.workDirectory));
        expect(await leftBehind(at)).toEqual([]);
        await expect(access(job.workDirectory)).rejects.toMatchObject({code: 'ENOENT'});
        expect(await sleepersLeft('456789')).toBe(0);
      });
    });

    test('an image may not take the name of its builder or run image', async () => {
      await atSite(at, async (site, executor) => {
        const job = site.job([await site.buildpack('acme/any', {})], {tags: ['registry.example/run:noble']});
        const run = await runJob(executor, job);
        expect(run.outcome).toMatchObject({
          kind: 'failed',
          failure: {phase: 'prepare', message: expect.stringContaining('expected a name of its own')},
        });
      });
    });
  });
}

const docker = host.engines.find(({engine}) => engine.kind === 'docker');
describe.runIf(docker !== undefined)('an engine that stops in the middle', () => {
  test('fails the build in words; started again, it is swept and builds', async () => {
    const at = docker;
    if (!at) return;
    await atSite(at, async (site, executor) => {
      const endless = await site.buildpack('acme/endless', {build: 'echo up; sleep 567890'});
      let stopped = false;
      const run = await runJob(executor, site.job([endless]), undefined, ({log}) => {
        if (stopped || !log.at(-1)?.bytes.includes('up')) return;
        stopped = true;
        process.kill(host.dockerPid(), 'SIGKILL');
      });
      expect(run.outcome).toMatchObject({
        kind: 'failed',
        failure: {
          phase: 'build',
          meaning: 'the container engine (docker) does not answer',
          next: expect.stringContaining('Start docker'),
        },
      });
      expect(run.events.at(-1)).toMatchObject({kind: 'run.remarked', remark: expect.stringContaining('tries again')});
      restartDocker(host);
      await executor.sweep(path.join(site.home, 'work'));
      expect(await leftBehind(at)).toEqual([]);
      const plain = await site.buildpack('acme/plain', {build: webProcess});
      expect((await runJob(executor, site.job([plain]))).outcome.kind).toBe('succeeded');
    });
  });
});

const webProcess = `printf '[[processes]]\\ntype = "web"\\ncommand = ["cat", "app.txt"]\\ndefault = true\\n' > "$1/launch.toml"`;

function ownerOf(at: EngineAtHost): string {
  return `test${at.engine.kind}`;
}

async function atSite(
  at: EngineAtHost,
  work: (site: BuildSite, executor: ReturnType<typeof composingExecutor>) => Promise<void>,
): Promise<void> {
  const site = await openBuildSite();
  try {
    await work(site, composingExecutor(at, site.published, ownerOf(at)));
  } finally {
    await site.close();
  }
}

function trusted(job: BuildJob): BuildJob {
  return {...job, builder: {...job.builder, trusted: true}};
}

function finished(run: Awaited<ReturnType<typeof runJob>>): readonly string[] {
  return run.events.flatMap((event) => (event.kind === 'phase.finished' ? [`${event.phase} ${event.state}`] : []));
}

async function sampleJob(site: BuildSite, scratch: string): Promise<BuildJob> {
  const layout = await makeRunImage(path.join(scratch, `run-${site.home.slice(-6)}`));
  const {digest, config} = await readImage(layout);
  const names = ['environment', 'node-engine', 'npm-install', 'procfile', 'static-web', 'web'];
  const buildpacks = await Promise.all(names.map(sampleBuildpack));
  const source = path.join(site.home, 'brochure');
  await cp(path.join(examples, 'apps/brochure'), source, {recursive: true});
  const job = site.job(buildpacks, {source: {kind: 'local', path: source}});
  const {builder} = job;
  const topLayer = config.rootfs.diff_ids.at(-1) ?? '';
  const order = [
    {
      group: [
        {id: 'sample/web', version: '1.0.0'},
        {id: 'sample/environment', version: '1.0.0', optional: true},
      ],
    },
  ];
  return {...job, builder: {...builder, order, runImage: {...builder.runImage, layout, digest, topLayer}}};
}

/** The same job as the next build. */
function again(
  site: BuildSite,
  {number: _number, workDirectory: _workDirectory, ...job}: BuildJob,
  previous: BuildJob['previous'],
): BuildJob {
  return site.job([], {...job, previous});
}

function layers(run: Awaited<ReturnType<typeof runJob>>, what: string): readonly string[] {
  return run.events.flatMap((event) => (event.kind === 'layer.recorded' && event.what === what ? [event.layer] : []));
}

async function sampleBuildpack(name: string): Promise<StoredBuildpack> {
  const directory = path.join(examples, 'buildpacks', name);
  await readFile(path.join(directory, 'buildpack.toml'));
  return {id: `sample/${name}`, version: '1.0.0', api: '0.10', digest: 'sha256:0', directory, source: directory};
}

/** What the engine tells everybody about the containers of runs. */
async function inspectAll({cli, engine}: EngineAtHost): Promise<string> {
  const names = await cli.call(['ps', '--all', '--quiet', '--filter', `label=dev.slipway.run=test${engine.kind}`]);
  return cli.call(['container', 'inspect', ...names.split('\n')]);
}

/** Containers, volumes and networks with the label of a run. */
async function leftBehind(at: EngineAtHost): Promise<readonly string[]> {
  const filter = ['--filter', `label=dev.slipway.run=${ownerOf(at)}`];
  const printed = await Promise.all([
    at.cli.call(['ps', '--all', '--quiet', ...filter]),
    at.cli.call(['volume', 'ls', '--quiet', ...filter]),
    at.cli.call(['network', 'ls', '--quiet', ...filter]),
  ]);
  return printed.flatMap((text) => text.split('\n').filter((line) => line !== ''));
}

async function killInTheMiddle(run: RunOne): Promise<void> {
  const child = spawn(process.execPath, [path.join(import.meta.dirname, 'run-one.ts')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
  });
  child.stdin.end(JSON.stringify(run));
  let text = '';
  for await (const piece of child.stdout) {
    text += String(piece);
    if (/^up$/m.test(text)) child.kill('SIGKILL');
  }
  await ended;
  if (!/^up$/m.test(text)) throw new Error(`expected a build to be under way, got ${text}`);
}

async function sleepersLeft(seconds: string): Promise<number> {
  const {stdout} = spawnSync('pgrep', ['-c', '-x', '-f', `sleep ${seconds}`], {encoding: 'utf8'});
  return Promise.resolve(Number(stdout.trim()));
}
