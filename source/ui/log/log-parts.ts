// The parts of a log: its phases, and within a phase its buildpacks; which of them are folded to one line.
import type {Build} from '../../domain/build.ts';
import type {PhaseName} from '../../domain/phase.ts';
import {buildpackLabel} from '../../domain/buildpack.ts';
import type {LogSection} from '../client-types.ts';
import type {LogView} from './log-view.ts';

export type PartState = 'running' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';

export type LogPart = {
  readonly key: string;
  readonly phase: PhaseName;
  readonly attempt: number;
  readonly buildpack?: string;
  /** Its lines: `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
  readonly state: PartState;
  /** Milliseconds, where they are known. */
  readonly took?: number;
  readonly folded: boolean;
};

export type LogPartsWish = {
  readonly sections: readonly LogSection[];
  readonly total: number;
  readonly build: Build | undefined;
  readonly view: Pick<LogView, 'folds' | 'follow' | 'top' | 'hit'>;
  /** Whether finished phases fold by themselves. */
  readonly autoFold: boolean;
};

/** Parts in the order of their lines, a phase before its buildpacks. */
export function logParts(wish: LogPartsWish): readonly LogPart[] {
  return wish.sections.map((section, at) => partOf(section, at, wish));
}

/** The parts that hold a line, the phase first. */
export function partsAt(parts: readonly LogPart[], line: number): readonly LogPart[] {
  return parts.filter(({from, to}) => from <= line && line < to);
}

/** What is to be remembered so that a line is seen: every part that holds it is open. */
export function unfolded(folds: LogView['folds'], parts: readonly LogPart[], line: number): LogView['folds'] {
  const closed = partsAt(parts, line).filter(({folded}) => folded);
  return closed.length === 0 ? folds : {...folds, ...Object.fromEntries(closed.map(({key}) => [key, false]))};
}

function partOf(section: LogSection, at: number, wish: LogPartsWish): LogPart {
  const {phase, attempt, buildpack, line: from} = section;
  const key = `${attempt}/${phase}${buildpack === undefined ? '' : `/${buildpack}`}`;
  const next = wish.sections.find((other, index) => index > at && (buildpack !== undefined || !other.buildpack));
  const to = next?.line ?? wish.total;
  const state = stateOf(section, next, wish.build);
  const took = tookOf(section, next, wish.build);
  const part = {key, phase, attempt, from, to, state, ...(buildpack === undefined ? {} : {buildpack})};
  return {...part, ...(took === undefined ? {} : {took}), folded: wish.view.folds[key] ?? foldsItself(part, wish)};
}

/** A phase that went well, unless somebody reads in it. */
function foldsItself({from, to, state, buildpack}: Omit<LogPart, 'folded'>, {view, autoFold}: LogPartsWish): boolean {
  if (!autoFold || buildpack !== undefined || (state !== 'succeeded' && state !== 'skipped')) return false;
  const inside = (line: number | undefined) => line !== undefined && from < line && line < to;
  return view.follow || !inside(view.top);
}

function stateOf({phase, attempt, buildpack}: LogSection, next: LogSection | undefined, build: Build | undefined) {
  if (!build) return 'running';
  if (attempt < build.attempts.length) return 'cancelled';
  const state = build.phases.find(({name}) => name === phase)?.state ?? 'running';
  const known: PartState = state === 'pending' ? 'running' : state;
  if (buildpack === undefined) return known;
  if (next?.phase === phase && next.attempt === attempt) return 'succeeded';
  const failed = build.failure?.buildpack;
  return known === 'failed' && failed && buildpackLabel(failed) !== buildpack ? 'succeeded' : known;
}

function tookOf({phase, attempt, buildpack, at}: LogSection, next: LogSection | undefined, build: Build | undefined) {
  const record = build && attempt === build.attempts.length ? build.phases.find(({name}) => name === phase) : undefined;
  const begin = buildpack === undefined ? record?.startedAt : at;
  const end = buildpack !== undefined && next?.phase === phase ? next.at : record?.finishedAt;
  return begin === undefined || end === undefined ? undefined : Math.max(0, end - begin);
}
