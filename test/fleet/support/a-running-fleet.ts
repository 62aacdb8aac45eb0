// A real controller with real images in one process: the history is given, builds are made by a small executor, clients are real.
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import type {Client} from '../../../source/client/client.ts';
import {openInProcessClient, serveInProcess} from '../../../source/client/in-process-client.ts';
import {type Controller, createController} from '../../../source/controller/controller.ts';
import {createBaseDifference} from '../../../source/daemon/base-difference.ts';
import {createHands} from '../../../source/daemon/carry-out.ts';
import {createIntentHandler} from '../../../source/daemon/handle-intent.ts';
import {createImageCaches} from '../../../source/daemon/image-caches.ts';
import {createImageLibrary, type ImageLibrary} from '../../../source/daemon/image-library.ts';
import {createService} from '../../../source/daemon/service.ts';
import type {SharedRegistry} from '../../../source/daemon/shared-registry.ts';
import {createTagDigests} from '../../../source/daemon/tag-digests.ts';
import {type StatePaths, statePaths} from '../../../source/daemon/state-paths.ts';
import type {Event} from '../../../source/domain/event.ts';
import type {Patch, PatchOutcome} from '../../../source/domain/patch.ts';
import {patchIsOpen} from '../../../source/domain/patch.ts';
import {resourceKey} from '../../../source/domain/resource-name.ts';
import {lifecycleVersion} from '../../../source/lifecycle/lifecycle-version.ts';
import {readImage} from '../../../source/oci/image-layout.ts';
import type {Clock} from '../../../source/ports/clock.ts';
import type {BuildJob, Executor} from '../../../source/ports/executor.ts';
import type {History} from '../../../source/ports/history.ts';
import type {Intent, IntentResult} from '../../../source/protocol/intent.ts';
import {protocolVersion} from '../../../source/protocol/message.ts';
import {latestSuccess} from '../../../source/state/image-status.ts';
import {patchProgress} from '../../../source/state/patch-progress.ts';
import type {ImageRecord, State} from '../../../source/state/state.ts';
import {aHistory} from '../../controller/fakes.ts';
import {noEngines} from '../../support/no-engines.ts';
import {type AppPlan, aStackOn, makeApps, makeBase, writeApp, worldOn} from './a-fleet.ts';

export type RunningFleet = {
  readonly home: string;
  readonly paths: StatePaths;
  readonly history: History;
  readonly controller: Controller;
  readonly library: ImageLibrary;
  readonly defects: readonly unknown[];
  send(intent: Intent, dryRun?: boolean): Promise<IntentResult>;
  client(): Promise<Client>;
  state(): State;
  image(name: string): ImageRecord;
  patch(id: string): Patch;
  outcomes(id: string): Readonly<Record<string, PatchOutcome>>;
  /** Resolves as soon as it is so; the test's own time limit is the only other end. */
  until(isSo: (state: State) => boolean): Promise<void>;
  /** Resolves when the patch is closed. */
  closed(id: string): Promise<Patch>;
  /** Ends gently: what runs goes on to its end. */
  stop(): Promise<void>;
};

export type FleetOptions = {
  readonly home: string;
  readonly history?: History;
  readonly clock?: Clock;
  /** Makes a build wait until it resolves; a rejection fails the build. */
  readonly building?: (job: BuildJob) => Promise<void>;
  /** Wraps the library, to look at or hold what it does. */
  readonly around?: (library: ImageLibrary) => ImageLibrary;
  /** How registries are reached. */
  readonly registry?: SharedRegistry;
  /** Do not begin to plan yet. */
  readonly idle?: boolean;
};

/** A temporary directory with two bases of the same stack id, and a fleet on the first. */
export async function aFleetHome(apps: readonly AppPlan[]) {
  const root = await mkdtemp(join(tmpdir(), 'slipway-fleet-'));
  const home = join(root, 'home');
  const bases = join(root, 'bases');
  const first = await makeBase(bases, 'run-1');
  const second = await makeBase(bases, 'run-2');
  const stack = await aStackOn(home, first);
  const events = [...worldOn(stack), ...(await makeApps(home, stack, apps))];
  return {root, home, bases, first, second, stack, events, remove: () => rm(root, {recursive: true, force: true})};
}

export type FleetHome = Awaited<ReturnType<typeof aFleetHome>>;

/** A controller on the home with everything the home's events tell of. */
export function runFleet(place: FleetHome, options: Omit<FleetOptions, 'home'> = {}): RunningFleet {
  const history = options.history ?? aHistory();
  return openFleet({...options, home: place.home, history}, place.events);
}

