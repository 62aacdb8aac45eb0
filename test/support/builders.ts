// Test data: one small world that is up to date (an image, its builder, one successful build), and ways to change it.
import type {Attempt, Build, BuildInputs, BuildResult} from '../../source/domain/build.ts';
import type {Builder, BuilderSpec} from '../../source/domain/builder.ts';
import type {FoundBuilderImage} from '../../source/domain/builder-image.ts';
import type {LifecycleResource} from '../../source/domain/lifecycle-resource.ts';
import type {BuildpackRef, StoredBuildpack} from '../../source/domain/buildpack.ts';
import type {BuildpackStore} from '../../source/domain/buildpack-store.ts';
import type {BuildConfig, Change} from '../../source/domain/change.ts';
import type {DecisionInputs} from '../../source/domain/decide-build.ts';
import type {BuildEvent, Event, RecordedEvent, Settings} from '../../source/domain/event.ts';
import type {Image, ImageSpec} from '../../source/domain/image.ts';
import {embeddedPhases, rebasePhases} from '../../source/domain/phase.ts';
import {type ReadyBuilder, resolveBuilder} from '../../source/domain/resolve-builder.ts';
import {resourceKey} from '../../source/domain/resource-name.ts';
import type {ResolvedSource} from '../../source/domain/source.ts';
import type {BaseImage, Stack} from '../../source/domain/stack.ts';
import {reduceAll} from '../../source/state/reduce.ts';
import {emptyState, type ImageRecord, type State} from '../../source/state/state.ts';

export const gitUrl = 'https://git.example.test/web.git';
export const lifecycleVersion = '1.0.0';

/** `default/web`: a git branch, built by ClusterBuilder `base`. */
export function anImage({spec, ...change}: Partial<Omit<Image, 'spec'>> & {spec?: Partial<ImageSpec>} = {}): Image {
  return {
    namespace: 'default',
    name: 'web',
    generation: 1,
    createdAt: 1,
    changedAt: 1,
    paused: false,
    ...change,
    spec: {
      tag: 'registry.example.test/web',
      additionalTags: [],
      builder: {kind: 'ClusterBuilder', name: 'base'},
      source: {kind: 'git', url: gitUrl, revision: 'main'},
      env: [],
      services: [],
      resources: {},
      serviceAccountName: 'default',
      successBuildHistoryLimit: 10,
      failedBuildHistoryLimit: 10,
      imageTaggingStrategy: 'BuildNumber',
      updatePolicy: 'auto',
      ...spec,
    },
  };
}

/** What the branch points at. */
export function aCommit(revision = 'commit-1'): ResolvedSource {
  return {kind: 'git', revision, type: 'Branch'};
}

/** What a local directory holds. */
export function aDirectoryDigest(revision = 'sha256:content-1'): ResolvedSource {
  return {kind: 'local', revision, type: 'Directory'};
}

export function aBaseImage(name: string, digest: string): BaseImage {
  return {
    image: `oci:/bases/${name}:latest`,
    digest,
    name: `bases/${name}`,
    layout: `/bases/${name}`,
    topLayer: `${digest}-top`,
  };
}

/** ClusterStack `base`; `run` and `build` are the digests of its images. */
export function aStack({
  name = 'base',
  id = 'io.example.stacks.base',
  run = 'sha256:run-1',
  build = 'sha256:build-1',
  at = 1,
}: {
  name?: string;
  id?: string;
  run?: string;
  build?: string;
  at?: number;
} = {}): Stack {
  return {
    name,
    generation: 1,
    createdAt: 1,
    spec: {id, buildImage: 'oci:/bases/build:latest', runImage: 'oci:/bases/run:latest'},
    resolved: {
      at,
      buildImage: aBaseImage('build', build),
      runImage: aBaseImage('run', run),
      mixins: [],
      userId: 1000,
      groupId: 1000,
      target: {os: 'linux', arch: 'amd64'},
      runnable: true,
    },
  };
}

