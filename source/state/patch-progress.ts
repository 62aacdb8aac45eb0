// How far a patch is: what became of each member, read from the images' builds as they are now.
import {type Build, buildIsOpen} from '../domain/build.ts';
import {reasonText} from '../domain/change.ts';
import {type Patch, type PatchMember, type PatchOutcome, patchIsOpen} from '../domain/patch.ts';
import {type Catalog, catalogOf} from './catalog.ts';
import {entry} from './entry.ts';
import {imageDecision} from './image-decision.ts';
import {membershipOf} from './patch-members.ts';
import type {ImageRecord, State} from './state.ts';

export type PatchProgress = {
  /** By image key, in the order of the members. */
  readonly outcomes: Readonly<Record<string, PatchOutcome>>;
  readonly counts: Readonly<Record<PatchOutcome['state'], number>>;
  /** Members that run something. */
  readonly acting: number;
  /** Every member of the waves opened so far has come to an end. */
  readonly openWavesSettled: boolean;
};

/** The progress now; of a closed patch, its report, with what ran on when it was closed. */
export function patchProgress(patch: Patch, state: State): PatchProgress {
  const known = remembered.get(patch);
  const {images, builders, patches} = state;
  if (known && known.images === images && known.builders === builders && known.patches === patches) {
    return known.progress;
  }
  const progress = progressOf(patch, state);
  remembered.set(patch, {images, builders, patches, progress});
  return progress;
}

type Remembered = {
  readonly images: State['images'];
  readonly builders: State['builders'];
  readonly patches: State['patches'];
  readonly progress: PatchProgress;
};
const remembered = new WeakMap<Patch, Remembered>();

function progressOf(patch: Patch, state: State): PatchProgress {
  const counts = {'left-alone': 0, held: 0, waiting: 0, running: 0, done: 0, failed: 0, cancelled: 0, gone: 0};
  const catalog = catalogOf(state);
  const members = membersOf(patch);
  const found: PatchOutcome[] = [];
  let acting = 0;
  let openWavesSettled = true;
  for (const [key, member] of members) {
    const outcome = reported(patch, key) ?? outcomeNow(patch, member, entry(state.images, key), catalog, state);
    found.push(outcome);
    counts[outcome.state] += 1;
    if (member.wave > 0) acting += 1;
    if (member.wave > 0 && member.wave <= patch.openWave && !isSettled(outcome)) openWavesSettled = false;
  }
  let outcomes: PatchProgress['outcomes'] | undefined;
  return {
    counts,
    acting,
    openWavesSettled,
    // The controller asks for the counts after every few events; for the outcomes of a whole fleet only who shows them.
    get outcomes() {
      outcomes ??= Object.fromEntries(members.map(([key], index) => [key, found[index] ?? {state: 'gone'}]));
      return outcomes;
    },
  };
}

type Members = readonly (readonly [key: string, member: PatchMember])[];
const memberLists = new WeakMap<Patch['members'], Members>();

function membersOf({members}: Patch): Members {
  const known = memberLists.get(members);
  if (known) return known;
  const list = Object.entries(members);
  memberLists.set(members, list);
  return list;
}

/** What the report says for good; what still ran then is looked at again. */
function reported({report = {}}: Patch, key: string): PatchOutcome | undefined {
  const outcome = entry(report, key);
  return outcome?.state === 'running' ? undefined : outcome;
}

function isSettled({state}: PatchOutcome): boolean {
  return state !== 'waiting' && state !== 'running';
}

/** The same outcome as long as nothing it is read from changes. */
function outcomeNow(
  patch: Patch,
  member: PatchMember,
  record: ImageRecord | undefined,
  catalog: Catalog,
  state: State,
): PatchOutcome {
  if (!record) return outcomeOf(patch, member, record, state);
  const known = outcomes.get(record);
  if (known && known.patch === patch && known.catalog === catalog) return known.outcome;
  const outcome = outcomeOf(patch, member, record, state);
  outcomes.set(record, {patch, catalog, outcome});
  return outcome;
}

type KnownOutcome = {readonly patch: Patch; readonly catalog: Catalog; readonly outcome: PatchOutcome};
const outcomes = new WeakMap<ImageRecord, KnownOutcome>();

function outcomeOf(patch: Patch, member: PatchMember, record: ImageRecord | undefined, state: State): PatchOutcome {
  if (!record) return {state: 'gone', message: 'the image was deleted'};
  if (member.planned === 'none') return {state: 'left-alone', message: member.why};
  if (member.wave === 0) return {state: 'held', message: member.refusal ?? member.why};
  const build = record.builds.findLast(({inputs}) => inputs.patch === patch.id);
  if (!build) return withoutBuild(patch, record, state);
  const number = {build: build.number};
  if (buildIsOpen(build)) return {state: 'running', ...number};
  if (build.state === 'succeeded')
    return {state: 'done', ...number, ...(build.result && {digest: build.result.digest}), ...otherwise(member, build)};
  if (build.state === 'cancelled')
    return {state: 'cancelled', ...number, message: `build ${build.number} was cancelled`};
  return {state: 'failed', ...number, message: build.failure?.message ?? `build ${build.number} failed`};
}

/** Why the build is not what was planned: something else had become due by then. */
function otherwise({planned}: PatchMember, {strategy, changes}: Build): {readonly message?: string} {
  if (planned === strategy) return {};
  const words = {build: ['built', 'rebased'], rebase: ['rebased', 'built']} as const;
  const [done, instead] = words[strategy];
  return {message: `${done} for ${reasonText(changes)} instead of ${instead}`};
}

/** No build of this patch yet: it waits, or something else decides about it now. */
function withoutBuild(patch: Patch, record: ImageRecord, state: State): PatchOutcome {
  const now = membershipOf(record, state.patches)?.patch;
  if (now && now.id !== patch.id) return {state: 'left-alone', message: `patch ${now.id} took it over`};
  const decision = imageDecision(record, state);
  switch (decision.kind) {
    case 'up-to-date':
      return {state: 'done', message: 'already as the patch wants it'};
    case 'hold':
      if (decision.hold.kind === 'patch' || decision.hold.kind === 'source-not-ready') return {state: 'waiting'};
      return {state: 'held', message: decision.hold.message};
    case 'running':
    case 'build':
    case 'rebase':
      return {state: patchIsOpen(patch) ? 'waiting' : 'cancelled'};
    default:
      return decision satisfies never;
  }
}
