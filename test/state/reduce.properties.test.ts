// What holds after any events whatsoever.
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {buildIsOpen} from '../../source/domain/build.ts';
import type {Event} from '../../source/domain/event.ts';
import {phaseHasEnded} from '../../source/domain/phase.ts';
import {reduce, reduceAll} from '../../source/state/reduce.ts';
import {emptyState, type ImageRecord, type State} from '../../source/state/state.ts';
import {deepFrozen, imageEvents, recordedEvents} from '../support/builders.ts';
import {arbitraryEvents} from './arbitrary-events.ts';

/** The states that events go through, from one in which the image `web` exists. */
function statesOf(events: readonly Event[]): readonly State[] {
  const states = [emptyState];
  for (const recorded of recordedEvents([...imageEvents(), ...events])) {
    states.push(reduce(deepFrozen(states.at(-1) ?? emptyState), recorded));
  }
  return states;
}

/** Each image before and after one event, while it is the same image. */
function steps(states: readonly State[]): readonly (readonly [ImageRecord, ImageRecord])[] {
  return states.slice(1).flatMap((after, index) =>
    Object.entries(after.images).flatMap(([key, record]) => {
      const before = states[index]?.images[key];
      return before ? [[before, record] as const] : [];
    }),
  );
}

const always = (check: (events: readonly Event[]) => void) =>
  fc.assert(fc.property(arbitraryEvents, check), {numRuns: 60});

describe('replay', () => {
  test('of all events at once is the same as one after another', () => {
    always((events) => {
      const recorded = recordedEvents([...imageEvents(), ...events]);
      expect(reduceAll(emptyState, recorded)).toEqual(statesOf(events).at(-1));
    });
  });

  test('from a snapshot, written down and read back, is the same as from the beginning', () => {
    always((events) => {
      const recorded = recordedEvents(events);
      const half = Math.floor(recorded.length / 2);
      const snapshot = JSON.parse(JSON.stringify(reduceAll(emptyState, recorded.slice(0, half)))) as State;
      expect(reduceAll(snapshot, recorded.slice(half))).toEqual(reduceAll(emptyState, recorded));
    });
  });

  test('passes over what was folded in already', () => {
    always((events) => {
      const recorded = recordedEvents(events);
      const state = reduceAll(emptyState, recorded);
      expect(reduceAll(state, recorded)).toBe(state);
    });
  });
});

describe('a build', () => {
  test('that ended never changes again', () => {
    always((events) => {
      for (const [before, after] of steps(statesOf(events))) {
        for (const build of before.builds.filter((candidate) => !buildIsOpen(candidate))) {
          const now = after.builds.find(({number}) => number === build.number);
          expect(now === undefined || now === build).toBe(true);
        }
      }
    });
  });

  test('has phases that only go forward within an attempt', () => {
    always((events) => {
      for (const [before, after] of steps(statesOf(events))) {
        for (const build of after.builds) {
          const earlier = before.builds.find(({number}) => number === build.number);
          if (!earlier || earlier.attempts.length !== build.attempts.length) continue;
          for (const [index, phase] of earlier.phases.entries()) {
            const now = build.phases[index];
            if (phaseHasEnded(phase.state)) expect(now).toBe(phase);
            if (phase.state === 'running') expect(now?.state).not.toBe('pending');
            if (phase.startedAt !== undefined) expect(now?.startedAt).toBe(phase.startedAt);
          }
        }
      }
    });
  });

  test('has no running phase and no running attempt unless it runs', () => {
    always((events) => {
      const state = statesOf(events).at(-1) ?? emptyState;
      for (const build of Object.values(state.images).flatMap(({builds}) => builds)) {
        expect(build.attempts.some((attempt) => attempt.state === 'running')).toBe(build.state === 'running');
        if (build.state === 'running') continue;
        expect(build.phases.filter((phase) => phase.state === 'running')).toEqual([]);
        expect(build.current).toBeUndefined();
      }
    });
  });
});

describe('build numbers', () => {
  test('ascend, and the counter never goes back while the image exists', () => {
    always((events) => {
      for (const [before, after] of steps(statesOf(events))) {
        expect(after.buildCounter).toBeGreaterThanOrEqual(before.buildCounter);
        const numbers = after.builds.map(({number}) => number);
        expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
        expect(Math.max(0, ...numbers)).toBeLessThanOrEqual(after.buildCounter);
      }
    });
  });
});