export function aBuildpack(id: string, version: string, change: Partial<StoredBuildpack> = {}): StoredBuildpack {
  return {
    id,
    version,
    api: '0.10',
    digest: `sha256:${id}-${version}`,
    directory: `/buildpacks/${id}/${version}`,
    source: `/buildpackages/${id}`,
    ...change,
  };
}

export const usedBuildpacks: readonly BuildpackRef[] = [
  {id: 'some/one', version: '1.0.0'},
  {id: 'some/two', version: '2.0.0'},
];

/** ClusterStore `default` with the two buildpacks that the image is built with. */
export function aStore({
  name = 'default',
  at = 1,
  buildpacks = usedBuildpacks.map(({id, version}) => aBuildpack(id, version)),
}: {
  name?: string;
  at?: number;
  buildpacks?: readonly StoredBuildpack[];
} = {}): BuildpackStore {
  return {
    name,
    generation: 1,
    createdAt: 1,
    spec: {sources: buildpacks.map(({source}) => source)},
    resolved: {at, buildpacks},
  };
}

/** ClusterBuilder `base`: stack `base`, store `default`, an order that names no versions. */
export function aBuilder({
  spec,
  ...change
}: Partial<Omit<Builder, 'spec'>> & {spec?: Partial<BuilderSpec>} = {}): Builder {
  return {
    kind: 'ClusterBuilder',
    name: 'base',
    generation: 1,
    createdAt: 1,
    changedAt: 1,
    ...change,
    spec: {
      stack: 'base',
      store: 'default',
      order: [{group: usedBuildpacks.map(({id}) => ({id}))}],
      trusted: false,
      executor: 'embedded',
      ...spec,
    },
  };
}

/** ClusterBuilder `ready` of a builder image with its own run image, for docker; `found` changes what the image was found to be. */
export function aBuilderImage(found: Partial<FoundBuilderImage> = {}, spec: Partial<BuilderSpec> = {}): Builder {
  return {
    kind: 'ClusterBuilder',
    name: 'base',
    generation: 1,
    createdAt: 1,
    changedAt: 1,
    spec: {image: 'acme/builder:1', order: [], trusted: false, executor: 'container', engine: 'docker', ...spec},
    found: {
      at: 1,
      id: 'sha256:builder',
      buildpacks: usedBuildpacks.map(({id, version}) => ({id, version})),
      buildpacksSince: 1,
      order: [],
      lifecycle: {version: '0.21.17', since: 1, platformApis: ['0.13']},
      stackId: 'io.example.stacks.base',
      mixins: [],
      userId: 1001,
      groupId: 1000,
      base: aStack().resolved,
      ...found,
    },
  };
}

/** ClusterLifecycle `default-lifecycle`. */
export function aLifecycle(version = '0.21.17', at = 1): LifecycleResource {
  const spoken = {deprecated: [], supported: ['0.12']};
  return {
    name: 'default-lifecycle',
    generation: 1,
    createdAt: 1,
    spec: {image: 'acme/lifecycle'},
    resolved: {at, version, apis: {buildpack: spoken, platform: spoken}, digest: `sha256:${version}`, directory: '/l'},
  };
}

/** A builder with its parts looked up. */
export function aReadyBuilder(parts: {stack?: Stack; store?: BuildpackStore; builder?: Builder} = {}): ReadyBuilder {
  const resolved = resolveBuilder(parts.builder ?? aBuilder(), parts.stack ?? aStack(), parts.store ?? aStore());
  if (resolved.kind !== 'ready') throw new Error(`the test's builder is not ready: ${resolved.message}`);
  return resolved;
}

/** What CONFIG records for the image as `anImage()` is, at this revision. */
export function aConfig(revision = 'commit-1', change: Partial<BuildConfig> = {}): BuildConfig {
  return {resources: {}, source: {git: {url: gitUrl, revision}}, ...change};
}

