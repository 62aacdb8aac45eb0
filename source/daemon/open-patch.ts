// Turns a change that touches images into a patch: planned per image before anything runs, with the checks that decide it.
import {newestSuccess, openBuild} from '../domain/baselines.ts';
import type {Build, BuildResult} from '../domain/build.ts';
import {builderKey} from '../domain/builder.ts';
import {type Change, isUserMade, reasonText} from '../domain/change.ts';
import type {Decision} from '../domain/decision.ts';
import type {Event} from '../domain/event.ts';
import type {Patch, PatchMember, PatchTarget, PlannedStep} from '../domain/patch.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {Rollout} from '../domain/rollout.ts';
import type {Outlook} from '../protocol/intent.ts';
import {entry} from '../state/entry.ts';
import {builderOf, imageDecision} from '../state/image-decision.ts';
import type {ImageRecord, State} from '../state/state.ts';
import type {ImageLibrary} from './image-library.ts';
import {patchUndo} from './patch-undo.ts';
import {Refusal} from './refusal.ts';

export type PatchChange = {
  readonly before: State;
  /** The state as it will be after the change. */
  readonly after: State;
  readonly events: readonly Event[];
  readonly outlook: readonly Outlook[];
  readonly rollout: Rollout;
  readonly rollbackOf?: Patch;
  /** What a rollback leaves as it is. */
  readonly remains?: readonly string[];
};

/**
 * The patch that the change is, or undefined when no image has anything to do because of it. Rebases are checked against
 * the images' own documents (lifecycle `phase/rebaser.go`); a refusal keeps the image held and says why. Throws a Refusal
 * when a canary is none of the images that the patch acts on.
 */
export async function openPatch(change: PatchChange, library: ImageLibrary, now: number): Promise<Patch | undefined> {
  const target = targetOf(change);
  if (!target) return undefined;
  const records = change.outlook.map((outlook) => memberRecord(outlook, change.after));
  const estimates = estimatesOf(records.map(({record}) => record));
  const planned = await inParallel(records, (member) => planMember(member, change, estimates, library));
  if (!planned.some(acts)) return undefined;
  checkCanaries(planned, change.rollout);
  const waves = assignWaves(planned, change.rollout);
  const members = inOrder(planned, waves).map((member): [string, PatchMember] => [
    resourceKey(member.namespace, member.name),
    {...member, wave: waves.get(member) ?? 0},
  ]);
  return {
    id: `patch-${change.before.patchCounter + 1}`,
    openedAt: now,
    target,
    members: Object.fromEntries(members),
    rollout: change.rollout,
    waves: Math.max(...waves.values()),
    openWave: 1,
    state: 'running',
    undo: patchUndo(change),
    ...(change.rollbackOf ? {rollbackOf: change.rollbackOf.id} : {}),
    ...(change.remains?.length ? {remains: change.remains} : {}),
  };
}

/** Documents read at once: a fleet must not be in memory as a whole. */
const readsAtOnce = 32;

async function inParallel<T, R>(values: readonly T[], task: (value: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < values.length; index = next++) {
      const value = values[index];
      if (value !== undefined) results[index] = await task(value);
    }
  };
  await Promise.all(Array.from({length: readsAtOnce}, worker));
  return results;
}

function targetOf({before, events, rollbackOf}: PatchChange): PatchTarget | undefined {
  if (rollbackOf) return {kind: 'Patch', name: rollbackOf.id, old: rollbackOf.target.new, new: rollbackOf.target.old};
  const targets = events.flatMap((event) => targetOfEvent(event, before) ?? []);
  return targets.length > 1 ? targetOfAll(targets) : targets[0];
}

function targetOfAll(targets: readonly PatchTarget[]): PatchTarget {
  const named = targets.slice(0, 3).map(({kind, name}) => `${kind} ${name}`);
  const more = targets.length > named.length ? [`${targets.length - named.length} more`] : [];
  return {kind: 'Manifest', name: [...named, ...more].join(', '), old: 'the specs before', new: 'the specs applied'};
}

