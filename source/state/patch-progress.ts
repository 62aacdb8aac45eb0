// How far a patch is: what became of each member, read from the images' builds as they are now.
import {buildIsOpen} from '../domain/build.ts';
import {type Patch, type PatchMember, type PatchOutcome, patchIsOpen} from '../domain/patch.ts';
import {entry} from './entry.ts';
import {imageDecision} from './image-decision.ts';
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

/** The progress now; of a closed patch, its report. */
export function patchProgress(patch: Patch, state: State): PatchProgress {
  const known = remembered.get(patch);
  if (known && known.images === state.images && known.builders === state.builders) return known.progress;
  const progress = progressOf(patch, state);
  remembered.set(patch, {images: state.images, builders: state.builders, progress});
  return progress;
}

type Remembered = {
  readonly images: State['images'];
  readonly builders: State['builders'];
  readonly progress: PatchProgress;
};
const remembered = new WeakMap<Patch, Remembered>();

function progressOf(patch: Patch, state: State): PatchProgress {
  const counts = {'left-alone': 0, held: 0, waiting: 0, running: 0, done: 0, failed: 0, cancelled: 0, gone: 0};
  const outcomes: Record<string, PatchOutcome> = {};
  let acting = 0;
  let openWavesSettled = true;
  for (const [key, member] of Object.entries(patch.members)) {
    const outcome = entry(patch.report ?? {}, key) ?? outcomeOf(patch, member, entry(state.images, key), state);
    outcomes[key] = outcome;
    counts[outcome.state] += 1;
    if (member.wave > 0) acting += 1;
    if (member.wave > 0 && member.wave <= patch.openWave && !isSettled(outcome)) openWavesSettled = false;
  }
  return {outcomes, counts, acting, openWavesSettled};
}

function isSettled({state}: PatchOutcome): boolean {
  return state !== 'waiting' && state !== 'running';
}

function outcomeOf(patch: Patch, member: PatchMember, record: ImageRecord | undefined, state: State): PatchOutcome {
  if (!record) return {state: 'gone', message: 'the image was deleted'};
  if (member.planned === 'none') return {state: 'left-alone', message: member.why};
  if (member.wave === 0) return {state: 'held', message: member.refusal ?? member.why};
  const build = record.builds.findLast(({inputs}) => inputs.patch === patch.id);
  if (!build) return withoutBuild(patch, record, state);
  const number = {build: build.number};
  if (buildIsOpen(build)) return {state: 'running', ...number};
  if (build.state === 'succeeded')
    return {state: 'done', ...number, ...(build.result && {digest: build.result.digest})};
  if (build.state === 'cancelled')
    return {state: 'cancelled', ...number, message: `build ${build.number} was cancelled`};
  return {state: 'failed', ...number, message: build.failure?.message ?? `build ${build.number} failed`};
}

/** No build of this patch yet: it waits, or something else decides about it now. */
function withoutBuild(patch: Patch, record: ImageRecord, state: State): PatchOutcome {
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
