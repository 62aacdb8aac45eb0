// What holds for every decision, whatever the image, its builder and its history are.
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {isUserMade, reasonOrder} from '../../source/domain/change.ts';
import {decideBuild, type DecisionInputs} from '../../source/domain/decide-build.ts';
import {deepFrozen, withKeysReversed} from '../support/builders.ts';
import {arbitraryInputs} from './arbitrary-inputs.ts';

const always = (check: (inputs: DecisionInputs) => void) =>
  fc.assert(fc.property(arbitraryInputs, check), {numRuns: 100});

describe('every decision', () => {
  test('is the same for the same inputs, and writes to none of them', () => {
    always((inputs) => {
      expect(decideBuild(deepFrozen(inputs))).toEqual(decideBuild(structuredClone(inputs)));
    });
  });

  test('does not depend on the order in which keys were written', () => {
    always((inputs) => {
      expect(decideBuild(withKeysReversed(inputs))).toEqual(decideBuild(inputs));
    });
  });

  test('names each reason once, in the fixed order, with old and new that differ', () => {
    always((inputs) => {
      const decision = decideBuild(inputs);
      const due = 'due' in decision ? decision.due : [];
      const places = due.map(({change}) => reasonOrder.indexOf(change.reason));
      expect(places).toEqual([...new Set(places)].toSorted((a, b) => a - b));
      for (const {change} of due) expect(change.old).not.toEqual(change.new);
    });
  });

  test('starts nothing while a build runs', () => {
    always((inputs) => {
      const running = inputs.builds.find(({state}) => state === 'running');
      if (running) expect(decideBuild(inputs)).toEqual({kind: 'running', number: running.number});
    });
  });

  test('starts nothing new while a build waits to run again', () => {
    always((inputs) => {
      if (!inputs.builds.some(({state}) => state === 'interrupted')) return;
      expect(['running', 'hold']).toContain(decideBuild(inputs).kind);
    });
  });

  test('to build or rebase has a reason; up to date has none; a hold has words', () => {
    always((inputs) => {
      const decision = decideBuild(inputs);
      if (decision.kind === 'build' || decision.kind === 'rebase') expect(decision.due.length).toBeGreaterThan(0);
      if (decision.kind === 'hold') expect(decision.hold.message).toMatch(/\w+ \w+/);
    });
  });

  test('to rebase is for STACK alone, on the stack id of the image that is there', () => {
    always((inputs) => {
      const decision = decideBuild(inputs);
      if (decision.kind !== 'rebase') return;
      expect(decision.due.map(({change}) => change.reason)).toEqual(['STACK']);
      const success = inputs.builds.findLast(({state}) => state === 'succeeded');
      const stack = inputs.builder?.kind === 'ready' ? inputs.builder.stack : undefined;
      expect(success?.result?.stackId).toBe(stack?.spec.id);
    });
  });

  test('about a paused image starts nothing', () => {
    always((inputs) => {
      if (inputs.image.paused) expect(['build', 'rebase']).not.toContain(decideBuild(inputs).kind);
    });
  });

  test('to let maintenance happen by itself needs the policy for it', () => {
    always((inputs) => {
      const decision = decideBuild(inputs);
      if (decision.kind !== 'build' || decision.due.some(({change}) => isUserMade(change.reason))) return;
      expect(inputs.image.spec.updatePolicy).toBe('auto');
    });
  });

  test('about the first build of an image is CONFIG, with TRIGGER at most', () => {
    always((inputs) => {
      const decision = decideBuild({...inputs, builds: []});
      if (decision.kind !== 'build') return;
      const reasons = decision.due.map(({change}) => change.reason).filter((reason) => reason !== 'TRIGGER');
      expect(reasons).toEqual(['CONFIG']);
    });
  });
});
