// The controller as a process: one per state directory, wired here, serving its socket until it is told to stop or is idle.
import {mkdir} from 'node:fs/promises';
import {createController, type Controller} from '../controller/controller.ts';
import {buildIsOpen} from '../domain/build.ts';
import type {Event} from '../domain/event.ts';
import {createEmbeddedExecutor} from '../executors/embedded-executor.ts';
import {createSandbox} from '../executors/create-sandbox.ts';
import {probeSandbox} from '../executors/probe-sandbox.ts';
import {removeTree} from '../executors/remove-tree.ts';
import {openHistory} from '../history/open-history.ts';
import {lifecycleVersion} from '../lifecycle/lifecycle-version.ts';
import type {Clock} from '../ports/clock.ts';
import {type ControllerStatus, protocolVersion} from '../protocol/message.ts';
import {createSourceResolver} from '../sources/create-source-resolver.ts';
import type {State} from '../state/state.ts';
import {createBaseDifference} from './base-difference.ts';
import {createHands} from './carry-out.ts';
import {acquireControllerLock} from './controller-lock.ts';
import {createEngines} from './engines.ts';
import {createIntentHandler, defaultConcurrency} from './handle-intent.ts';
import {watchIdle} from './idle.ts';
import {createImageCaches} from './image-caches.ts';
import {createImageLibrary} from './image-library.ts';
import {Refusal} from './refusal.ts';
import {serveSocket} from './serve-socket.ts';
import {createService} from './service.ts';
import {createTagDigests} from './tag-digests.ts';
import {type StatePaths, statePaths} from './state-paths.ts';

export type RunControllerOptions = {
  readonly home: string;
  readonly version: string;
  /** The Node binary and the bundle that the phases of a build run with. */
  readonly node: string;
  readonly lifecycleBundle: string;
  /** Where the sample buildpacks and apps of this installation lie. */
  readonly examples: string;
  /** Stop by itself after this many milliseconds with nothing to do and nobody to serve; undefined means never. */
  readonly idleAfter?: number;
  /** Aborted by the signals that ask the process to end. */
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
};

/**
 * Serves until it is stopped. Rejects when the state directory is somebody else's, unreadable or newer, in words for a
 * person; resolves when everything is closed.
 */
export async function runController(options: RunControllerOptions): Promise<void> {
  const paths = statePaths(options.home);
  await makeHome(paths.home);
  const lock = await acquireControllerLock({home: paths.home, log: options.log});
  try {
    await serve(options, paths);
  } finally {
    await lock.release();
  }
}

async function makeHome(home: string): Promise<void> {
  try {
    await mkdir(home, {recursive: true, mode: 0o700});
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    const next = 'make it a directory that you can write to, or name another one (SLIPWAY_HOME or --home)';
    throw new Refusal('unavailable', `cannot use ${home} as state directory: ${why}; ${next}`, {cause});
  }
}

async function serve(options: RunControllerOptions, paths: StatePaths): Promise<void> {
  const clock = systemClock();
  const history = openHistory({directory: paths.home, now: clock.now});
  try {
    await serveHistory(options, paths, clock, history);
  } finally {
    history.close();
  }
}

