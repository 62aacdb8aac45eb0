// The plan: reads the state and says what to do now, and why the rest waits. Pure and level-based: it may be asked too often.
import {newestSuccess} from '../domain/baselines.ts';
import {type Build, buildIsOpen, type BuildInputs, type BuildStrategy} from '../domain/build.ts';
import {isUserMade} from '../domain/change.ts';
import type {DueChange} from '../domain/decision.ts';
import type {Hold} from '../domain/hold.ts';
import {buildConfigOf} from '../domain/reasons/config.ts';
import type {ReadyBuilder} from '../domain/resolve-builder.ts';
import {resourceKey} from '../domain/resource-name.ts';
import {builderOf, imageDecision} from '../state/image-decision.ts';
import type {ImageRecord, State} from '../state/state.ts';
import {type Command, commandKey, type StartCommand} from './command.ts';
import {patchCommands, patchPart} from './patch-commands.ts';
import {prunableBuilds} from './retention.ts';
import {localInterval, type Look, nextLookAt} from './source-polling.ts';

/** Rebases edit two documents each; this many at once keep the disk busy without starving anything. */
export const concurrentRebases = 4;

export type Plan = {
  readonly commands: readonly Command[];
  /** Why an image that is not being built waits, by image key; an image that is up to date has none. */
  readonly holds: Readonly<Record<string, Hold>>;
  /** When to plan again although nothing happened (milliseconds since the epoch): the next look at a source. */
  readonly wakeAt?: number;
};

/** When each image's source was last looked at, with or without success, by image key. Forgotten with the process. */
export type Looks = ReadonlyMap<string, Look>;

/** Starts that did not work and are left alone for a while, by command key. Forgotten with the process. */
export type Resting = ReadonlyMap<string, number>;

/** What to do now. The same state, looks, time and resting starts give the same plan. */
export function plan(state: State, looks: Looks, now: number, resting: Resting = new Map()): Plan {
  const records = Object.values(state.images);
  const due = queueOf(records, state);
  const queued = due.filter(({start}) => !resting.has(commandKey(start)));
  const {starts, waiting} = takeSlots(queued, runningNow(records), state.settings.maxConcurrentBuilds);
  const intervals = {git: state.settings.gitPollInterval, local: localInterval(records, looks, state.settings)};
  const sources = records.map((record) => sourceCommand(record, looks, intervals, now));
  const wakes = sources.map(({lookAt}) => lookAt).filter((at) => at !== undefined && at > now);
  return {
    commands: [
      ...records.flatMap(endingCommands),
      ...starts,
      ...patchCommands(state),
      ...sources.flatMap(({command}) => command ?? []),
      ...records.flatMap(pruneCommands),
    ],
    holds: {...holdsOf(records, waiting, state), ...restingHolds(due, resting)},
    ...(wakes.length > 0 ? {wakeAt: Math.min(...wakes.filter((at) => at !== undefined))} : {}),
  };
}

type Queued = {
  readonly start: StartCommand;
  readonly class: QueueClass;
  readonly since: number;
  readonly key: string;
};

/** Lower first. */
const queueClasses = {interrupted: 0, userMade: 1, maintenance: 2} as const;
type QueueClass = keyof typeof queueClasses;

/**
 * Everything that is due, first in line first: interrupted attempts, then user-made reasons before maintenance, rebases
 * before builds within a class, oldest first.
 */
function queueOf(records: readonly ImageRecord[], state: State): readonly Queued[] {
  const queued = records.flatMap((record) => interruptedAttempt(record, state) ?? dueStart(record, state) ?? []);
  return queued.toSorted(
    (a, b) =>
      queueClasses[a.class] - queueClasses[b.class] ||
      Number(b.start.strategy === 'rebase') - Number(a.start.strategy === 'rebase') ||
      a.since - b.since ||
      (a.key < b.key ? -1 : 1),
  );
}

/** The same build number runs again as its next attempt, with the inputs it was started with. */
function interruptedAttempt(record: ImageRecord, state: State): Queued | undefined {
  const build = record.builds.findLast((candidate) => candidate.state === 'interrupted');
  if (!build || build.cancelRequestedAt !== undefined) return undefined;
  if (imageDecision(record, state).kind !== 'running') return undefined;
  const {namespace, image, number, strategy, changes, inputs} = build;
  const attempt = build.attempts.length + 1;
  return {
    start: {kind: 'start', namespace, image, number, attempt, strategy, changes, inputs},
    class: 'interrupted',
    since: build.startedAt,
    key: resourceKey(namespace, image),
  };
}

function dueStart(record: ImageRecord, state: State): Queued | undefined {
  const decision = imageDecision(record, state);
  if (decision.kind !== 'build' && decision.kind !== 'rebase') return undefined;
  const builder = builderOf(record, state);
  if (builder?.kind !== 'ready') return undefined;
  const {namespace, name} = record.image;
  const changes = decision.due.map(({change}) => change);
  const part = patchPart(record, changes, state);
  const strategy = part.restores === undefined ? decision.kind : 'rebase';
  const inputs = startInputs(record, builder, strategy, state);
  if (!inputs) return undefined;
  const number = record.buildCounter + 1;
  return {
    start: {kind: 'start', namespace, image: name, number, attempt: 1, strategy, changes, inputs: {...inputs, ...part}},
    class: changes.some(({reason}) => isUserMade(reason)) ? 'userMade' : 'maintenance',
    since: dueSince(decision.due),
    key: resourceKey(namespace, name),
  };
}

