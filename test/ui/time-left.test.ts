// How long a build still takes: only from its own history, never more than a moment before.
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {Build} from '../../source/domain/build.ts';
import {embeddedPhases} from '../../source/domain/phase.ts';
import {timeLeft, usualPhases} from '../../source/ui/view-models/time-left.ts';
import {aPracticedFleet} from './support/practiced-fleet.ts';
import {fleetNow} from './support/a-fleet.ts';

const {builds} = aPracticedFleet().images['default/spring-petclinic']!;
const running = builds.at(-1)!;

/** The running build as it would be when its phases take so long, `at` milliseconds after its start. */
function after(took: readonly number[], at: number): Build {
  let start = running.startedAt;
  const phases = embeddedPhases.map((name, place) => {
    const [from, to] = [start, start + (took[place] ?? 0)];
    start = to;
    const now = running.startedAt + at;
    if (to <= now) return {name, state: 'succeeded' as const, startedAt: from, finishedAt: to};
    return from <= now ? {name, state: 'running' as const, startedAt: from} : {name, state: 'pending' as const};
  });
  return {...running, phases};
}

describe('the time left', () => {
  test('is a sum of medians with the number of builds and their spread', () => {
    const left = timeLeft(running, builds, fleetNow);
    expect(left?.count).toBe(6);
    expect(left?.milliseconds).toBeGreaterThan(0);
    expect(left?.spread).toBeGreaterThan(0);
    expect(usualPhases(running, builds)).toHaveLength(6);
  });

  test('is not said of fewer than three successes', () => {
    const few = builds.slice(-4);
    expect(timeLeft(running, few, fleetNow)).toBeUndefined();
  });

  test('never grows and the share that is done never falls, however long each phase takes', () => {
    const times = fc.array(fc.integer({min: 1, max: 90_000}), {minLength: 6, maxLength: 6});
    fc.assert(
      fc.property(
        times,
        fc.array(fc.integer({min: 0, max: 300_000}), {minLength: 2, maxLength: 20}),
        (took, moments) => {
          let [left, done] = [Infinity, 0];
          for (const at of moments.toSorted((a, b) => a - b)) {
            const seen = timeLeft(after(took, at), builds, running.startedAt + at)!;
            expect(seen.milliseconds).toBeLessThanOrEqual(left);
            expect(seen.done).toBeGreaterThanOrEqual(done);
            ({milliseconds: left, done} = seen);
          }
        },
      ),
      {numRuns: 200},
    );
  });

  test('says when it is slower than it ever was', () => {
    expect(timeLeft(running, builds, running.startedAt + 10 * 60_000)?.late).toBe(true);
    expect(timeLeft(running, builds, running.startedAt + 1000)?.late).toBe(false);
  });
});
