// A place where builds can be run in tests: a run image, buildpacks written as bash, a source directory, and what was published.
import {createHash} from 'node:crypto';
import {chmod, chown, cp, mkdir, mkdtemp, readdir, readFile, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {gzipSync} from 'node:zlib';
import {buildSync} from 'esbuild';
import type {BuildResult} from '../../source/domain/build.ts';
import type {StoredBuildpack} from '../../source/domain/buildpack.ts';
import {createEmbeddedExecutor} from '../../source/executors/embedded-executor.ts';
import {removeTree} from '../../source/executors/remove-tree.ts';
import type {Sandbox} from '../../source/executors/sandbox.ts';
import {nameManifest, readManifest, writeBlob, writeImage} from '../../source/oci/image-layout.ts';
import type {BuildJob, Executor, ExecutorEvent, PublishImage, RunOutcome} from '../../source/ports/executor.ts';
import type {SourceResolver} from '../../source/ports/source-resolver.ts';

export type BuildSite = {
  readonly home: string;
  /** Writes a buildpack; `detect` and `build` are bash, with the arguments a buildpack gets. */
  readonly buildpack: (
    id: string,
    programs: {readonly detect?: string; readonly build?: string},
  ) => Promise<StoredBuildpack>;
  readonly job: (buildpacks: readonly StoredBuildpack[], more?: Partial<BuildJob>) => BuildJob;
  /** The layout that publishing fills. */
  readonly published: string;
  readonly close: () => Promise<void>;
};

/** Everything below `home` belongs to `owner`, when given. */
export async function openBuildSite(owner?: number): Promise<BuildSite> {
  const home = await mkdtemp(path.join(tmpdir(), 'slipway-site-'));
  await chmod(home, 0o755);
  await mkdir(path.join(home, 'source'));
  await writeFile(path.join(home, 'source', 'app.txt'), 'an app\n');
  const runImage = await writeRunImage(path.join(home, 'run-image'));
  let number = 0;
  const own = async () => (owner === undefined ? undefined : chownAll(home, owner));
  await own();
  return {
    home,
    published: path.join(home, 'image'),
    buildpack: async (id, programs) => {
      const stored = await writeBuildpack(path.join(home, 'buildpacks'), id, programs);
      await own();
      return stored;
    },
    job: (buildpacks, more = {}) => {
      number += 1;
      return {
        namespace: 'default',
        image: 'app',
        number,
        attempt: 1,
        changes: [{reason: 'COMMIT', old: 'aaa', new: 'bbb'}],
        source: {kind: 'local', path: path.join(home, 'source')},
        revision: {kind: 'local', revision: 'sha256:0', type: 'Directory'},
        env: [],
        tags: ['registry.example/app', `registry.example/app:b${number}`],
        builder: {
          kind: 'ClusterBuilder',
          name: 'base',
          trusted: false,
          order: [{group: buildpacks.map(({id, version}) => ({id, version}))}],
          buildpacks,
          stackId: 'acme.stacks.noble',
          runImage: {...runImage, image: 'oci:run', name: 'registry.example/run:noble'},
          runnable: true,
          target: {os: 'linux', arch: 'amd64', distroName: 'ubuntu', distroVersion: '24.04'},
          userId: 1000,
          groupId: 1000,
        },
        cacheDirectory: path.join(home, 'cache'),
        workDirectory: path.join(home, 'work', `default.app.${number}.1`),
        ...more,
      };
    },
    close: () => removeTree(home),
  };
}

async function chownAll(directory: string, owner: number): Promise<void> {
  await chown(directory, owner, owner);
  for (const entry of await readdir(directory, {recursive: true, withFileTypes: true})) {
    if (!entry.isSymbolicLink()) await chown(path.join(entry.parentPath, entry.name), owner, owner);
  }
}

async function writeBuildpack(
  directory: string,
  id: string,
  programs: {readonly detect?: string; readonly build?: string},
): Promise<StoredBuildpack> {
  const root = path.join(directory, id.replaceAll('/', '_'));
  await mkdir(path.join(root, 'bin'), {recursive: true});
  await writeFile(path.join(root, 'buildpack.toml'), `api = "0.10"\n[buildpack]\nid = "${id}"\nversion = "1.2.3"\n`);
  for (const [name, script] of Object.entries({
    detect: programs.detect ?? 'exit 0',
    build: programs.build ?? 'exit 0',
  })) {
    await writeFile(path.join(root, 'bin', name), `#!/bin/bash\n${script}\n`, {mode: 0o755});
  }
  const homepage = `https://${id.replaceAll('/', '.')}.example`;
  return {id, version: '1.2.3', api: '0.10', homepage, digest: 'sha256:0', directory: root, source: root};
}

async function writeRunImage(layout: string) {
  const tar = Buffer.alloc(1024);
  const diffId = `sha256:${createHash('sha256').update(tar).digest('hex')}` as const;
  const layer = gzipSync(tar);
  await writeBlob(layout, layer);
  const digest = `sha256:${createHash('sha256').update(layer).digest('hex')}` as const;
  const image = await writeImage(layout, {
    names: ['noble'],
    manifest: {layers: [{mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest, size: layer.length}]},
    config: {
      architecture: 'amd64',
      os: 'linux',
      config: {
        Env: ['PATH=/usr/bin:/bin'],
        User: '1000:1000',
        Labels: {'io.buildpacks.base.distro.name': 'ubuntu', 'io.buildpacks.base.distro.version': '24.04'},
      },
      rootfs: {type: 'layers', diff_ids: [diffId]},
    },
  });
  return {layout, digest: image.digest, topLayer: diffId};
}

/** The source resolver of the tests: a directory, copied as it is. */
export const copyingSources: SourceResolver = {
  resolve: () => Promise.resolve({kind: 'local', revision: 'sha256:0', type: 'Directory'}),
  fetch: async (source, _revision, directory, {log}) => {
    if (source.kind !== 'local') throw new Error('expected a local source');
    log(`Copying ${source.path}`);
    await cp(source.path, directory, {recursive: true, verbatimSymlinks: true});
    return {env: [{name: 'FROM_DESCRIPTOR', value: 'yes'}], metadata: {type: 'local', version: {}, metadata: {}}};
  },
};

/** Publishes into one layout, with the base image's blobs beside the new ones. */
export function publishInto(layout: string): PublishImage {
  return async (job, staged) => {
    await cp(path.join(job.builder.runImage.layout, 'blobs'), path.join(layout, 'blobs'), {recursive: true});
    await cp(path.join(staged.layout, 'blobs'), path.join(layout, 'blobs'), {recursive: true});
    const index = JSON.parse(await readFile(path.join(staged.layout, 'index.json'), 'utf8')) as {
      readonly manifests: readonly Parameters<typeof nameManifest>[1][];
    };
    const descriptor = index.manifests[0];
    if (!descriptor) throw new Error('expected a manifest in the staged image');
    const manifest = await readManifest(layout, descriptor);
    await nameManifest(layout, {mediaType: descriptor.mediaType, digest: descriptor.digest, size: descriptor.size}, [
      'latest',
    ]);
    return {digest: staged.digest, size: manifest.layers.reduce((sum, {size}) => sum + size, 0)};
  };
}

/** An embedded executor that publishes into the site. */
export function embeddedAt(home: string, sandbox: Sandbox, lifecycleBundle: string): Executor {
  return createEmbeddedExecutor({
    node: process.execPath,
    lifecycleBundle,
    sources: copyingSources,
    publish: publishInto(path.join(home, 'image')),
    sandbox,
    clock: {
      now: () => Date.now(),
      after: (milliseconds, task) => {
        const timer = setTimeout(task, milliseconds);
        return () => clearTimeout(timer);
      },
    },
  });
}

/** The lifecycle as one file, made from the sources as they are now. */
export function bundleLifecycle(file: string): string {
  buildSync({
    entryPoints: [path.resolve('source/lifecycle/main.ts')],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    logLevel: 'error',
    banner: {
      js: "import {createRequire as __createRequire} from 'node:module';\nconst require = __createRequire(import.meta.url);",
    },
  });
  return file;
}

/** What a run said, as it said it. */
export type Told = {
  readonly events: ExecutorEvent[];
  readonly log: {readonly phase: string; readonly stream: string; readonly bytes: Buffer; readonly during: string}[];
};

export type RunRecordOfTest = Told & {readonly outcome: RunOutcome; readonly text: (phase?: string) => string};

/** Runs a job and keeps everything it reports. `onTold` sees it grow. */
export async function runJob(
  executor: Executor,
  job: BuildJob,
  signal: AbortSignal = new AbortController().signal,
  onTold: (told: Told) => void = () => {},
): Promise<RunRecordOfTest> {
  const told: Told = {events: [], log: []};
  const outcome = await executor.run(
    job,
    {
      event: (event) => {
        told.events.push(event);
        onTold(told);
      },
      log: (phase, stream, bytes) => {
        told.log.push({phase, stream, bytes: Buffer.from(bytes), during: runningPhase(told.events)});
        onTold(told);
      },
    },
    signal,
  );
  const text = (phase?: string) =>
    Buffer.concat(told.log.filter((piece) => !phase || piece.phase === phase).map(({bytes}) => bytes)).toString('utf8');
  return {...told, outcome, text};
}

/** The result of a run that is expected to succeed; throws with its log otherwise. */
export function succeeded({outcome, text}: RunRecordOfTest): BuildResult {
  if (outcome.kind === 'succeeded') return outcome.result;
  throw new Error(`expected the run to succeed, got ${JSON.stringify(outcome)}\n${text()}`);
}

function runningPhase(events: readonly ExecutorEvent[]): string {
  const last = events.findLast((event) => event.kind === 'phase.started' || event.kind === 'phase.finished');
  return last?.kind === 'phase.started' ? last.phase : 'none';
}