function targetOfEvent(event: Event, before: State): PatchTarget | undefined {
  switch (event.kind) {
    case 'stack.saved': {
      const old = entry(before.stacks, event.stack.name);
      if (!old) return undefined;
      const digests = {old: old.resolved.runImage.digest, new: event.stack.resolved.runImage.digest};
      return {kind: 'ClusterStack', name: event.stack.name, ...digests};
    }
    case 'store.saved': {
      const old = entry(before.stores, event.store.name);
      if (!old) return undefined;
      return {
        kind: 'ClusterStore',
        name: event.store.name,
        old: `generation ${old.generation}`,
        new: `generation ${event.store.generation}`,
      };
    }
    case 'lifecycle.saved': {
      const old = entry(before.lifecycles, event.lifecycle.name);
      if (!old) return undefined;
      const {name, resolved} = event.lifecycle;
      return {kind: 'ClusterLifecycle', name, old: old.resolved.version, new: resolved.version};
    }
    case 'builder.saved': {
      const {kind, name, namespace, generation} = event.builder;
      const old = entry(before.builders, builderKey(kind, name, namespace));
      if (!old) return undefined;
      return {kind, name, old: `generation ${old.generation}`, new: `generation ${generation}`};
    }
    case 'image.saved': {
      const {namespace, name, spec} = event.image;
      const old = entry(before.images, resourceKey(namespace, name))?.image.spec.builder;
      if (!old || (old.kind === spec.builder.kind && old.name === spec.builder.name)) return undefined;
      return {kind: 'Image', name: resourceKey(namespace, name), old: old.name, new: spec.builder.name};
    }
    default:
      return undefined;
  }
}

type PlannedMember = Omit<PatchMember, 'wave'>;
type MemberRecord = {readonly record: ImageRecord; readonly decision: Decision; readonly ends?: Build};

/** The image and what is due; of one that a build runs for, what will be due when that build has ended well. */
function memberRecord({namespace, name, decision}: Outlook, after: State): MemberRecord {
  const record = entry(after.images, resourceKey(namespace, name));
  if (!record) throw new Error(`expected the outlook to speak of images there are, got ${namespace}/${name}`);
  const running = openBuild(record.builds);
  if (decision.kind !== 'running' || !running) return {record, decision};
  const ended = {
    ...record,
    builds: record.builds.map((build) => (build === running ? endedWell(build, record) : build)),
  };
  return {record, decision: imageDecision(ended, after), ends: running};
}

/** The build as it will be if nothing goes wrong. What detection will choose is taken to be what it chose before. */
function endedWell(build: Build, {builds}: ImageRecord): Build {
  const before = newestSuccess(builds)?.result;
  const {runImage, stackId, lifecycleVersion} = build.inputs;
  const result: BuildResult = {
    digest: before?.digest ?? '',
    tags: before?.tags ?? [],
    buildpacks: before?.buildpacks ?? [],
    size: before?.size ?? 0,
    runImage,
    stackId,
    lifecycleVersion,
  };
  return {...build, state: 'succeeded', result};
}

async function planMember(
  {record, decision, ends}: MemberRecord,
  {after, rollbackOf}: PatchChange,
  estimates: Estimates,
  library: ImageLibrary,
): Promise<PlannedMember> {
  const {namespace, name} = record.image;
  const success = newestSuccess(record.builds);
  const restore = rollbackOf && (await restoredResult(rollbackOf, record, decision, after, library));
  const judged = decision.kind === 'rebase' && !restore ? await judgeRebase(record, after, library) : {};
  const {refusal, becomes} = judged;
  const step = restore ? 'rebase' : stepOf(decision);
  const planned = refusal === undefined ? step : 'held';
  const estimate = planned === 'rebase' || planned === 'build' ? estimates(record, planned) : undefined;
  return {
    namespace,
    name,
    planned,
    why: refusal ?? `${whyOf(decision)}${ends ? `, when build ${ends.number} has ended` : ''}`,
    afterBuild: record.buildCounter,
    ...(refusal === undefined ? {} : {refusal}),
    ...(success?.result ? {previous: success.result} : {}),
    ...(becomes === undefined || ends ? {} : {becomes}),
    ...(restore ? {restore} : {}),
    ...(estimate === undefined ? {} : {estimate}),
  };
}

function acts({planned}: PlannedMember): boolean {
  return planned === 'rebase' || planned === 'build';
}

type Judged = {readonly refusal?: string; readonly becomes?: string};

/** The rebase as the image's own documents judge it: why it is refused, or the digest it gives. */
async function judgeRebase(record: ImageRecord, after: State, library: ImageLibrary): Promise<Judged> {
  const builder = builderOf(record, after);
  const digest = newestSuccess(record.builds)?.result?.digest;
  if (builder?.kind !== 'ready' || digest === undefined) return {};
  const {runImage} = builder.stack.resolved;
  const {namespace, name, spec} = record.image;
  return library.previewRebase({namespace, image: name, appDigest: digest, base: runImage, tags: [spec.tag]}).then(
    (becomes) => ({becomes}),
    (error: unknown) => {
      if (error instanceof Refusal) return {refusal: error.message};
      throw error;
    },
  );
}

function stepOf(decision: Decision): PlannedStep {
  switch (decision.kind) {
    case 'rebase':
    case 'build':
      return decision.kind;
    case 'up-to-date':
      return 'none';
    case 'running':
      return 'build';
    case 'hold':
      return 'held';
    default:
      return decision satisfies never;
  }
}

