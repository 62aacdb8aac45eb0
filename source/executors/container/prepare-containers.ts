// The prepare phase of a container run: finds the builder, fetches the source, makes volumes and network, and lays out what the phases get.
import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import type {BuildpackRef} from '../../domain/buildpack.ts';
import {comparableName} from '../../oci/reference.ts';
import type {BuildJob} from '../../ports/executor.ts';
import type {SourceResolver} from '../../ports/source-resolver.ts';
import {builderText, checkVariableName, projectMetadataToml, runToml} from '../build-files.ts';
import {changeText} from '../change-text.ts';
import {type BuilderImage, findBuilderImage} from './builder-image.ts';
import type {ComposedBuilders} from './compose-builder.ts';
import type {EngineCli} from './engine-cli.ts';
import {layoutPlace, withoutLayers} from './exported-layout.ts';
import {findLifecycleImage, type LifecycleImage} from './lifecycle-image.ts';
import type {ContainerRun, RunFiles} from './lifecycle-container.ts';
import {choosePlatformApi} from './platform-api.ts';
import {createCache, createRunNetwork, createVolumes, findCache, type RunResources} from './run-resources.ts';
import {fileEntries, treeEntries} from './tar-stream.ts';

export type PrepareContainers = {
  readonly cli: EngineCli;
  readonly job: BuildJob;
  readonly resources: RunResources;
  readonly owner: string;
  readonly sources: SourceResolver;
  readonly composed: ComposedBuilders;
};

/** Rejects with an `Error` in words when the builder, the source or anything else cannot be had. `log` receives lines without their newline. */
export async function prepareContainers(
  {cli, job, resources, owner, sources, composed}: PrepareContainers,
  log: (line: string) => void,
  signal: AbortSignal,
): Promise<ContainerRun> {
  log(changeText(job.changes).trimEnd());
  refuseNames(job);
  const workspace = path.join(job.workDirectory, 'workspace');
  await mkdir(workspace);
  // side by side, for the engine takes its time over each answer; all settle, so that nothing goes on behind a failure
  const [{name, builder}, pinned, known, fetched] = await allOf(
    findBuilder(cli, job, composed, {signal, log}),
    findPinned(cli, job, {signal, log}),
    findCache(cli, owner, job),
    sources.fetch(job.source, job.revision, workspace, {
      signal,
      log,
      projectDescriptorPath: job.projectDescriptorPath,
    }),
    createRunNetwork(cli, resources),
  );
  const platformApi = choosePlatformApi(builder.platformApis, pinned?.platformApis);
  signal.throwIfAborted();
  const [cache, files] = await allOf(
    known ?? createCache(cli, owner, job, builder),
    layOut(job, builder, workspace, fetched),
    createVolumes(cli, resources, builder),
  );
  signal.throwIfAborted();
  log(builderText(job));
  log(` Image: ${name}\n Lifecycle: ${builder.lifecycleVersion} (Platform API ${platformApi}), ${engineText(cli)}`);
  if (pinned) log(` Lifecycle image: ${pinned.name} (${pinned.version}): analyze, restore, export`);
  return {
    job,
    resources,
    cache,
    image: builder.id,
    lifecycleImage: pinned?.id ?? builder.id,
    platformApi,
    lifecycleVersion: builder.lifecycleVersion,
    userId: builder.userId,
    groupId: builder.groupId,
    buildpacks: knownBuildpacks(job, builder),
    hasSomethingToRestore: known !== undefined || job.previous !== undefined,
    files,
  };
}

/** Waits for all, then rejects with the first failure if there was one. */
async function allOf<Values extends readonly unknown[]>(
  ...promises: {readonly [Index in keyof Values]: Values[Index] | Promise<Values[Index]>}
): Promise<Values> {
  const settled = await Promise.allSettled(promises);
  const failed = settled.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.map((result) => (result.status === 'fulfilled' ? result.value : undefined)) as unknown as Values;
}

async function findBuilder(
  cli: EngineCli,
  job: BuildJob,
  composed: ComposedBuilders,
  told: {readonly signal: AbortSignal; readonly log: (line: string) => void},
): Promise<{readonly name: string; readonly builder: BuilderImage}> {
  const name = job.builder.image ?? (await composed.use(job, told.log, told.signal));
  return {name, builder: await findBuilderImage(cli, name, told)};
}

/** A trusted builder's phases are one container, of the builder itself. */
function findPinned(
  cli: EngineCli,
  {builder: {lifecycleImage, trusted}}: BuildJob,
  told: {readonly signal: AbortSignal; readonly log: (line: string) => void},
): Promise<LifecycleImage | undefined> {
  if (lifecycleImage === undefined || trusted) return Promise.resolve(undefined);
  return findLifecycleImage(cli, lifecycleImage, told);
}

/** A build must not replace what others are built with (the finding HIGH-1 of the 2024 audit of pack). */
function refuseNames({builder, tags}: BuildJob): void {
  const {image = '', lifecycleImage = '', runImage, reservedNames = []} = builder;
  // pinned by its digest it says nothing of its tag, and stands among the reserved names with it
  const named = image.includes('@') ? '' : image;
  const names = [named, lifecycleImage, runImage.name, ...reservedNames].filter((name) => name !== '');
  const taken = new Set(names.map(comparableName));
  const clash = tags.find((tag) => taken.has(comparableName(tag)));
  if (clash === undefined) return;
  throw new Error(
    `expected a name of its own for the image, got ${clash}, which is its builder's, run image's or lifecycle image's; give the image another tag`,
  );
}

type Fetched = Awaited<ReturnType<SourceResolver['fetch']>>;

async function layOut(job: BuildJob, owner: BuilderImage, workspace: string, fetched: Fetched): Promise<RunFiles> {
  const root = {userId: 0, groupId: 0};
  const {runImage} = job.builder;
  const images = new Map([
    ...(await withoutLayers(runImage.name, runImage)),
    ...(job.previous ? await withoutLayers(job.tags[0] ?? job.image, job.previous) : []),
  ]);
  const platform = new Map([...fetched.env, ...job.env].map(({name, value}) => [envFile(name), value]));
  const tables = {runToml: runToml(job), projectMetadata: projectMetadataToml(fetched.metadata)};
  return {
    app: () => treeEntries(workspace, owner),
    platform: () => fileEntries(platform, root, ['platform/env']),
    runToml: () => fileEntries(new Map([['run.toml', tables.runToml]]), root),
    projectMetadata: () => fileEntries(new Map([['project-metadata.toml', tables.projectMetadata]]), root),
    // the build user writes the new image into a directory of its own
    images: () => fileEntries(images, owner, [layoutPlace(job.tags[0] ?? job.image)]),
  };
}

function envFile(name: string): string {
  checkVariableName(name);
  return `platform/env/${name}`;
}

function knownBuildpacks(job: BuildJob, builder: BuilderImage): readonly BuildpackRef[] {
  const listed = job.builder.buildpacks.map(({id, version, homepage}) => ({
    id,
    version,
    ...(homepage ? {homepage} : {}),
  }));
  return [...listed, ...builder.buildpacks];
}

function engineText({engine}: EngineCli): string {
  return `in containers of ${engine.kind} ${engine.version}${engine.rootless ? ', rootless' : ''}`;
}