async function serveHistory(
  options: RunControllerOptions,
  paths: StatePaths,
  clock: Clock,
  history: ReturnType<typeof openHistory>,
): Promise<void> {
  const {log, version} = options;
  const startedAt = clock.now();
  const sandbox = await probeSandbox(options.node);
  const sources = createSourceResolver({gitDirectory: paths.git, now: clock.now});
  const library = createImageLibrary(paths, {
    engineCli: async (kind) => engines.cli(kind ?? (await engines.choose('auto'))),
  });
  const embedded = createEmbeddedExecutor({
    node: options.node,
    lifecycleBundle: options.lifecycleBundle,
    sources,
    publish: library.publish,
    checkPublish: library.checkPublish,
    knownLayers: library.knownLayers,
    sandbox: createSandbox(sandbox),
    clock,
  });
  const engines = createEngines({
    paths,
    sources,
    publish: library.publish,
    checkPublish: library.checkPublish,
    clock,
    log,
  });
  const caches = createImageCaches(paths, engines);
  await embedded.sweep(paths.worksRoot);
  await engines.executor.sweep(paths.worksRoot);
  await removeTree(paths.incoming);
  const onDefect = (error: unknown) =>
    log(`defect: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const hands = createHands({
    clock,
    history,
    sources,
    executors: {embedded, container: engines.executor},
    library,
    engines,
    paths,
    onDefect,
    patches: () => controller.state.read().patches,
    tags: createTagDigests(paths),
    acceptProposal: async (name) => void (await handleIntent({kind: 'stack.accept', name}, false)),
  });
  const controller = createController({history, clock, carryOut: hands.carryOut, onDefect});
  controller.record(openingEvents(controller.state.read(), {version, sandbox}, clock.now()));

  const handleIntent = createIntentHandler({
    controller,
    clock,
    paths,
    library,
    engines,
    caches,
    onDefect,
    history,
    examples: options.examples,
  });
  const stopping = new AbortController();
  const stop = AbortSignal.any([options.signal, stopping.signal]);
  const status = (): ControllerStatus => ({
    pid: process.pid,
    version,
    protocol: protocolVersion,
    home: paths.home,
    startedAt,
    clients: server.clients(),
    runningBuilds: runningBuilds(controller.state.read()),
    logFile: paths.log,
  });
  const service = createService({
    controller,
    history,
    library,
    caches,
    handleIntent,
    baseDifference: createBaseDifference({paths, state: controller.state.read}),
    status,
    stop: ({cancelBuilds}) => {
      if (cancelBuilds) controller.record(cancelEvents(controller.state.read(), clock.now()));
      setImmediate(() => stopping.abort());
    },
    log,
  });
  const server = await serveSocket({home: paths.home, service, log});
  log(`slipway ${version} controller ready, pid ${process.pid}, home ${paths.home}`);
  controller.start();
  const stopEngineWatch = engines.watch(controller);
  const stopIdleWatch =
    options.idleAfter === undefined
      ? undefined
      : watchIdle({
          clock,
          idleAfter: options.idleAfter,
          isBusy: () => server.clients() > 0 || controller.busy() > 0 || hasSomethingToFollow(controller),
          onIdle: () => stopping.abort(),
        });
  await aborted(stop);
  stopIdleWatch?.();
  stopEngineWatch();
  log('stopping');
  hands.interruptAll();
  await server.close();
  await controller.stop();
  log('stopped');
}

/** What a controller that begins must say first: who it is, and what its predecessor left running. */
function openingEvents(
  state: State,
  {
    version,
    sandbox,
  }: {readonly version: string; readonly sandbox: Extract<Event, {kind: 'controller.started'}>['sandbox']},
  now: number,
): readonly Event[] {
  const running = Object.values(state.images).flatMap(({builds}) =>
    builds.filter((build) => build.state === 'running'),
  );
  const settings: Event = {
    kind: 'settings.changed',
    at: now,
    settings: {...state.settings, maxConcurrentBuilds: defaultConcurrency},
  };
  return [
    {kind: 'controller.started', at: now, version, lifecycleVersion, sandbox},
    ...(state.sequence === 0 ? [settings] : []),
    ...running.map(
      ({namespace, image, number}): Event => ({kind: 'build.interrupted', at: now, namespace, image, number}),
    ),
  ];
}

function cancelEvents(state: State, now: number): readonly Event[] {
  return Object.values(state.images)
    .flatMap(({builds}) => builds.filter(buildIsOpen))
    .map(({namespace, image, number}) => ({kind: 'cancel.requested', at: now, namespace, image, number}));
}

function runningBuilds(state: State): number {
  return Object.values(state.images).flatMap(({builds}) => builds.filter((build) => build.state === 'running')).length;
}

/** Sources that move are polled or watched: such a controller has work as long as it lives. */
function hasSomethingToFollow(controller: Controller): boolean {
  return controller.currentPlan().wakeAt !== undefined;
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), {once: true});
  });
}

function systemClock(): Clock {
  return {
    now: () => Date.now(),
    after(milliseconds, task) {
      const timer = setTimeout(task, Math.min(milliseconds, 2 ** 31 - 1));
      return () => clearTimeout(timer);
    },
  };
}