function whyOf(decision: Decision): string {
  switch (decision.kind) {
    case 'rebase':
    case 'build':
      return reasonText(decision.due.map(({change}) => change));
    case 'up-to-date':
      return 'nothing of it changes';
    case 'running':
      return `build ${decision.number} runs; what changes is looked at when it ends`;
    case 'hold':
      return decision.hold.message;
    default:
      return decision satisfies never;
  }
}

/**
 * What a rollback points the image back to: what it was before the patch, when what it is (or is about to be) came from that
 * patch alone, nothing would be due for the image of before, and it is still there.
 */
async function restoredResult(
  patch: Patch,
  record: ImageRecord,
  decision: Decision,
  after: State,
  library: ImageLibrary,
): Promise<BuildResult | undefined> {
  const {image, builds} = record;
  const previous = entry(patch.members, resourceKey(image.namespace, image.name))?.previous;
  const made = openBuild(builds) ?? newestSuccess(builds);
  if (!previous || made?.inputs.patch !== patch.id || userMade(made.changes)) return undefined;
  if (decision.kind !== 'rebase' && decision.kind !== 'build') return undefined;
  if (userMade(decision.due.map(({change}) => change))) return undefined;
  const restored = builds.map((build) =>
    build === made ? {...build, state: 'succeeded' as const, result: previous} : build,
  );
  if (imageDecision({...record, builds: restored}, after).kind !== 'up-to-date') return undefined;
  return (await library.has(image.namespace, image.name, previous.digest)) ? previous : undefined;
}

function userMade(changes: readonly Change[]): boolean {
  return changes.some(({reason}) => isUserMade(reason));
}

type Estimates = (record: ImageRecord, strategy: Build['strategy']) => number | undefined;

/** Median of the image's own successful builds of a kind, else of its fleet's (milliseconds). */
function estimatesOf(records: readonly ImageRecord[]): Estimates {
  const all = records.flatMap(({builds}) => builds);
  const ofFleet = {build: medianTime(all, 'build'), rebase: medianTime(all, 'rebase')};
  return ({builds}, strategy) => medianTime(builds, strategy) ?? ofFleet[strategy];
}

function medianTime(builds: readonly Build[], strategy: Build['strategy']): number | undefined {
  const took = builds
    .filter((build) => build.strategy === strategy && build.state === 'succeeded' && build.finishedAt !== undefined)
    .map((build) => (build.finishedAt ?? 0) - build.startedAt)
    .toSorted((a, b) => a - b);
  return took[Math.floor(took.length / 2)];
}

function checkCanaries(members: readonly PlannedMember[], {canary = []}: Rollout): void {
  const acting = members.filter(acts);
  const unknown = canary.find((name) => !acting.some((member) => isNamed(member, name)));
  if (unknown === undefined) return;
  const found = members.find((member) => isNamed(member, unknown));
  const instead = found ? `the patch leaves it alone: ${found.why}` : `it acts on ${listed(acting)}`;
  throw new Refusal('invalid', `canary "${unknown}" is none of the images that the patch acts on; ${instead}`);
}

function isNamed({namespace, name}: PlannedMember, text: string): boolean {
  return text === name || text === resourceKey(namespace, name);
}

function listed(members: readonly PlannedMember[]): string {
  const names = members.slice(0, 5).map(({name}) => name);
  return members.length > names.length
    ? `${names.join(', ')} and ${members.length - names.length} more`
    : names.join(', ');
}

/** Rebases first, then builds; canaries make a wave of their own in front. */
function assignWaves(members: readonly PlannedMember[], {wave, canary = []}: Rollout): Map<PlannedMember, number> {
  const acting = members.filter(acts);
  const isCanary = (member: PlannedMember) => canary.some((name) => isNamed(member, name));
  const canaries = acting.filter(isCanary);
  const others = acting
    .filter((member) => !isCanary(member))
    .toSorted((a, b) => Number(b.planned === 'rebase') - Number(a.planned === 'rebase'));
  const first = canaries.length > 0 ? 2 : 1;
  const size = wave ?? Math.max(1, others.length);
  const waves = new Map(canaries.map((member): [PlannedMember, number] => [member, 1]));
  others.forEach((member, index) => waves.set(member, first + Math.floor(index / size)));
  return waves;
}

function inOrder(
  members: readonly PlannedMember[],
  waves: ReadonlyMap<PlannedMember, number>,
): readonly PlannedMember[] {
  const last = Number.MAX_SAFE_INTEGER;
  return members.toSorted((a, b) => (waves.get(a) ?? last) - (waves.get(b) ?? last));
}
