// When a controller stops by itself.
import {expect, test} from 'vitest';
import {decideIdle, type Idleness, watchIdle} from '../../source/daemon/idle.ts';
import type {Clock} from '../../source/ports/clock.ts';

const busy: Idleness = {kind: 'busy'};

test.each<[string, Idleness, boolean, number, Idleness]>([
  ['something goes on', {kind: 'idle', since: 10, stopAt: 110}, true, 500, busy],
  ['it just ended', busy, false, 50, {kind: 'idle', since: 50, stopAt: 150}],
  ['nothing for a while', {kind: 'idle', since: 50, stopAt: 150}, false, 149, {kind: 'idle', since: 50, stopAt: 150}],
  ['nothing for long enough', {kind: 'idle', since: 50, stopAt: 150}, false, 150, {kind: 'stop', since: 50}],
  ['the clock went back', {kind: 'idle', since: 50, stopAt: 150}, false, 20, {kind: 'idle', since: 20, stopAt: 120}],
  ['still nothing', {kind: 'stop', since: 50}, false, 400, {kind: 'stop', since: 50}],
  ['something after all', {kind: 'stop', since: 50}, true, 400, busy],
])('%s', (_case, last, isBusy, now, expected) => {
  expect(decideIdle(last, isBusy, now, 100)).toEqual(expected);
});

test('the watch stops after a whole quiet time, once, and not before', () => {
  const clock = aClock();
  let isBusy = true;
  const stops: number[] = [];
  watchIdle({clock, idleAfter: 1000, isBusy: () => isBusy, onIdle: () => stops.push(clock.now())});
  clock.advance(5000);
  isBusy = false;
  clock.advance(900);
  isBusy = true;
  clock.advance(200);
  isBusy = false;
  clock.advance(900);
  expect(stops).toEqual([]);
  clock.advance(3000);
  expect(stops).toHaveLength(1);
});

test('a watch that was stopped stops nothing', () => {
  const clock = aClock();
  const stop = watchIdle({clock, idleAfter: 100, isBusy: () => false, onIdle: () => expect.unreachable()});
  clock.advance(50);
  stop();
  clock.advance(1000);
});

function aClock(): Clock & {advance(milliseconds: number): void} {
  let now = 0;
  let tasks: {readonly at: number; readonly task: () => void}[] = [];
  return {
    now: () => now,
    after(milliseconds, task) {
      const entry = {at: now + milliseconds, task};
      tasks.push(entry);
      return () => {
        tasks = tasks.filter((other) => other !== entry);
      };
    },
    advance(milliseconds) {
      const end = now + milliseconds;
      for (;;) {
        const next = tasks.toSorted((one, other) => one.at - other.at)[0];
        if (next === undefined || next.at > end) break;
        tasks = tasks.filter((other) => other !== next);
        now = next.at;
        next.task();
      }
      now = end;
    },
  };
}
