// A fleet for tests and benches: base images and app images in layouts, written straight to disk, and the events that tell of them.
import {link, mkdir, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {gzipSync} from 'node:zlib';
import {findBaseImage, imageNameAnnotation} from '../../../source/daemon/base-images.ts';
import {refNames} from '../../../source/daemon/image-library.ts';
import {statePaths} from '../../../source/daemon/state-paths.ts';
import type {Build, BuildResult} from '../../../source/domain/build.ts';
import type {BuildpackRef} from '../../../source/domain/buildpack.ts';
import type {Event} from '../../../source/domain/event.ts';
import type {Image, ImageSpec} from '../../../source/domain/image.ts';
import {embeddedPhases} from '../../../source/domain/phase.ts';
import {buildConfigOf} from '../../../source/domain/reasons/config.ts';
import type {ResolvedSource} from '../../../source/domain/source.ts';
import type {BaseImage, Stack} from '../../../source/domain/stack.ts';
import {openHistory} from '../../../source/history/open-history.ts';
import {lifecycleVersion} from '../../../source/lifecycle/lifecycle-version.ts';
import {sha256Of} from '../../../source/oci/digest.ts';
import {
  blobPath,
  encodeImage,
  type LayoutImage,
  nameManifest,
  readImage,
  refNameAnnotation,
} from '../../../source/oci/image-layout.ts';
import {formatIndex} from '../../../source/oci/image-manifest.ts';
import {lifecycleMetadataLabel} from '../../../source/oci/lifecycle-metadata.ts';
import {mediaTypes} from '../../../source/oci/media-types.ts';
import {anImage as aLayoutImage} from '../../oci/an-image.ts';
import {aBuilder, aBuildpack, aStore, recordedEvents, someSettings} from '../../support/builders.ts';

export const stackId = 'io.example.stacks.base';
export const oneBuildpack: BuildpackRef = {id: 'some/one', version: '1.0.0'};
/** The buildpack store has it too, but an order without versions takes the higher one. */
export const olderBuildpack: BuildpackRef = {id: 'some/one', version: '0.9.0'};

export type BasePlan = {readonly stackId?: string; readonly mixins?: readonly string[]};

/** Writes a base image of two layers into a layout of its own; gives the reference an operator would name. */
export async function makeBase(directory: string, name: string, plan: BasePlan = {}): Promise<string> {
  const layout = join(directory, name);
  const {mixins} = plan;
  const {digest, manifestBytes} = await aLayoutImage(layout, [`${name}-system`, `${name}-packages`], {
    labels: {
      'io.buildpacks.stack.id': plan.stackId ?? stackId,
      ...(mixins ? {'io.buildpacks.stack.mixins': JSON.stringify(mixins)} : {}),
    },
    env: ['CNB_USER_ID=1000', 'CNB_GROUP_ID=1000'],
  });
  const annotations = {[imageNameAnnotation]: `bases.example.test/${name}`};
  await nameManifest(layout, {mediaType: mediaTypes.manifest, digest, size: manifestBytes.length, annotations}, [
    'latest',
  ]);
  return `oci:${layout}:latest`;
}

/** A stack whose build and run image are this base. */
export async function aStackOn(home: string, reference: string, name = 'base'): Promise<Stack> {
  const {base, stackId: id = stackId, target} = await findBaseImage(reference, statePaths(home));
  return {
    name,
    generation: 1,
    createdAt: 1,
    spec: {id, buildImage: reference, runImage: reference},
    resolved: {
      at: 1,
      buildImage: base,
      runImage: base,
      mixins: [],
      userId: 1000,
      groupId: 1000,
      target,
      runnable: true,
    },
  };
}

/** What is special about one image of a fleet; everything else is up to date. */
export type AppPlan = {
  readonly name: string;
  readonly spec?: Partial<ImageSpec>;
  readonly paused?: boolean;
  readonly buildpacks?: readonly BuildpackRef[];
  readonly revision?: string;
  /** The app's labels say another stack id than the base it stands on. */
  readonly labelledStackId?: string;
  /** A second build, of a newer commit, that failed. */
  readonly failedCommit?: string;
};

/** `app-0001`, `app-0002`, … */
export function plainApps(count: number): readonly AppPlan[] {
  return Array.from({length: count}, (_, index) => ({name: `app-${String(index + 1).padStart(4, '0')}`}));
}

/** The controller, one stack, one buildpack store and one builder `base` made of them. */
export function worldOn(stack: Stack): readonly Event[] {
  const store = aStore({buildpacks: [oneBuildpack, olderBuildpack].map(({id, version}) => aBuildpack(id, version))});
  const builder = aBuilder({spec: {order: [{group: [{id: oneBuildpack.id}]}]}});
  const sandbox = {kind: 'private-root', as: 'root'} as const;
  return [
    {kind: 'controller.started', at: 1, version: '0.1.0', lifecycleVersion, sandbox},
    {kind: 'settings.changed', at: 1, settings: someSettings},
    {kind: 'stack.saved', at: 1, stack},
    {kind: 'store.saved', at: 1, store},
    {kind: 'builder.saved', at: 1, builder},
  ];
}

/** Writes the apps' images on the stack's run image, and gives the events that made them. */
export async function makeApps(home: string, stack: Stack, apps: readonly AppPlan[]): Promise<readonly Event[]> {
  const base = await readImage(stack.resolved.runImage.layout, stack.resolved.runImage.digest);
  const events: Event[] = [];
  for (const app of apps) events.push(...(await appEvents(home, stack, base, app)));
  return events;
}

/** Writes the events into the home's history before any controller has it open. */
export function recordDirectly(home: string, events: readonly Event[]): void {
  const history = openHistory({directory: home, now: () => 1});
  try {
    history.append(recordedEvents(events));
  } finally {
    history.close();
  }
}

/** Writes one app image of a base and one layer into the image's layout, without flushing: a fleet is made quickly. */
export async function writeApp(
  layout: string,
  runImage: BaseImage,
  base: LayoutImage,
  {
    text,
    labels = {},
    tags,
  }: {readonly text: string; readonly labels?: Readonly<Record<string, string>>; readonly tags: readonly string[]},
): Promise<{readonly digest: string; readonly size: number}> {
  const content = Buffer.from(`${text}\n`.repeat(20));
  const layer = gzipSync(content);
  const blob = {mediaType: mediaTypes.layerGzip, digest: sha256Of(layer), size: layer.length};
  const diffId = sha256Of(content);
  const metadata = {
    app: [{sha: diffId}],
    buildpacks: [],
    runImage: {topLayer: runImage.topLayer, reference: `${runImage.name}@${runImage.digest}`, image: runImage.name},
    stack: {runImage: {image: runImage.name}},
  };
  const encoded = encodeImage({
    manifest: {layers: [...base.manifest.layers, blob]},
    config: {
      ...base.config,
      config: {
        ...base.config.config,
        Labels: {...base.config.config?.Labels, ...labels, [lifecycleMetadataLabel]: JSON.stringify(metadata)},
      },
      rootfs: {type: 'layers', diff_ids: [...base.config.rootfs.diff_ids, diffId]},
      history: [...(base.config.history ?? []), {created: '1980-01-01T00:00:01Z', created_by: text}],
    },
  });
  const {manifest, manifestBytes, configBytes, digest} = encoded;
  await mkdir(join(layout, 'blobs', 'sha256'), {recursive: true});
  for (const shared of base.manifest.layers) {
    await link(blobPath(runImage.layout, shared.digest), blobPath(layout, shared.digest)).catch(unlessThere);
  }
  await writeFile(blobPath(layout, blob.digest), layer);
  await writeFile(blobPath(layout, manifest.config.digest), configBytes);
  await writeFile(blobPath(layout, digest), manifestBytes);
  const manifests = refNames(tags).map((name) => ({
    mediaType: mediaTypes.manifest,
    digest,
    size: manifestBytes.length,
    annotations: {[refNameAnnotation]: name},
  }));
  await writeFile(join(layout, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  await writeFile(join(layout, 'index.json'), formatIndex({schemaVersion: 2, manifests}));
  return {digest, size: manifest.layers.reduce((sum, {size}) => sum + size, 0)};
}

function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}

async function appEvents(home: string, stack: Stack, base: LayoutImage, app: AppPlan): Promise<readonly Event[]> {
  const {name, labelledStackId, failedCommit} = app;
  const {runImage} = stack.resolved;
  const image = imageOf(app);
  const source = {kind: 'git', revision: app.revision ?? `commit-of-${name}`, type: 'Commit'} as const;
  const tags = [image.spec.tag];
  const written = await writeApp(statePaths(home).image('default', name), runImage, base, {
    text: name,
    tags,
    ...(labelledStackId === undefined ? {} : {labels: {'io.buildpacks.stack.id': labelledStackId}}),
  });
  const result: BuildResult = {
    ...written,
    tags,
    runImage: {name: runImage.name, digest: runImage.digest},
    stackId: stack.spec.id,
    lifecycleVersion,
    buildpacks: app.buildpacks ?? [oneBuildpack],
  };
  const ref = {namespace: 'default', image: name, number: 1};
  const first: Event[] = [
    {kind: 'image.saved', at: 2, image},
    {kind: 'source.resolved', at: 3, namespace: 'default', name, generation: 1, source},
    startedEvent(image, source, stack, 1, 10),
    {kind: 'build.succeeded', at: 20, ...ref, result},
  ];
  if (failedCommit === undefined) return first;
  const newer = {...source, revision: failedCommit};
  return [
    ...first,
    {kind: 'source.resolved', at: 30, namespace: 'default', name, generation: 1, source: newer},
    startedEvent(image, newer, stack, 2, 40),
    {
      kind: 'build.failed',
      at: 50,
      ...ref,
      number: 2,
      failure: {phase: 'build', exitCode: 51, meaning: 'a buildpack failed', message: 'exit status 1', next: 'Fix it.'},
    },
  ];
}

function imageOf({name, spec, paused = false}: AppPlan): Image {
  return {
    namespace: 'default',
    name,
    generation: 1,
    createdAt: 1,
    changedAt: 1,
    paused,
    spec: {
      tag: `registry.example.test/${name}`,
      additionalTags: [],
      builder: {kind: 'ClusterBuilder', name: 'base'},
      source: {kind: 'git', url: `https://git.example.test/${name}.git`, revision: 'a-commit'},
      env: [],
      services: [],
      resources: {},
      serviceAccountName: 'default',
      successBuildHistoryLimit: 10,
      failedBuildHistoryLimit: 10,
      imageTaggingStrategy: 'None',
      updatePolicy: 'auto',
      export: 'layout',
      ...spec,
    },
  };
}

function startedEvent(
  image: Image,
  source: ResolvedSource,
  {name, spec, resolved}: Stack,
  number: number,
  at: number,
): Event {
  const config = buildConfigOf(image, source, 'embedded');
  const inputs: Build['inputs'] = {
    source,
    config,
    builder: image.spec.builder,
    executor: 'embedded',
    stackName: name,
    stackId: spec.id,
    runImage: {name: resolved.runImage.name, digest: resolved.runImage.digest},
    lifecycleVersion,
    imageGeneration: 1,
  };
  const changes = [{reason: 'CONFIG', old: {resources: {}, source: {}}, new: config}] as const;
  const ref = {namespace: 'default', image: image.name, number};
  return {kind: 'build.started', at, ...ref, attempt: 1, strategy: 'build', changes, inputs, phases: embeddedPhases};
}