export function someInputs(change: Partial<BuildInputs> = {}): BuildInputs {
  const source = change.source ?? aCommit();
  return {
    source,
    config:
      source.kind === 'git'
        ? aConfig(source.revision)
        : {resources: {}, source: {local: {path: '/app', revision: source.revision}}},
    builder: {kind: 'ClusterBuilder', name: 'base'},
    executor: 'embedded',
    stackName: 'base',
    stackId: 'io.example.stacks.base',
    runImage: {name: 'bases/run', digest: 'sha256:run-1'},
    lifecycleVersion,
    imageGeneration: 1,
    ...change,
  };
}

export function aResult(change: Partial<BuildResult> = {}): BuildResult {
  return {
    digest: 'sha256:image-1',
    tags: ['registry.example.test/web'],
    runImage: {name: 'bases/run', digest: 'sha256:run-1'},
    stackId: 'io.example.stacks.base',
    lifecycleVersion,
    buildpacks: usedBuildpacks,
    size: 1000,
    ...change,
  };
}

type BuildChange = Partial<Omit<Build, 'inputs' | 'result'>> & {
  inputs?: Partial<BuildInputs>;
  result?: Partial<BuildResult>;
};

/** Build 1 of `default/web`, a success unless its state is given. */
export function aBuild({inputs, result, ...change}: BuildChange = {}): Build {
  const state = change.state ?? 'succeeded';
  const ended = state !== 'running';
  const attempt: Attempt = {number: 1, startedAt: 10, state, ...(ended ? {finishedAt: 20} : {})};
  return {
    namespace: 'default',
    image: 'web',
    number: 1,
    strategy: 'build',
    changes: [{reason: 'CONFIG', old: {resources: {}, source: {}}, new: aConfig()}],
    inputs: someInputs(inputs),
    state,
    attempts: [attempt],
    startedAt: 10,
    ...(ended && state !== 'interrupted' ? {finishedAt: 20} : {}),
    phases: embeddedPhases.map((name) => ({name, state: 'succeeded'})),
    buildpacks: state === 'succeeded' ? usedBuildpacks : [],
    layers: {restored: 0, reused: 0, added: 0, cached: 0},
    ...(state === 'succeeded' ? {result: aResult(result)} : {}),
    ...(state === 'failed' ? {failure: aFailure} : {}),
    ...change,
  };
}

/** A build for one STACK change, done by editing documents. */
export function aRebase({
  from = 'sha256:run-1',
  to = 'sha256:run-2',
  ...change
}: BuildChange & {from?: string; to?: string}): Build {
  const runImage = {name: 'bases/run', digest: to};
  return aBuild({
    number: 2,
    strategy: 'rebase',
    changes: [{reason: 'STACK', old: from, new: to}],
    phases: rebasePhases.map((name) => ({name, state: 'succeeded'})),
    ...change,
    inputs: {runImage, ...change.inputs},
    result: {runImage, digest: `sha256:on-${to}`, ...change.result},
  });
}

export const aFailure = {
  phase: 'build',
  exitCode: 51,
  meaning: 'a buildpack failed while building',
  message: 'go build: exit status 1',
} as const;

/** The inputs of a decision about an image that is up to date, changed as given. */
export function decisionInputs(change: Partial<DecisionInputs> = {}): DecisionInputs {
  return {
    image: anImage(),
    builder: aReadyBuilder(),
    source: {kind: 'resolved', source: aCommit(), since: 5},
    builds: [aBuild()],
    lifecycle: {version: lifecycleVersion, since: 1},
    ...change,
  };
}

/** A record of an image that is up to date. */
export function aRecord(change: Partial<ImageRecord> = {}): ImageRecord {
  const image = change.image ?? anImage();
  const builds = change.builds ?? [aBuild({namespace: image.namespace, image: image.name})];
  return {
    source: {generation: image.generation, resolved: aCommit(), resolvedAt: 5},
    buildCounter: builds.at(-1)?.number ?? 0,
    ...change,
    image,
    builds,
  };
}

/** The state with these records, the world's builder and a controller that gives builds a private root. */
export function aState(records: readonly ImageRecord[] = [aRecord()], change: Partial<State> = {}): State {
  return {
    ...startedState(),
    images: Object.fromEntries(
      records.map((record) => [resourceKey(record.image.namespace, record.image.name), record]),
    ),
    ...change,
  };
}

