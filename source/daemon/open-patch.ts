// Turns a change that touches images into a patch: planned per image before anything runs, with the checks that decide it.
import type {Build} from '../domain/build.ts';
import {builderKey} from '../domain/builder.ts';
import {reasonText} from '../domain/change.ts';
import type {Decision} from '../domain/decision.ts';
import type {Event} from '../domain/event.ts';
import type {Patch, PatchMember, PatchTarget, PatchUndo, PlannedStep, Rollout} from '../domain/patch.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {Outlook} from '../protocol/intent.ts';
import {entry} from '../state/entry.ts';
import {builderOf} from '../state/image-decision.ts';
import {latestSuccess} from '../state/image-status.ts';
import type {ImageRecord, State} from '../state/state.ts';
import type {ImageLibrary} from './image-library.ts';
import {Refusal} from './refusal.ts';

export type PatchChange = {
  readonly before: State;
  /** The state as it will be after the change. */
  readonly after: State;
  readonly events: readonly Event[];
  readonly outlook: readonly Outlook[];
  readonly rollout: Rollout;
  readonly rollbackOf?: Patch;
};

/**
 * The patch that the change is, or undefined when no image has anything to do because of it. Rebases are checked against
 * the images' own documents (lifecycle `phase/rebaser.go`); a refusal keeps the image held and says why.
 */
export async function openPatch(change: PatchChange, library: ImageLibrary, now: number): Promise<Patch | undefined> {
  const target = targetOf(change);
  if (!target) return undefined;
  const planned = await Promise.all(change.outlook.map((outlook) => planMember(outlook, change, library)));
  if (!planned.some(({planned: step}) => step === 'rebase' || step === 'build')) return undefined;
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
    undo: undoOf(change),
    ...(change.rollbackOf ? {rollbackOf: change.rollbackOf.id} : {}),
  };
}

function targetOf({before, events, rollbackOf}: PatchChange): PatchTarget | undefined {
  if (rollbackOf) return {kind: 'Patch', name: rollbackOf.id, old: rollbackOf.target.new, new: rollbackOf.target.old};
  for (const event of events) {
    const target = targetOfEvent(event, before);
    if (target) return target;
  }
  return undefined;
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

async function planMember(
  outlook: Outlook,
  {after, rollbackOf}: PatchChange,
  library: ImageLibrary,
): Promise<PlannedMember> {
  const key = resourceKey(outlook.namespace, outlook.name);
  const record = entry(after.images, key);
  const decision = outlook.decision;
  const success = record && latestSuccess(record);
  const refusal = decision.kind === 'rebase' && record ? await refusalOf(record, after, library) : undefined;
  const planned = refusal === undefined ? stepOf(decision) : 'held';
  const restore = rollbackOf && restoredResult(rollbackOf, key, record);
  const estimate = record && estimateOf(record, restore || planned === 'rebase' ? 'rebase' : 'build');
  return {
    namespace: outlook.namespace,
    name: outlook.name,
    planned,
    why: refusal ?? whyOf(decision),
    afterBuild: record?.buildCounter ?? 0,
    ...(refusal === undefined ? {} : {refusal}),
    ...(success?.result ? {previous: success.result} : {}),
    ...(restore ? {restore} : {}),
    ...(estimate === undefined ? {} : {estimate}),
  };
}

/** The rebase as the image's own documents judge it; undefined when nothing forbids it. */
async function refusalOf(record: ImageRecord, after: State, library: ImageLibrary): Promise<string | undefined> {
  const builder = builderOf(record, after);
  const digest = latestSuccess(record)?.result?.digest;
  if (builder?.kind !== 'ready' || digest === undefined) return undefined;
  const {runImage} = builder.stack.resolved;
  const {namespace, name, spec} = record.image;
  return library.checkRebase({namespace, image: name, appDigest: digest, base: runImage, tags: [spec.tag]}).then(
    () => undefined,
    (error: unknown) => {
      if (error instanceof Refusal) return error.message;
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

/** What a rollback points the image back to: what it was before, if what it is now came from that patch. */
function restoredResult(patch: Patch, key: string, record: ImageRecord | undefined) {
  const previous = entry(patch.members, key)?.previous;
  const newest = record?.builds.at(-1);
  return newest?.inputs.patch === patch.id && newest.state === 'succeeded' ? previous : undefined;
}

/** Median of the image's own successful builds of this kind, in milliseconds. */
function estimateOf({builds}: ImageRecord, strategy: Build['strategy']): number | undefined {
  const took = builds
    .filter((build) => build.strategy === strategy && build.state === 'succeeded' && build.finishedAt !== undefined)
    .map((build) => (build.finishedAt ?? 0) - build.startedAt)
    .toSorted((a, b) => a - b);
  return took[Math.floor(took.length / 2)];
}

/** Rebases first, then builds; canaries make a wave of their own in front. */
function assignWaves(members: readonly PlannedMember[], {wave, canary = []}: Rollout): Map<PlannedMember, number> {
  const acting = members.filter(({planned}) => planned === 'rebase' || planned === 'build');
  const isCanary = ({namespace, name}: PlannedMember) =>
    canary.includes(name) || canary.includes(resourceKey(namespace, name));
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

/** The resources as they were, of those that the change saves. */
function undoOf({before, events}: PatchChange): PatchUndo {
  const stacks = events.flatMap((event) =>
    event.kind === 'stack.saved' ? (entry(before.stacks, event.stack.name) ?? []) : [],
  );
  const stores = events.flatMap((event) =>
    event.kind === 'store.saved' ? (entry(before.stores, event.store.name) ?? []) : [],
  );
  const builders = events.flatMap((event) =>
    event.kind === 'builder.saved'
      ? (entry(before.builders, builderKey(event.builder.kind, event.builder.name, event.builder.namespace)) ?? [])
      : [],
  );
  const images = events.flatMap((event) => {
    if (event.kind !== 'image.saved') return [];
    const {namespace, name} = event.image;
    const old = entry(before.images, resourceKey(namespace, name));
    return old ? [{namespace, name, builder: old.image.spec.builder}] : [];
  });
  return {stacks, stores, builders, images};
}
