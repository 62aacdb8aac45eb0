// The plan: reads the state and says what to do now, and why the rest waits. Pure and level-based: it may be asked too often.
import {newestSuccess} from '../domain/baselines.ts';
import {type Build, buildIsOpen, type BuildInputs, type BuildStrategy} from '../domain/build.ts';
import {executorText} from '../domain/builder.ts';
import {isUserMade} from '../domain/change.ts';
import type {Decision, DueChange} from '../domain/decision.ts';
import type {Hold} from '../domain/hold.ts';
import {buildConfigOf} from '../domain/reasons/config.ts';
import type {ReadyBuilder} from '../domain/resolve-builder.ts';
import {resourceKey} from '../domain/resource-name.ts';
import {type Catalog, catalogOf} from '../state/catalog.ts';
import {builderOf, imageDecision} from '../state/image-decision.ts';
import type {ImageRecord, State} from '../state/state.ts';
import {buildCommandKey, type Command, type StartCommand} from './command.ts';
import {patchCommands, patchPart} from './patch-commands.ts';
import {prunableBuilds} from './retention.ts';
import {localInterval, type Look, nextLookAt} from './source-polling.ts';
import {stackCommands, type StackLooks} from './stack-polling.ts';

/**
 * Rebases edit two documents each and wait for the disk most of the time; this many at once keep it busy, and what they
 * record goes into few transactions.
 */
export const concurrentRebases = 64;

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
export function plan(
  state: State,
  looks: Looks,
  now: number,
  resting: Resting = new Map(),
  stackLooks: StackLooks = new Map(),
): Plan {
  const records = Object.values(state.images);
  const catalog = catalogOf(state);
  const decided = records.map((record) => decidedOf(record, catalog, state));
  const due = queueOf(decided);
  const isResting = (one: Queued) => resting.has(startKey(one.record, one));
  const queued = resting.size === 0 ? due : due.filter((one) => !isResting(one));
  const {starts, waiting} = takeSlots(queued, runningNow(decided), state);
  const intervals = {git: state.settings.gitPollInterval, local: localInterval(records, looks, state.settings)};
  const sources = decided.map((one) => sourceCommand(one, looks, intervals, now));
  const stacks = stackCommands(state, stackLooks, now);
  const sourceWakes = sources.map(({lookAt}) => lookAt).filter((at) => at !== undefined && at > now);
  const wakes = [...sourceWakes, ...stacks.wakes];
  return {
    commands: [
      ...listed(decided, ({facts}) => facts.ending),
      ...starts,
      ...patchCommands(state),
      ...stacks.commands,
      ...listed(sources, ({command}) => (command ? [command] : [])),
      ...listed(decided, ({facts}) => facts.prunable),
    ],
    get holds() {
      return {...holdsOf(decided, waiting), ...restingHolds(resting.size === 0 ? [] : due.filter(isResting))};
    },
    ...(wakes.length > 0 ? {wakeAt: wakes.reduce((a, b) => Math.min(a ?? 0, b ?? 0))} : {}),
  };
}

/** What is to be done about a record, and its place to be in the queue. */
type Decided = {
  readonly catalog: Catalog;
  readonly record: ImageRecord;
  readonly facts: Facts;
  readonly decision: Decision;
  readonly queued?: Queued;
};
const decisions = new WeakMap<ImageRecord, Decided>();

/** Worked out once for a record and a catalog: a pass over a big fleet looks at what changed. */
function decidedOf(record: ImageRecord, catalog: Catalog, state: State): Decided {
  const known = decisions.get(record);
  if (known?.catalog === catalog) return known;
  const facts = known?.facts ?? factsOf(record);
  const decision = imageDecision(record, state);
  const queued = interruptedAttempt(record, facts, decision) ?? dueStart(record, facts, decision, state);
  const decided = {catalog, record, facts, decision, ...(queued ? {queued} : {})};
  decisions.set(record, decided);
  return decided;
}

/** What the plan reads from a record alone. A record is another object whenever anything of it changes. */
type Facts = {
  readonly key: string;
  readonly ending: readonly Command[];
  readonly prunable: readonly Command[];
  readonly running: readonly Build[];
};

function factsOf(record: ImageRecord): Facts {
  return {
    key: resourceKey(record.image.namespace, record.image.name),
    ending: endingCommands(record),
    prunable: pruneCommands(record),
    running: record.builds.filter(({state}) => state === 'running'),
  };
}

/** All that `give` gives; for lists in which most give nothing. */
function listed<T, R>(values: readonly T[], give: (value: T) => readonly R[]): readonly R[] {
  const all: R[] = [];
  for (const value of values) {
    const given = give(value);
    if (given.length > 0) all.push(...given);
  }
  return all;
}

/** One that is due. What it is started with is looked up when it gets a slot. */
type Queued = {
  readonly record: ImageRecord;
  readonly number: number;
  readonly strategy: BuildStrategy;
  readonly class: QueueClass;
  readonly since: number;
  readonly key: string;
  start(state: State): StartCommand | undefined;
};

/** Lower first. */
const queueClasses = {interrupted: 0, userMade: 1, maintenance: 2} as const;
type QueueClass = keyof typeof queueClasses;

/**
 * Everything that is due, first in line first: interrupted attempts, then user-made reasons before maintenance, rebases
 * before builds within a class, oldest first.
 */
function queueOf(decided: readonly Decided[]): readonly Queued[] {
  const queued = decided.map((one) => one.queued).filter((one) => one !== undefined);
  return queued.toSorted(
    (a, b) =>
      queueClasses[a.class] - queueClasses[b.class] ||
      Number(b.strategy === 'rebase') - Number(a.strategy === 'rebase') ||
      a.since - b.since ||
      (a.key < b.key ? -1 : 1),
  );
}

