// The phases of the lifecycle as data: which program, which parts of the build it sees, what it is told.
import type {PhaseName} from '../domain/phase.ts';
import type {PreparedRun} from './prepare-run.ts';
import {eventsDescriptor} from './phase-process.ts';
import type {Mount, SandboxCommand} from './sandbox.ts';

export type LifecyclePhaseName = Exclude<PhaseName, 'prepare' | 'rebase'>;

/** The order the embedded executor runs them in, after prepare. */
export const lifecyclePhases: readonly LifecyclePhaseName[] = ['detect', 'analyze', 'restore', 'build', 'export'];

export type LifecycleProgram = {
  /** Absolute path of the Node binary. */
  readonly node: string;
  /** Absolute path of the lifecycle bundle. */
  readonly lifecycleBundle: string;
};

type LifecyclePhase = {
  readonly program: string;
  readonly sees: (run: PreparedRun) => readonly (Mount | undefined)[];
  readonly flags: (run: PreparedRun) => readonly string[];
  readonly told: (run: PreparedRun) => Readonly<Record<string, string>>;
};

const nothing = () => ({});
const none = () => [];

const phases: Readonly<Record<LifecyclePhaseName, LifecyclePhase>> = {
  detect: {
    program: 'detector',
    sees: ({mounts}) => [mounts.layers, mounts.workspace, mounts.platform, mounts.cnb, ...mounts.buildpacks],
    flags: none,
    told: nothing,
  },
  analyze: {
    program: 'analyzer',
    sees: ({mounts}) => [mounts.layers, mounts.cnb, mounts.runImage, mounts.previous],
    flags: ({job}) => ['--', ...job.tags.slice(0, 1)],
    told: imagePlaces,
  },
  restore: {
    program: 'restorer',
    sees: ({mounts}) => [mounts.layers, mounts.cnb, mounts.cache],
    flags: none,
    told: cachePlace,
  },
  build: {
    program: 'builder',
    sees: ({mounts}) => [mounts.layers, mounts.workspace, mounts.platform, mounts.cnb, ...mounts.buildpacks],
    flags: none,
    told: nothing,
  },
  export: {
    program: 'exporter',
    sees: ({mounts}) => [
      mounts.layers,
      mounts.workspace,
      mounts.cnb,
      mounts.runImage,
      mounts.previous,
      mounts.cache,
      mounts.out,
      mounts.knownLayers,
    ],
    flags: ({job}) => [...(job.defaultProcess ? ['-process-type', job.defaultProcess] : []), '--', ...job.tags],
    told: (run) => ({
      ...imagePlaces(run),
      ...cachePlace(run),
      SLIPWAY_OUTPUT_LAYOUT: run.room.locate(run.mounts.out),
      SLIPWAY_KNOWN_LAYERS: run.room.locate(run.mounts.knownLayers),
      SLIPWAY_RUN_IMAGE_HAS_BASH: String(run.job.builder.runnable),
      ...(run.job.creationTime === undefined ? {} : {SOURCE_DATE_EPOCH: String(run.job.creationTime)}),
    }),
  },
};

function imagePlaces({job, room, mounts}: PreparedRun): Readonly<Record<string, string>> {
  const {previous} = mounts;
  return {
    SLIPWAY_RUN_IMAGE_LAYOUT: `${room.locate(mounts.runImage)}@${job.builder.runImage.digest}`,
    ...(previous && job.previous
      ? {SLIPWAY_PREVIOUS_IMAGE_LAYOUT: `${room.locate(previous)}@${job.previous.digest}`}
      : {}),
  };
}

function cachePlace({room, mounts}: PreparedRun): Readonly<Record<string, string>> {
  return {CNB_CACHE_DIR: room.locate(mounts.cache)};
}

/** The command of a phase: `node lifecycle.mjs <program> <flags>` with an environment made from an allow-list. */
export function phaseCommand(name: LifecyclePhaseName, run: PreparedRun, program: LifecycleProgram): SandboxCommand {
  const phase = phases[name];
  const {room} = run;
  const node: Mount = {from: program.node, to: '/slipway/bin/node', writable: false};
  const lifecycle: Mount = {from: program.lifecycleBundle, to: '/slipway/lifecycle.mjs', writable: false};
  const mounts = [node, lifecycle, ...phase.sees(run).filter((mount) => mount !== undefined)];
  return {
    name,
    mounts,
    program: [room.locate(node), room.locate(lifecycle), phase.program, ...phase.flags(run)],
    environment: {...proxies(), ...commonEnvironment(run), ...phase.told(run)},
    workingDirectory: room.locate(run.mounts.layers),
  };
}

/** The Platform API the phases speak. */
export const platformApi = '0.13';

function commonEnvironment({job, room, mounts}: PreparedRun): Readonly<Record<string, string>> {
  const cnb = room.locate(mounts.cnb);
  return {
    LANG: 'C.UTF-8',
    CNB_PLATFORM_API: platformApi,
    CNB_STACK_ID: job.builder.stackId,
    CNB_USER_ID: String(job.builder.userId),
    CNB_GROUP_ID: String(job.builder.groupId),
    CNB_LAYERS_DIR: room.locate(mounts.layers),
    CNB_APP_DIR: room.locate(mounts.workspace),
    CNB_PLATFORM_DIR: room.locate(mounts.platform),
    CNB_BUILDPACKS_DIR: `${cnb}/buildpacks`,
    CNB_BUILD_CONFIG_DIR: `${cnb}/build-config`,
    CNB_ORDER_PATH: `${cnb}/order.toml`,
    CNB_RUN_PATH: `${cnb}/run.toml`,
    CNB_PROJECT_METADATA_PATH: `${cnb}/project-metadata.toml`,
    SLIPWAY_EVENTS_FD: String(eventsDescriptor),
  };
}

const proxyNames = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy'];

function proxies(): Readonly<Record<string, string>> {
  const given = proxyNames.map((name) => [name, process.env[name] ?? ''] as const);
  return Object.fromEntries(given.filter(([, value]) => value !== ''));
}
