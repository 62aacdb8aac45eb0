// How long a running build still takes, from the same image's own history; and what is slower than it ever was.
import type {Build} from '../../domain/build.ts';
import {phaseHasEnded, type PhaseName, type PhaseRecord} from '../../domain/phase.ts';

export type TimeLeft = {
  /** Never more than a moment before: it is a sum of what is left of each phase. */
  readonly milliseconds: number;
  /** How many builds it was learned from. */
  readonly count: number;
  /** Half of the builds were within this of the median, in milliseconds. */
  readonly spread: number;
  /** Share of the whole that is done, 0 to 1; never falls. */
  readonly done: number;
  /** It has run longer than 95 of 100 builds did. */
  readonly late: boolean;
};

/** The fewest successes that say something, and how many of the newest are asked. */
const fewest = 3;
const most = 20;

/** What the image's last successes say about a running build; undefined when there are fewer than three. */
export function timeLeft(build: Build, builds: readonly Build[], now: number): TimeLeft | undefined {
  const past = pastOf(build, builds);
  if (past.length < fewest) return undefined;
  const names = build.phases.map(({name}) => name);
  const medians = new Map(names.map((name) => [name, median(past.map((one) => durationIn(one, name)))]));
  const left = sum(build.phases.map((phase) => leftOf(phase, medians.get(phase.name) ?? 0, now)));
  const open = build.phases.filter(({state}) => !phaseHasEnded(state)).map(({name}) => name);
  const whole = sum([...medians.values()]);
  const rests = past.map((one) => sum(open.map((name) => durationIn(one, name))));
  const middle = median(rests);
  const elapsed = now - build.startedAt;
  return {
    milliseconds: left,
    count: past.length,
    spread: median(rests.map((rest) => Math.abs(rest - middle))),
    done: whole === 0 ? 0 : Math.max(0, Math.min(1, 1 - left / whole)),
    late: elapsed > quantile(past.map(totalOf), 0.95),
  };
}

/** How long each phase of the build usually takes, in its order; undefined when that is not known. */
export function usualPhases(build: Build, builds: readonly Build[]): readonly number[] | undefined {
  const past = pastOf(build, builds);
  if (past.length < fewest) return undefined;
  return build.phases.map(({name}) => median(past.map((one) => durationIn(one, name))));
}

/** The newest successes of the same kind before this build; the same list as long as the builds are the same. */
function pastOf(build: Build, builds: readonly Build[]): readonly Build[] {
  return builds
    .filter(
      ({state, strategy, number}) => state === 'succeeded' && strategy === build.strategy && number < build.number,
    )
    .slice(-most);
}

function leftOf({state, startedAt}: PhaseRecord, usual: number, now: number): number {
  if (phaseHasEnded(state)) return 0;
  return state === 'running' && startedAt !== undefined ? Math.max(0, usual - (now - startedAt)) : usual;
}

function durationIn({phases}: Build, name: PhaseName): number {
  const phase = phases.find((one) => one.name === name);
  return phase?.startedAt === undefined || phase.finishedAt === undefined ? 0 : phase.finishedAt - phase.startedAt;
}

function totalOf({startedAt, finishedAt = startedAt}: Build): number {
  return finishedAt - startedAt;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that `share` of all are at most, between two neighbours in proportion. */
function quantile(values: readonly number[], share: number): number {
  const ordered = values.toSorted((a, b) => a - b);
  const at = (ordered.length - 1) * share;
  const [low = 0, high = low] = [ordered[Math.floor(at)], ordered[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}
