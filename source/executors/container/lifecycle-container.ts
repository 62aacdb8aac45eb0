// The container of each phase as data: which program, as whom, what it sees, what it is told, what it is given before it starts.
import type {BuildpackRef} from '../../domain/buildpack.ts';
import type {BuildJob} from '../../ports/executor.ts';
import type {TarEntry} from '../../oci/tar-writer.ts';
import type {ContainerMount} from './engine-commands.ts';
import {layoutRoot} from './exported-layout.ts';
import {layoutEnvironment, lifecycleCommand, type LifecycleProgram} from './lifecycle-arguments.ts';
import type {LifecycleContainer} from './run-container.ts';
import type {RunResources} from './run-resources.ts';

export type ContainerPhase = 'analyze' | 'detect' | 'restore' | 'build' | 'export';

/** A run whose prepare phase is over. */
export type ContainerRun = {
  readonly job: BuildJob;
  readonly resources: RunResources;
  readonly cache: string;
  /** Id of the builder image in the engine's store. */
  readonly image: string;
  /** Id of the image with the lifecycle of the phases that run nothing of a buildpack's; the builder's own, unless another is pinned. */
  readonly lifecycleImage: string;
  readonly platformApi: string;
  readonly lifecycleVersion: string;
  readonly userId: number;
  readonly groupId: number;
  /** What may be detected; nothing when the builder does not say. */
  readonly buildpacks: readonly BuildpackRef[];
  readonly hasSomethingToRestore: boolean;
  readonly files: RunFiles;
};

/** What is copied in, and where it goes; entries are made anew each time they are asked for. */
export type RunFiles = {
  /** The app: to `/workspace`. */
  readonly app: () => Iterable<TarEntry>;
  /** `platform/env`: to `/`. */
  readonly platform: () => Iterable<TarEntry>;
  /** run.toml: to `/layers`. */
  readonly runToml: () => Iterable<TarEntry>;
  /** project-metadata.toml: to `/layers`. */
  readonly projectMetadata: () => Iterable<TarEntry>;
  /** The run image and the previous image, without their layers: to the layout volume. */
  readonly images: () => Iterable<TarEntry>;
};

type ProgramSpec = {
  readonly program: LifecycleProgram;
  /** Whether it runs nothing of a buildpack's, so that a pinned lifecycle image can. */
  readonly isOfLifecycle?: true;
  readonly asRoot: boolean;
  readonly hasNetwork: boolean;
  readonly volumes: readonly ('layers' | 'workspace' | 'layout' | 'cache')[];
  readonly copied: (files: RunFiles) => readonly (readonly [directory: string, entries: () => Iterable<TarEntry>])[];
};

/**
 * Phases that may start as root, and which volume each sees: buildpacks/pack internal/build/lifecycle_execution.go. As the image becomes a
 * layout, only phases that run buildpacks get a network. What the export reads is copied in again: a buildpack could have changed it.
 */
const programs: Readonly<Record<ContainerPhase | 'create', ProgramSpec>> = {
  analyze: {
    program: 'analyzer',
    isOfLifecycle: true,
    asRoot: true,
    hasNetwork: false,
    volumes: ['layers', 'layout'],
    copied: (files) => [
      ['/layers', files.runToml],
      [layoutRoot, files.images],
    ],
  },
  detect: {
    program: 'detector',
    asRoot: false,
    hasNetwork: true,
    volumes: ['layers', 'workspace'],
    copied: (files) => [
      ['/workspace', files.app],
      ['/', files.platform],
    ],
  },
  restore: {
    program: 'restorer',
    isOfLifecycle: true,
    asRoot: true,
    hasNetwork: false,
    volumes: ['layers', 'layout', 'cache'],
    copied: () => [],
  },
  build: {
    program: 'builder',
    asRoot: false,
    hasNetwork: true,
    volumes: ['layers', 'workspace'],
    copied: (files) => [['/', files.platform]],
  },
  export: {
    program: 'exporter',
    isOfLifecycle: true,
    asRoot: true,
    hasNetwork: false,
    volumes: ['layers', 'workspace', 'layout', 'cache'],
    copied: (files) => [
      [
        '/layers',
        function* () {
          yield* files.runToml();
          yield* files.projectMetadata();
        },
      ],
    ],
  },
  create: {
    program: 'creator',
    asRoot: true,
    hasNetwork: true,
    volumes: ['layers', 'workspace', 'layout', 'cache'],
    copied: (files) => [
      ['/workspace', files.app],
      [
        '/',
        function* () {
          yield* files.platform();
          // the creator is told of no other run.toml than the builder's own, which pack replaces too
          for (const entry of files.runToml()) yield {...entry, path: `cnb/${entry.path}`};
        },
      ],
      ['/layers', files.projectMetadata],
      [layoutRoot, files.images],
    ],
  },
};

const places = {layers: '/layers', workspace: '/workspace', layout: layoutRoot, cache: '/cache'} as const;

/** The container that runs a phase, or all of them (`create`). */
export function lifecycleContainer(run: ContainerRun, phase: ContainerPhase | 'create'): LifecycleContainer {
  const {program, isOfLifecycle, asRoot, hasNetwork, volumes, copied} = programs[phase];
  const {job, resources} = run;
  const volumeNames = {...resources, cache: run.cache};
  const mounts = volumes.map(
    (volume): ContainerMount => ({kind: 'volume', volume: volumeNames[volume], to: places[volume]}),
  );
  return {
    request: {
      name: resources.container(program),
      labels: resources.labels,
      image: isOfLifecycle ? run.lifecycleImage : run.image,
      ...(asRoot ? {user: 'root'} : {}),
      command: lifecycleCommand(program, {
        target: 'layout',
        image: job.tags[0] ?? job.image,
        tags: [],
        runImage: job.builder.runImage.name,
        processType: job.defaultProcess,
        ...(phase === 'build' ? {logLevel: 'debug'} : {}),
      }),
      environment: environmentOf(run, phase),
      inherited: hasNetwork ? proxiesSet() : [],
      mounts,
      network: hasNetwork ? resources.network : 'none',
    },
    copiedIn: copied(run.files).map(([directory, entries]) => ({directory, entries})),
    isCopiedLate: phase === 'export',
  };
}

function environmentOf(run: ContainerRun, phase: ContainerPhase | 'create'): Readonly<Record<string, string>> {
  const {job, platformApi, userId, groupId} = run;
  const exports = phase === 'export' || phase === 'create';
  return {
    CNB_PLATFORM_API: platformApi,
    ...(phase === 'detect' || phase === 'build'
      ? {}
      : {CNB_USER_ID: String(userId), CNB_GROUP_ID: String(groupId), ...layoutEnvironment}),
    ...(exports && job.creationTime !== undefined ? {SOURCE_DATE_EPOCH: String(job.creationTime)} : {}),
  };
}

const proxyNames = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];

/** A proxy's address may hold a password: the command line takes the values out of its own environment. */
function proxiesSet(): readonly string[] {
  return proxyNames.filter((name) => (process.env[name] ?? '') !== '');
}
