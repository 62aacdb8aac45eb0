// When the tags of a stack are looked at, and when what was found is followed without asking.
import {describe, expect, test} from 'vitest';
import {plan} from '../../source/controller/plan.ts';
import {nextStackLookAt} from '../../source/controller/stack-polling.ts';
import type {Event} from '../../source/domain/event.ts';
import type {FollowPolicy} from '../../source/domain/stack.ts';
import {aStack, aState, stateAfter} from '../support/builders.ts';

const now = 1_000_000;
const minute = 60_000;
const stack = {...aStack(), spec: {...aStack().spec, follow: 'ask' as FollowPolicy}};
const {generation} = stack;

describe('the next look at the tags of a stack', () => {
  test.each([
    ['a stack that was never looked at: now', undefined, 0, 0],
    ['one of another spec: now', {generation: generation + 1, at: now, failures: 0}, 0, 0],
    ['one that was looked at: after the interval', {generation, at: now, failures: 0}, now + 5 * minute, 5 * minute],
    ['after two failures: four times as late', {generation, at: now, failures: 2}, now + 20 * minute, 20 * minute],
    ['after a hundred failures: an hour', {generation, at: now, failures: 100}, now + 60 * minute, 60 * minute],
  ])('%s', (_what, look, earliest, interval) => {
    const at = nextStackLookAt(stack, look, {});
    expect(at).toBeGreaterThanOrEqual(earliest);
    expect(at).toBeLessThanOrEqual(earliest + interval * 0.1);
  });

  test('does not come at once for all stacks', () => {
    const look = {generation, at: now, failures: 0};
    const times = ['a', 'b', 'c', 'd'].map((name) =>
      nextStackLookAt({...stack, name}, look, {stackPollInterval: minute}),
    );
    expect(new Set(times).size).toBe(4);
  });
});

describe('the plan', () => {
  const moved: Event = {kind: 'stack.tag-moved', at: 1, name: stack.name, to: {buildImage: 'b', runImage: 'r'}};
  const commands = (follow: FollowPolicy | undefined, ...events: readonly Event[]) => {
    const {follow: _, ...spec} = stack.spec;
    const saved: Event = {kind: 'stack.saved', at: 1, stack: {...stack, spec: {...spec, ...(follow ? {follow} : {})}}};
    const state = stateAfter(aState([]), saved, ...events);
    const looks = new Map([[stack.name, {generation, at: now, failures: 0}]]);
    const {commands: given, wakeAt} = plan(state, new Map(), now, new Map(), looks);
    return {given: given.map(({kind}) => kind), wakes: wakeAt !== undefined};
  };

  test.each<readonly [string, FollowPolicy | undefined, readonly Event[], readonly string[], boolean]>([
    ['leaves a stack alone that follows nothing', undefined, [], [], false],
    ['waits for the next look', 'ask', [], [], true],
    ['leaves a proposal to the operator', 'ask', [moved], [], true],
    ['follows what moved', 'auto', [moved], ['follow-stack'], true],
    ['does not follow what is held', 'auto', [{...moved, hold: 'to and fro'}], [], true],
  ])('%s', (_what, follow, events, given, wakes) => {
    expect(commands(follow, ...events)).toEqual({given, wakes});
  });
});
