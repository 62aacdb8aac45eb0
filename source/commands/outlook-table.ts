// What a change would lead to, image by image: what a dry run shows.
import {reasonText} from '../domain/change.ts';
import type {Decision, DueChange} from '../domain/decision.ts';
import type {PatchMember} from '../domain/patch.ts';
import type {PlainData} from '../domain/plain-yaml.ts';
import type {Outlook} from './client-types.ts';
import {table} from './text-table.ts';
import {durationText} from './time-text.ts';

/** A table, or one sentence when no image is touched; a patch's with its counts below. Ends without a newline. */
export function outlookTable(outlook: readonly Outlook[]): string {
  if (outlook.length === 0) return 'No image would be built.';
  const rows = outlook.flatMap((one) => (one.member ? [{...one, member: one.member}] : []));
  if (rows.length > 0) return `${memberTable(rows)}\n${planSummary(rows.map(({member}) => member))}`;
  const plain = outlook.map(({namespace, name, decision}) => [name, namespace, ...decisionWords(decision)]);
  return table(['Image Resource', 'Namespace', 'Decision', 'Reason'], plain).trimEnd();
}

/** The plan for programs; undefined when the change is no patch. */
export function planData(outlook: readonly Outlook[]): PlainData | undefined {
  const members = outlook.flatMap((one) => (one.member ? [memberData(one, one.member)] : []));
  if (members.length === 0) return undefined;
  const counts = countsOf(outlook.flatMap(({member}) => member ?? []));
  return {counts: {...counts}, members};
}

/** The check that decided what is planned. */
export function decidingCheck(member: PatchMember, decision?: Decision): string {
  if (member.refusal !== undefined) return "the image's own documents";
  switch (member.planned) {
    case 'rebase':
      return member.restore ? 'the image of before is there' : 'STACK alone, same stack id';
    case 'build':
      return 'more than the run image changes';
    case 'none':
      return 'nothing is due';
    case 'held':
      return decision?.kind === 'hold' ? decision.hold.kind : 'held';
    default:
      return member.planned satisfies never;
  }
}

/** `3 rebase, 1 build, 2 held; about 1m 2s of work`. */
export function planSummary(members: readonly PatchMember[]): string {
  const counts = Object.entries(countsOf(members)).filter(([, count]) => count > 0);
  const words = counts.map(([step, count]) => `${count} ${step}`).join(', ');
  const acting = members.filter(({wave}) => wave > 0);
  const known = acting.flatMap(({estimate}) => estimate ?? []);
  const waves = Math.max(0, ...acting.map(({wave}) => wave));
  return `${words}${waves > 1 ? `, in ${waves} waves` : ''}; ${workText(known, acting.length - known.length)}`;
}

function workText(known: readonly number[], unknown: number): string {
  if (known.length === 0) return 'no estimate: nothing like it ran before';
  const sum = durationText(known.reduce((total, one) => total + one, 0));
  return unknown === 0 ? `about ${sum} of work` : `about ${sum} of work, ${unknown} without an estimate`;
}

function countsOf(members: readonly PatchMember[]): Readonly<Record<PatchMember['planned'], number>> {
  const count = (step: PatchMember['planned']) => members.filter(({planned}) => planned === step).length;
  return {rebase: count('rebase'), build: count('build'), none: count('none'), held: count('held')};
}

function memberTable(rows: readonly (Outlook & {readonly member: PatchMember})[]): string {
  const cells = rows.map(({namespace, name, decision, member}) => [
    name,
    namespace,
    member.planned,
    member.why,
    decidingCheck(member, decision),
    member.wave > 0 ? String(member.wave) : '--',
    member.estimate === undefined ? '--' : durationText(member.estimate),
  ]);
  return table(['Image Resource', 'Namespace', 'Decision', 'Reason', 'Check', 'Wave', 'Estimate'], cells).trimEnd();
}

function memberData({decision}: Outlook, member: PatchMember): PlainData {
  const {namespace, name, planned, why, wave, previous, becomes, restore, estimate} = member;
  return {
    namespace,
    name,
    decision: planned,
    reason: why,
    check: decidingCheck(member, decision),
    wave,
    ...(previous ? {previousDigest: previous.digest} : {}),
    ...(becomes === undefined ? {} : {newDigest: becomes}),
    ...(restore ? {restores: restore.digest} : {}),
    ...(estimate === undefined ? {} : {estimateMilliseconds: estimate}),
  };
}

function decisionWords(decision: Decision): readonly [decision: string, reason: string] {
  switch (decision.kind) {
    case 'build':
    case 'rebase':
      return [decision.kind, reasons(decision.due)];
    case 'up-to-date':
      return ['none', 'up to date'];
    case 'running':
      return ['later', `build ${decision.number} runs first`];
    case 'hold':
      return ['held', decision.hold.message];
    default:
      return decision satisfies never;
  }
}

function reasons(due: readonly DueChange[]): string {
  return reasonText(due.map(({change}) => change));
}
