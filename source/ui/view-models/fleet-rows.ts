// A patch on its way through its fleet: one row a member, counts, and about how long it still takes; closed, it is the report.
import type {Build} from '../../domain/build.ts';
import type {Patch, PatchMember, PatchOutcome} from '../../domain/patch.ts';
import {patchIsOpen} from '../../domain/patch.ts';
import type {PhaseRecord} from '../../domain/phase.ts';
import {patchProgress} from '../../state/patch-progress.ts';
import type {State} from '../../state/state.ts';
import {elapsedText, tookText} from './durations.ts';
import {shortDigest} from './names.ts';
import {timeLeft} from './time-left.ts';

export type FleetRow = {
  readonly key: string;
  readonly name: string;
  readonly planned: PatchMember['planned'];
  readonly wave: string;
  readonly state: PatchOutcome['state'];
  /** The digest before the patch and after it, shortened. */
  readonly old: string;
  readonly new: string;
  readonly took: string;
  /** The phases of the running build. */
  readonly phases: readonly PhaseRecord[];
  readonly message: string;
};

export type Fleet = {
  readonly patch: Patch;
  readonly rows: readonly FleetRow[];
  readonly counts: Readonly<Record<PatchOutcome['state'], number>>;
  /** Members that run something, and how many of them have come to an end. */
  readonly acting: number;
  readonly ended: number;
  /** Milliseconds; absent when a member says nothing about itself, or nothing is left. */
  readonly left?: number;
};

/** The fleet of a patch as it is now, what is on its way first. */
export function fleetOf(patch: Patch, state: State, now: number): Fleet {
  const {outcomes, counts, acting} = patchProgress(patch, state);
  const members = Object.entries(patch.members).flatMap(([key, member]) => {
    const outcome = outcomes[key];
    return outcome ? [{key, member, outcome}] : [];
  });
  const rows = members
    .map(({key, member, outcome}) => rowOf(key, member, outcome, state, now))
    .toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.key < b.key ? -1 : 1));
  const ended = members.filter(({member, outcome}) => member.wave > 0 && !isOpen(outcome)).length;
  const left = patchIsOpen(patch) ? leftOf(members, state, now) : undefined;
  return {patch, rows, counts, acting, ended, ...(left === undefined ? {} : {left})};
}

/** The newest patch that was no rollback of an older one, or the newest at all. */
export function newestPatch(state: State, image?: string): Patch | undefined {
  const all = Object.values(state.patches);
  return all.findLast((patch) => image === undefined || (patch.members[image]?.wave ?? 0) > 0);
}

const order: readonly PatchOutcome['state'][] = [
  'failed',
  'running',
  'waiting',
  'held',
  'cancelled',
  'gone',
  'done',
  'left-alone',
];

/** What becomes of a member, in a word. */
export const outcomeWords: Readonly<Record<PatchOutcome['state'], string>> = {
  'left-alone': 'left alone',
  held: 'held',
  waiting: 'waiting',
  running: 'running',
  done: 'done',
  failed: 'failed',
  cancelled: 'left out',
  gone: 'deleted',
};

type Entry = {readonly key: string; readonly member: PatchMember; readonly outcome: PatchOutcome};

function isOpen({state}: PatchOutcome): boolean {
  return state === 'waiting' || state === 'running';
}

function rowOf(key: string, member: PatchMember, outcome: PatchOutcome, state: State, now: number): FleetRow {
  const build = buildOf(key, outcome, state);
  return {
    key,
    name: member.name,
    planned: member.planned,
    wave: member.wave === 0 ? '' : String(member.wave),
    state: outcome.state,
    old: member.previous ? shortDigest(member.previous.digest) : '',
    new: outcome.digest === undefined ? '' : shortDigest(outcome.digest),
    took: tookOf(build, outcome, member, state, now),
    phases: outcome.state === 'running' ? (build?.phases ?? []) : [],
    message: outcome.message ?? member.why,
  };
}

function buildOf(key: string, {build}: PatchOutcome, state: State): Build | undefined {
  return build === undefined ? undefined : state.images[key]?.builds.find(({number}) => number === build);
}

function tookOf(
  build: Build | undefined,
  outcome: PatchOutcome,
  {estimate, wave}: PatchMember,
  state: State,
  now: number,
): string {
  if (outcome.state === 'waiting') return estimate === undefined || wave === 0 ? '' : `~${tookText(estimate)}`;
  if (!build) return '';
  if (build.finishedAt !== undefined) return tookText(build.finishedAt - build.startedAt);
  const builds = state.images[`${build.namespace}/${build.image}`]?.builds ?? [];
  const left = timeLeft(build, builds, now);
  return elapsedText(now - build.startedAt) + (left ? ` ~${elapsedText(left.milliseconds)}` : '');
}

/** What remains of each member, as many builds at once as the controller runs, wave after wave. */
function leftOf(members: readonly Entry[], state: State, now: number): number | undefined {
  const open = members.filter(({member, outcome}) => member.wave > 0 && isOpen(outcome));
  if (open.length === 0 || open.some(({member}) => member.estimate === undefined)) return undefined;
  const waves = [...new Set(open.map(({member}) => member.wave))];
  return waves.reduce(
    (total, wave) =>
      total +
      waveLeft(
        open.filter(({member}) => member.wave === wave),
        state,
        now,
      ),
    0,
  );
}

function waveLeft(open: readonly Entry[], state: State, now: number): number {
  const left = (entry: Entry) => Math.max(0, (entry.member.estimate ?? 0) - elapsedOf(entry, state, now));
  const builds = open.filter(({member}) => member.planned === 'build').map(left);
  const others = open.filter(({member}) => member.planned !== 'build').map(left);
  const slots = Math.max(1, state.settings.maxConcurrentBuilds);
  const all = builds.reduce((sum, one) => sum + one, 0) / slots;
  return Math.max(all, 0, ...builds, ...others);
}

function elapsedOf({key, outcome}: Entry, state: State, now: number): number {
  const build = buildOf(key, outcome, state);
  return build ? now - build.startedAt : 0;
}