function dueSince(due: readonly DueChange[]): number {
  return Math.min(...due.map(({since}) => since));
}

function startInputs(
  record: ImageRecord,
  builder: ReadyBuilder,
  strategy: BuildStrategy,
  state: State,
): BuildInputs | undefined {
  const success = newestSuccess(record.builds);
  const {image} = record;
  const {executor} = strategy === 'rebase' && success ? success.inputs : builder.builder.spec;
  const source = strategy === 'rebase' ? success?.inputs.source : record.source?.resolved;
  if (!source) return undefined;
  const {runImage} = builder.stack.resolved;
  return {
    source,
    config: strategy === 'rebase' && success ? success.inputs.config : buildConfigOf(image, source, executor),
    builder: image.spec.builder,
    executor,
    stackName: builder.stack.name,
    stackId: builder.stack.spec.id,
    runImage: {name: runImage.name, digest: runImage.digest},
    lifecycleVersion: lifecycleOf(strategy, success, state),
    imageGeneration: image.generation,
    ...(success?.result ? {previousDigest: success.result.digest} : {}),
  };
}

/** A rebase keeps the lifecycle and the executor that made the image. */
function lifecycleOf(strategy: BuildStrategy, success: Build | undefined, state: State): string {
  if (strategy === 'rebase' && success?.result) return success.result.lifecycleVersion;
  return state.controller?.lifecycleVersion ?? '';
}

type Running = {readonly builds: number; readonly rebases: number};

function runningNow(records: readonly ImageRecord[]): Running {
  const running = records.flatMap(({builds}) => builds.filter(({state}) => state === 'running'));
  const rebases = running.filter(({strategy}) => strategy === 'rebase').length;
  return {builds: running.length - rebases, rebases};
}

function takeSlots(
  queued: readonly Queued[],
  running: Running,
  maxBuilds: number,
): {readonly starts: readonly StartCommand[]; readonly waiting: ReadonlyMap<string, number>} {
  const free = {build: Math.max(1, maxBuilds) - running.builds, rebase: concurrentRebases - running.rebases};
  const starts: StartCommand[] = [];
  const waiting = new Map<string, number>();
  for (const {start, key} of queued) {
    if (free[start.strategy] > 0) {
      free[start.strategy] -= 1;
      starts.push(start);
    } else {
      waiting.set(key, waiting.size + 1);
    }
  }
  return {starts, waiting};
}

function endingCommands({builds}: ImageRecord): readonly Command[] {
  return builds
    .filter((build) => buildIsOpen(build) && build.cancelRequestedAt !== undefined)
    .map(({namespace, image, number, state}) => ({
      kind: state === 'running' ? 'stop' : 'finish-cancelled',
      namespace,
      image,
      number,
    }));
}

function sourceCommand(
  record: ImageRecord,
  looks: Looks,
  intervals: {readonly git: number; readonly local: number},
  now: number,
): {readonly command?: Command; readonly lookAt?: number} {
  const {namespace, name, generation, spec} = record.image;
  const lookAt = nextLookAt(record, looks.get(resourceKey(namespace, name)), intervals, now);
  if (lookAt === undefined || lookAt > now) return lookAt === undefined ? {} : {lookAt};
  const {source, projectDescriptorPath} = spec;
  const descriptor = projectDescriptorPath === undefined ? {} : {projectDescriptorPath};
  return {command: {kind: 'look-at-source', namespace, name, generation, source, ...descriptor}, lookAt};
}

function pruneCommands(record: ImageRecord): readonly Command[] {
  const {namespace, name} = record.image;
  return prunableBuilds(record).map(({number}) => ({kind: 'prune', namespace, image: name, number}));
}

function holdsOf(
  records: readonly ImageRecord[],
  waiting: ReadonlyMap<string, number>,
  state: State,
): Readonly<Record<string, Hold>> {
  const holds: Record<string, Hold> = {};
  for (const record of records) {
    const key = resourceKey(record.image.namespace, record.image.name);
    const decision = imageDecision(record, state);
    const place = waiting.get(key);
    if (decision.kind === 'hold') holds[key] = decision.hold;
    else if (place !== undefined)
      holds[key] = {kind: 'waiting-for-a-slot', message: `waiting for a slot, number ${place} in line`};
  }
  return holds;
}

function restingHolds(due: readonly Queued[], resting: Resting): Readonly<Record<string, Hold>> {
  const left = due.filter(({start}) => resting.has(commandKey(start)));
  return Object.fromEntries(
    left.map(({key, start}): [string, Hold] => [
      key,
      {kind: 'executor-not-ready', message: `build ${start.number} could not be started; it is tried again soon`},
    ]),
  );
}
