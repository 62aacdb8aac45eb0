// How patches go forward: the next wave when the open ones have settled, the end when all have, a stop when too many failed.
import type {BuildInputs} from '../domain/build.ts';
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

/** What the inputs of a build that starts now say of the patch it belongs to; nothing when it belongs to none. */
export function patchPart(record: ImageRecord, state: State): Pick<BuildInputs, 'patch' | 'restores'> {
  const pending = pendingMember(record, state.patches);
  if (!pending) return {};
  const {patch, member} = pending;
  const newest = record.builds.at(-1);
  const unchanged = newest !== undefined && patch.rollbackOf !== undefined && newest.inputs.patch === patch.rollbackOf;
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
