// The loop: records events, plans on what is, and has commands carried out. It never acts on what happened.
import type {Event, RecordedEvent} from '../domain/event.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {Clock} from '../ports/clock.ts';
import type {History} from '../ports/history.ts';
import {entry} from '../state/entry.ts';
import {createState, type StateHolder} from '../state/create-state.ts';
import {reduceAll} from '../state/reduce.ts';
import {emptyState, type State} from '../state/state.ts';
import {createBackoff} from './backoff.ts';
import {type Command, commandKey} from './command.ts';
import {type Plan, plan} from './plan.ts';
import type {Look} from './source-polling.ts';
import type {StackLook} from './stack-polling.ts';

/**
 * Carries out one command and records what came of it. Resolves when nothing of it is left to do; a rejection is a defect
 * and goes to `onDefect`. While it is under way the same command is not given again.
 */
export type CarryOut = (command: Command, controller: Controller) => Promise<void>;

export type ControllerParts = {
  readonly history: History;
  readonly clock: Clock;
  readonly carryOut: CarryOut;
  /** Told of errors nobody else hears of: a defect of a command, a disk that refuses an event. */
  readonly onDefect: (error: unknown) => void;
};

export type Controller = {
  readonly state: Pick<StateHolder, 'read' | 'subscribe'>;
  /** The newest plan: its holds say why an image waits. */
  currentPlan(): Plan;
  /** Makes events durable, folds them in and plans again. Throws when the disk refuses; then nothing happened. */
  record(events: readonly Event[]): readonly RecordedEvent[];
  /** The state as it would be after these events; nothing is recorded. */
  preview(events: readonly Event[]): State;
  onEvents(listener: (events: readonly RecordedEvent[]) => void): () => void;
  /** Looks at an image's source at the next pass, whatever the polling interval. */
  lookSoon(namespace: string, name: string): void;
  /** The same for the tags of a stack. */
  lookAtStackSoon(name: string): void;
  /** Begins to plan. Before it, commands are not given. */
  start(): void;
  /** Gives no more commands; resolves when the ones under way have ended. */
  stop(): Promise<void>;
  /** Commands under way. */
  busy(): number;
};

/**
 * Events between two snapshots: a replay after a crash reads at most so many. A snapshot costs what the fleet is big, so that
 * a big fleet makes them more rarely: the cost of an event stays the same.
 */
const eventsPerSnapshot = 2_000;
const eventsPerImage = 8;

/** So many times what a pass took passes before the next. */
const shareOfRest = 4;

