// How patches go forward: the next wave when the open ones have settled, the end when all have, a stop when too many failed.
import {newestSuccess} from '../domain/baselines.ts';
import type {BuildInputs} from '../domain/build.ts';
import {type Change, isUserMade} from '../domain/change.ts';
import {type Patch, tooManyFailures} from '../domain/patch.ts';
import {pendingMember} from '../state/patch-members.ts';
import {patchProgress} from '../state/patch-progress.ts';
import type {ImageRecord, State} from '../state/state.ts';
import type {Command} from './command.ts';

/** At most one step per patch. */
export function patchCommands(state: State): readonly Command[] {
  return Object.values(state.patches).flatMap((patch) =>
    patch.state === 'running' ? (nextStep(patch, state) ?? []) : [],
  );
}

/**
 * What the inputs of a build that starts now say of the patch it belongs to; nothing when it belongs to none. A rollback
 * points the image back as long as what it is now came from that patch and nobody asked for anything else.
 */
export function patchPart(
  record: ImageRecord,
  changes: readonly Change[],
  state: State,
): Pick<BuildInputs, 'patch' | 'restores'> {
  const pending = pendingMember(record, state.patches);
  if (!pending) return {};
  const {patch, member} = pending;
  const made = newestSuccess(record.builds)?.inputs.patch;
  const unchanged = made !== undefined && made === patch.rollbackOf && !changes.some(({reason}) => isUserMade(reason));
  return {patch: patch.id, ...(unchanged && member.restore ? {restores: member.restore.digest} : {})};
}

function nextStep(patch: Patch, state: State): Command | undefined {
  const {counts, acting, openWavesSettled} = patchProgress(patch, state);
  const failed = counts.failed + counts.cancelled;
  if (tooManyFailures(patch.rollout, failed, acting)) {
    return {
      kind: 'close-patch',
      patch: patch.id,
      state: 'stopped',
      note: `${failed} of ${acting} failed, more than allowed`,
    };
  }
  if (!openWavesSettled) return undefined;
  if (patch.openWave < patch.waves) return {kind: 'open-wave', patch: patch.id, wave: patch.openWave + 1};
  return {kind: 'close-patch', patch: patch.id, state: failed > 0 ? 'failed' : 'succeeded'};
}
