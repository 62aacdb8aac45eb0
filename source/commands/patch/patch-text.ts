// A patch as text: one line of progress, and the report with every image.
import type {Patch, PatchOutcome, PatchTarget} from '../../domain/patch.ts';
import {resourceKey} from '../../domain/resource-name.ts';
import {entry} from '../../state/entry.ts';
import {patchProgress, type PatchProgress} from '../../state/patch-progress.ts';
import type {State} from '../../state/state.ts';
import {decidingCheck} from '../outlook-table.ts';
import {statusBlocks, table} from '../text-table.ts';
import {durationText, localTime} from '../time-text.ts';

/** `ClusterStack "base"`; of a rollback, the patch it takes back. */
export function targetText({kind, name}: PatchTarget): string {
  return kind === 'Patch' ? `rollback of ${name}` : `${kind} "${name}"`;
}

/** `2 of 5`: how many of the images that it acts on are as it wants them. */
export function patchedText({counts, acting, outcomes}: PatchProgress, {members}: Patch): string {
  const done = Object.entries(members).filter(([key, {wave}]) => wave > 0 && entry(outcomes, key)?.state === 'done');
  return counts.done === 0 ? `0 of ${acting}` : `${done.length} of ${acting}`;
}

/** `patch-1: patched 2 of 5, 1 running, 1 failed, wave 1 of 3`. */
export function progressText(patch: Patch, state: State): string {
  const progress = patchProgress(patch, state);
  const {running, failed} = progress.counts;
  return [
    `${patch.id}: patched ${patchedText(progress, patch)}`,
    ...(running > 0 ? [`${running} running`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(patch.waves > 1 ? [`wave ${patch.openWave} of ${patch.waves}`] : []),
    ...(patch.state === 'paused' ? ['paused'] : []),
  ].join(', ');
}

/** What it was asked for, what became of it, and a line for every image. */
export function reportText(patch: Patch, state: State, now: number, isWide = false): string {
  const progress = patchProgress(patch, state);
  const {target, openedAt, closedAt, rollbackOf, remains = [], note, waves, openWave} = patch;
  const counts = Object.entries(progress.counts).filter(([, count]) => count > 0);
  const rows: readonly (readonly [string, string])[] = [
    ['Status', patch.state],
    ...(note === undefined ? [] : [['Reason', note] as const]),
    ['Target', targetText(target)],
    ['Change', `${target.old} -> ${target.new}`],
    ...(rollbackOf === undefined ? [] : [['Rollback Of', rollbackOf] as const]),
    ...remains.map((one) => ['Not Restored', one] as const),
    ['Patched', patchedText(progress, patch)],
    ['Images', counts.map(([state_, count]) => `${count} ${state_}`).join(', ')],
    ['Wave', `${openWave} of ${waves}`],
    ['Opened', localTime(openedAt)],
    [closedAt === undefined ? 'So Far' : 'Took', durationText((closedAt ?? now) - openedAt)],
  ];
  return `${statusBlocks([{rows}])}${memberTable(patch, progress, isWide)}`;
}

function memberTable({members}: Patch, {outcomes}: PatchProgress, isWide: boolean): string {
  const headers = ['Image Resource', 'Namespace', 'Wave', 'Planned', 'State', 'Build', 'Message'];
  const rows = Object.values(members).map((member) => {
    const {namespace, name, planned, wave} = member;
    const outcome: PatchOutcome = entry(outcomes, resourceKey(namespace, name)) ?? {state: 'gone'};
    return [
      name,
      namespace,
      wave > 0 ? String(wave) : '--',
      planned,
      outcome.state,
      outcome.build === undefined ? '--' : String(outcome.build),
      outcome.message ?? member.why,
      ...(isWide ? [decidingCheck(member), member.previous?.digest ?? '--', outcome.digest ?? '--'] : []),
    ];
  });
  return table([...headers, ...(isWide ? ['Check', 'Previous', 'Digest'] : [])], rows);
}