/** A controller on what the history holds. */
export function createController({history, clock, carryOut, onDefect}: ControllerParts): Controller {
  const holder = createState(restore(history));
  const listeners = new Set<(events: readonly RecordedEvent[]) => void>();
  const looks = new Map<string, Look>();
  const stackLooks = new Map<string, StackLook>();
  const underWay = new Map<string, Promise<void>>();
  const backoff = createBackoff();
  let snapshotDue = nextSnapshot(holder.read());
  let current: Plan = {commands: [], holds: {}};
  let running = false;
  let passAsked = false;
  let lastPass = {ended: 0, took: 0};
  let cancelWake: (() => void) | undefined;

  const controller: Controller = {
    state: holder,
    currentPlan: () => current,
    record(events) {
      const recorded = number(events, holder.read().sequence);
      if (recorded.length === 0) return recorded;
      history.append(recorded);
      holder.dispatch(recorded);
      for (const listener of listeners) attempt(() => listener(recorded));
      keepSnapshotNowAndThen();
      askForPass();
      return recorded;
    },
    preview: (events) => reduceAll(holder.read(), number(events, holder.read().sequence)),
    onEvents(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    lookAtStackSoon(name) {
      stackLooks.delete(name);
      askForPass();
    },
    lookSoon(namespace, name) {
      looks.delete(resourceKey(namespace, name));
      askForPass();
    },
    start() {
      running = true;
      askForPass();
    },
    async stop() {
      running = false;
      cancelWake?.();
      await Promise.all(underWay.values());
      attempt(() => history.keepSnapshot(holder.read().sequence, holder.read()));
    },
    busy: () => underWay.size,
  };

  /**
   * Many events in one go make one pass. A pass costs what the fleet is big: between two of them four times as much time is
   * left to the work.
   */
  function askForPass(): void {
    if (passAsked || !running) return;
    passAsked = true;
    const rest = shareOfRest * lastPass.took;
    const wait = lastPass.ended + rest - clock.now();
    const timedPass = () => {
      passAsked = false;
      if (!running) return;
      const began = clock.now();
      pass(began);
      const ended = clock.now();
      lastPass = {ended, took: Math.max(0, ended - began)};
    };
    if (wait > 0) clock.after(Math.min(wait, rest), timedPass);
    else queueMicrotask(timedPass);
  }

  function pass(now: number): void {
    cancelWake?.();
    const resting = backoff.resting(now);
    forgetLooksAtDeletedImages();
    current = plan(holder.read(), looks, now, resting, stackLooks);
    const wakes = [...(current.wakeAt === undefined ? [] : [current.wakeAt]), ...resting.values()];
    for (const command of current.commands) give(command, now, resting);
    if (wakes.length > 0) cancelWake = clock.after(Math.max(0, Math.min(...wakes) - now), askForPass);
  }

  function give(command: Command, now: number, resting: ReadonlyMap<string, number>): void {
    const key = commandKey(command);
    if (underWay.has(key) || resting.has(key)) return;
    if (command.kind === 'look-at-source') {
      looks.set(resourceKey(command.namespace, command.name), {generation: command.generation, at: now});
    }
    if (command.kind === 'look-at-stack') {
      const {name, generation} = command;
      const earlier = stackLooks.get(name);
      const failures = earlier?.generation === generation ? earlier.failures : 0;
      stackLooks.set(name, {generation, at: now, failures});
    }
    const before = holder.read().sequence;
    const done = carryOut(command, controller)
      .then(
        () => {
          // What changed nothing would be asked for again at once, and for ever; looks have their own interval.
          const idle = holder.read().sequence === before && !isLook(command);
          if (idle) backoff.failed(key, clock.now());
          else backoff.succeeded(key);
        },
        (error: unknown) => {
          backoff.failed(key, clock.now());
          onDefect(error);
        },
      )
      .then(() => {
        underWay.delete(key);
        if (command.kind === 'look-at-source') rememberDuration(command, now);
        if (command.kind === 'look-at-stack') rememberStackLook(command, now);
        askForPass();
      });
    underWay.set(key, done);
  }

  /** One more failure in a row when the state has a problem now; unless another look was asked for meanwhile. */
  function rememberStackLook({name, generation}: Extract<Command, {kind: 'look-at-stack'}>, began: number): void {
    const look = stackLooks.get(name);
    if (look?.at !== began || look.generation !== generation) return;
    const failed = entry(holder.read().stackWatches, name)?.problem !== undefined;
    stackLooks.set(name, {...look, failures: failed ? look.failures + 1 : 0});
  }

  /** Unless the image was looked at for another spec meanwhile. */
  function rememberDuration(command: Extract<Command, {kind: 'look-at-source'}>, began: number): void {
    const key = resourceKey(command.namespace, command.name);
    const look = looks.get(key);
    if (look?.at === began) looks.set(key, {...look, took: Math.max(0, clock.now() - began)});
  }

  function keepSnapshotNowAndThen(): void {
    const {sequence} = holder.read();
    if (sequence < snapshotDue) return;
    snapshotDue = nextSnapshot(holder.read());
    attempt(() => history.keepSnapshot(sequence, holder.read()));
  }

  /** An image made again under the same name is looked at as a new one. */
  function forgetLooksAtDeletedImages(): void {
    const {images} = holder.read();
    for (const key of looks.keys()) if (!images[key]) looks.delete(key);
    const {stacks} = holder.read();
    for (const name of stackLooks.keys()) if (!entry(stacks, name)) stackLooks.delete(name);
  }

  /** What happens after an event is durable cannot undo it: a snapshot or a listener that breaks is a defect. */
  function attempt(task: () => void): void {
    try {
      task();
    } catch (error) {
      onDefect(error);
    }
  }

  return controller;
}

/** Looks have intervals of their own. */
function isLook({kind}: Command): boolean {
  return kind === 'look-at-source' || kind === 'look-at-stack';
}

/** The number of the event after which the next snapshot is kept. */
function nextSnapshot({sequence, images}: State): number {
  return sequence + Math.max(eventsPerSnapshot, eventsPerImage * Object.keys(images).length);
}

function restore(history: History): State {
  const {snapshot, events} = history.load();
  const state = snapshot ? ({...emptyState, ...(snapshot.state as State)} satisfies State) : emptyState;
  return reduceAll(state, events);
}

function number(events: readonly Event[], after: number): readonly RecordedEvent[] {
  return events.map((event, index) => ({sequence: after + index + 1, event}));
}