/** A controller on a history; `events` are recorded first when the history is empty. */
export function openFleet(options: FleetOptions, events: readonly Event[] = []): RunningFleet {
  const {home, clock = systemClock(), history = aHistory(), around = (library) => library} = options;
  const paths = statePaths(home);
  const defects: unknown[] = [];
  const onDefect = (error: unknown): void => void defects.push(error);
  const library = around(createImageLibrary(paths, options.registry ? {registry: options.registry} : {}));
  const sources = {
    resolve: () => Promise.reject(new Error('no source is looked at in this test')),
    fetch: () => Promise.reject(new Error('no source is read in this test')),
  };
  const embedded = anExecutor(paths, options.building ?? (() => Promise.resolve()));
  const tags = createTagDigests(paths);
  const acceptProposal = async (name: string) => void (await handle({kind: 'stack.accept', name}, false));
  const patches = () => controller.state.read().patches;
  const hands = createHands({
    clock,
    history,
    sources,
    executors: {embedded},
    library,
    engines: noEngines,
    paths,
    onDefect,
    patches,
    tags,
    acceptProposal,
  });
  const controller: Controller = createController({history, clock, carryOut: hands.carryOut, onDefect});
  if (controller.state.read().sequence === 0) controller.record(events);
  controller.record(interruptions(controller.state.read(), clock.now()));
  const caches = createImageCaches(paths, noEngines);
  const handle = createIntentHandler({
    controller,
    clock,
    paths,
    library,
    engines: noEngines,
    caches,
    onDefect,
    history,
    examples: '/nowhere',
  });
  const service = createService({
    controller,
    history,
    library,
    caches,
    handleIntent: handle,
    baseDifference: createBaseDifference({paths, state: () => controller.state.read()}),
    status: () => ({
      pid: 1,
      version: '0.1.0',
      protocol: protocolVersion,
      home,
      startedAt: 0,
      clients: 1,
      runningBuilds: 0,
      logFile: paths.log,
    }),
    stop: () => undefined,
    log: () => undefined,
  });
  const server = serveInProcess({service, log: () => undefined});
  if (options.idle !== true) controller.start();

  const state = () => controller.state.read();
  const patch = (id: string): Patch => found(state().patches[id], `patch ${id}`);
  const until = (isSo: (now: State) => boolean) =>
    new Promise<void>((resolve) => {
      if (isSo(state())) {
        resolve();
        return;
      }
      const stop = controller.state.subscribe(() => {
        if (!isSo(state())) return;
        stop();
        resolve();
      });
    });
  return {
    home,
    paths,
    history,
    controller,
    library,
    defects,
    send: (intent, dryRun = false) => handle(intent, dryRun),
    client: () => openInProcessClient(server, '0.1.0'),
    state,
    image: (name) => found(state().images[resourceKey('default', name)], name),
    patch,
    outcomes: (id) => patchProgress(patch(id), state()).outcomes,
    until,
    async closed(id) {
      await until(({patches: now}) => now[id] !== undefined && !patchIsOpen(now[id]));
      return patch(id);
    },
    stop: () => controller.stop(),
  };
}

/** What an image's name points at, read from its layout. */
export async function digestInLayout(fleet: Pick<RunningFleet, 'paths'>, name: string): Promise<string> {
  return (await readImage(fleet.paths.image('default', name), 'latest')).digest;
}

/** The digest that the state says the image has. */
export function digestOf(fleet: RunningFleet, name: string): string {
  return latestSuccess(fleet.image(name))?.result?.digest ?? 'none';
}

/** What a controller that begins records first: what its predecessor left running. */
function interruptions(state: State, at: number): readonly Event[] {
  return Object.values(state.images).flatMap(({builds}) =>
    builds
      .filter((build) => build.state === 'running')
      .map(({namespace, image, number}): Event => ({kind: 'build.interrupted', at, namespace, image, number})),
  );
}

/** Builds an app of its revision on the run image it is given, with the buildpacks it is given. */
function anExecutor(paths: StatePaths, building: (job: BuildJob) => Promise<void>): Executor {
  return {
    kind: 'embedded',
    phases: ['prepare', 'build', 'export'],
    async run(job, _report, signal) {
      const aborted = new Promise<'cancelled'>((resolve) => {
        signal.addEventListener('abort', () => resolve('cancelled'), {once: true});
      });
      try {
        if ((await Promise.race([building(job), aborted])) === 'cancelled') return {kind: 'cancelled'};
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        return {
          kind: 'failed',
          failure: {phase: 'build', exitCode: 51, meaning: 'it failed', message, next: 'Fix it.'},
        };
      }
      const {runImage} = job.builder;
      const base = await readImage(runImage.layout, runImage.digest);
      const text = `${job.image} of ${job.revision.revision}`;
      const written = await writeApp(paths.image(job.namespace, job.image), runImage, base, {text, tags: job.tags});
      return {
        kind: 'succeeded',
        result: {
          ...written,
          tags: job.tags,
          runImage: {name: runImage.name, digest: runImage.digest},
          stackId: job.builder.stackId,
          lifecycleVersion,
          buildpacks: job.builder.buildpacks.map(({id, version}) => ({id, version})),
        },
      };
    },
    sweep: () => Promise.resolve(),
  };
}

function systemClock(): Clock {
  return {
    now: () => Date.now(),
    after(milliseconds, task) {
      const timer = setTimeout(task, milliseconds);
      return () => clearTimeout(timer);
    },
  };
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`there is no ${what}`);
  return value;
}