export const someSettings: Settings = {maxConcurrentBuilds: 1, gitPollInterval: 60_000, localPollInterval: 2_000};

/** A controller that started, with the stack, the buildpack store and the builder of this world. */
export const worldEvents: readonly Event[] = [
  {
    kind: 'controller.started',
    at: 1,
    version: '0.1.0',
    lifecycleVersion,
    sandbox: {kind: 'private-root', as: 'root'},
  },
  {kind: 'settings.changed', at: 1, settings: someSettings},
  {kind: 'stack.saved', at: 1, stack: aStack()},
  {kind: 'store.saved', at: 1, store: aStore()},
  {kind: 'builder.saved', at: 1, builder: aBuilder()},
];

/** An image and what its source was found to be. */
export function imageEvents(image = anImage(), source = aCommit()): readonly Event[] {
  const {namespace, name, generation} = image;
  return [
    {kind: 'image.saved', at: 2, image},
    {kind: 'source.resolved', at: 3, namespace, name, generation, source},
  ];
}

/** The world's state with these events after it. */
export function startedState(...events: readonly Event[]): State {
  return reduceAll(emptyState, recordedEvents([...worldEvents, ...events]));
}

/** Numbered as the controller numbers them. */
export function recordedEvents(events: readonly Event[], after = 0): readonly RecordedEvent[] {
  return events.map((event, index) => ({sequence: after + index + 1, event}));
}

/** The state after more events. */
export function stateAfter(state: State, ...events: readonly Event[]): State {
  return reduceAll(state, recordedEvents(events, state.sequence));
}

type OfKind<K extends BuildEvent['kind']> = Extract<BuildEvent, {kind: K}>;
const theBuild = {at: 10, namespace: 'default', image: 'web', number: 1} as const;

export function buildStarted(change: Partial<OfKind<'build.started'>> = {}): OfKind<'build.started'> {
  const changes: readonly Change[] = [{reason: 'CONFIG', old: {resources: {}, source: {}}, new: aConfig()}];
  const phases = change.strategy === 'rebase' ? rebasePhases : embeddedPhases;
  return {
    kind: 'build.started',
    ...theBuild,
    attempt: 1,
    strategy: 'build',
    changes,
    inputs: someInputs(),
    phases,
    ...change,
  };
}

export function buildSucceeded(change: Partial<OfKind<'build.succeeded'>> = {}): OfKind<'build.succeeded'> {
  return {kind: 'build.succeeded', ...theBuild, at: 20, result: aResult(), ...change};
}

export function buildFailed(change: Partial<OfKind<'build.failed'>> = {}): OfKind<'build.failed'> {
  return {kind: 'build.failed', ...theBuild, at: 20, failure: aFailure, ...change};
}

export function buildCancelled(change: Partial<OfKind<'build.cancelled'>> = {}): OfKind<'build.cancelled'> {
  return {kind: 'build.cancelled', ...theBuild, at: 20, ...change};
}

export function buildInterrupted(change: Partial<OfKind<'build.interrupted'>> = {}): OfKind<'build.interrupted'> {
  return {kind: 'build.interrupted', ...theBuild, at: 20, ...change};
}

export function cancelRequested(change: Partial<OfKind<'cancel.requested'>> = {}): OfKind<'cancel.requested'> {
  return {kind: 'cancel.requested', ...theBuild, at: 15, ...change};
}

/** The value with everything in it frozen: a rule that writes to its inputs throws. */
export function deepFrozen<T>(value: T): T {
  if (value !== null && typeof value === 'object' && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const field of Object.values(value)) deepFrozen(field);
  }
  return value;
}

/** An equal value whose objects have their keys the other way round. */
export function withKeysReversed<T>(value: T): T {
  if (Array.isArray(value)) return value.map(withKeysReversed) as T;
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).toReversed();
  return Object.fromEntries(entries.map(([key, field]) => [key, withKeysReversed(field)])) as T;
}