/** The same build number runs again as its next attempt, with the inputs it was started with. */
function interruptedAttempt(record: ImageRecord, facts: Facts, decision: Decision): Queued | undefined {
  if (decision.kind !== 'running') return undefined;
  const build = record.builds.findLast((candidate) => candidate.state === 'interrupted');
  if (!build || build.cancelRequestedAt !== undefined) return undefined;
  const {namespace, image, number, strategy, changes, inputs} = build;
  const attempt = build.attempts.length + 1;
  return {
    record,
    number,
    strategy,
    class: 'interrupted',
    since: build.startedAt,
    key: facts.key,
    start: () => ({kind: 'start', namespace, image, number, attempt, strategy, changes, inputs}),
  };
}

function dueStart(record: ImageRecord, facts: Facts, decision: Decision, state: State): Queued | undefined {
  if (decision.kind !== 'build' && decision.kind !== 'rebase') return undefined;
  const changes = decision.due.map(({change}) => change);
  const part = patchPart(record, changes, state);
  const strategy = part.restores === undefined ? decision.kind : 'rebase';
  const number = record.buildCounter + 1;
  return {
    record,
    number,
    strategy,
    class: changes.some(({reason}) => isUserMade(reason)) ? 'userMade' : 'maintenance',
    since: dueSince(decision.due),
    key: facts.key,
    start(now) {
      const builder = builderOf(record, now);
      const inputs = builder?.kind === 'ready' ? startInputs(record, builder, strategy, now) : undefined;
      const {namespace, name} = record.image;
      const ref = {namespace, image: name, number};
      return inputs && {kind: 'start', ...ref, attempt: 1, strategy, changes, inputs: {...inputs, ...part}};
    },
  };
}

function startKey({image}: ImageRecord, {number}: Pick<Queued, 'number'>): string {
  return buildCommandKey('start', {namespace: image.namespace, image: image.name, number});
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
    config:
      strategy === 'rebase' && success
        ? success.inputs.config
        : buildConfigOf(image, source, executorText(builder.builder.spec)),
    builder: image.spec.builder,
    executor,
    stackName: builder.stack.name,
    stackId: builder.stack.spec.id,
    runImage: {name: runImage.name, digest: runImage.digest},
    lifecycleVersion: lifecycleOf(strategy, success, builder, state),
    imageGeneration: image.generation,
    ...(success?.result ? {previousDigest: success.result.digest} : {}),
  };
}

/** A rebase keeps the lifecycle and the executor that made the image. */
function lifecycleOf(strategy: BuildStrategy, success: Build | undefined, builder: ReadyBuilder, state: State): string {
  if (strategy === 'rebase' && success?.result) return success.result.lifecycleVersion;
  return builder.lifecycle?.version ?? state.controller?.lifecycleVersion ?? '';
}

type Running = {readonly builds: number; readonly rebases: number};

function runningNow(decided: readonly Decided[]): Running {
  const running = listed(decided, ({facts}) => facts.running);
  const rebases = running.filter(({strategy}) => strategy === 'rebase').length;
  return {builds: running.length - rebases, rebases};
}

function takeSlots(
  queued: readonly Queued[],
  running: Running,
  state: State,
): {readonly starts: readonly StartCommand[]; readonly waiting: ReadonlyMap<string, number>} {
  const maxBuilds = Math.max(1, state.settings.maxConcurrentBuilds);
  const free = {build: maxBuilds - running.builds, rebase: concurrentRebases - running.rebases};
  const starts: StartCommand[] = [];
  const waiting = new Map<string, number>();
  for (const one of queued) {
    const start = free[one.strategy] > 0 ? one.start(state) : undefined;
    if (start) {
      free[one.strategy] -= 1;
      starts.push(start);
    } else if (free[one.strategy] <= 0) {
      waiting.set(one.key, waiting.size + 1);
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
  {record, facts}: Decided,
  looks: Looks,
  intervals: {readonly git: number; readonly local: number},
  now: number,
): {readonly command?: Command; readonly lookAt?: number} {
  const {namespace, name, generation, spec} = record.image;
  const lookAt = nextLookAt(record, looks.get(facts.key), intervals, now);
  if (lookAt === undefined || lookAt > now) return lookAt === undefined ? {} : {lookAt};
  const {source, projectDescriptorPath} = spec;
  const descriptor = projectDescriptorPath === undefined ? {} : {projectDescriptorPath};
  return {command: {kind: 'look-at-source', namespace, name, generation, source, ...descriptor}, lookAt};
}

function pruneCommands(record: ImageRecord): readonly Command[] {
  const {namespace, name} = record.image;
  return prunableBuilds(record).map(({number}) => ({kind: 'prune', namespace, image: name, number}));
}

function holdsOf(decided: readonly Decided[], waiting: ReadonlyMap<string, number>): Readonly<Record<string, Hold>> {
  const holds: Record<string, Hold> = {};
  for (const {facts, decision} of decided) {
    const {key} = facts;
    const place = waiting.get(key);
    if (decision.kind === 'hold') holds[key] = decision.hold;
    else if (place !== undefined)
      holds[key] = {kind: 'waiting-for-a-slot', message: `waiting for a slot, number ${place} in line`};
  }
  return holds;
}

function restingHolds(left: readonly Queued[]): Readonly<Record<string, Hold>> {
  return Object.fromEntries(
    left.map(({key, number}): [string, Hold] => [
      key,
      {kind: 'executor-not-ready', message: `build ${number} could not be started; it is tried again soon`},
    ]),
  );
}
