import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import type {PlanSection} from '../../source/lifecycle/build-plan.ts';
import {type Candidate, resolvePlan} from '../../source/lifecycle/resolve-plan.ts';

type Wish = {
  readonly provides?: readonly string[];
  readonly requires?: readonly string[];
  readonly optional?: boolean;
  readonly or?: readonly {readonly provides?: readonly string[]; readonly requires?: readonly string[]}[];
};

function aCandidate(id: string, wish: Wish): Candidate {
  return {
    element: {id, version: '1', optional: wish.optional},
    plan: {...section(wish), or: (wish.or ?? []).map(section)},
  };
}

function section({provides = [], requires = []}: Pick<Wish, 'provides' | 'requires'>): PlanSection {
  return {provides, requires: requires.map((name) => ({name}))};
}

function outcome(wishes: Readonly<Record<string, Wish>>) {
  const resolution = resolvePlan(Object.entries(wishes).map(([id, wish]) => aCandidate(id, wish)));
  if (resolution.kind !== 'resolved') return resolution.kind;
  const entries = resolution.entries.map(
    ({name, providers, requires}) => `${name}: ${providers.map(({id}) => id).join(' ')} for ${requires.length}`,
  );
  return [resolution.elements.map(({id}) => id).join(' '), ...entries];
}

const table: readonly {
  readonly note: string;
  readonly wishes: Readonly<Record<string, Wish>>;
  readonly expected: unknown;
}[] = [
  {note: 'nothing asked, nothing offered', wishes: {a: {}, b: {}}, expected: ['a b']},
  {
    note: 'a provider before the one that requires',
    wishes: {a: {provides: ['n']}, b: {requires: ['n']}},
    expected: ['a b', 'n: a for 1'],
  },
  {
    note: 'a provider after the one that requires',
    wishes: {a: {requires: ['n']}, b: {provides: ['n']}},
    expected: 'unresolved',
  },
  {
    note: 'a buildpack that provides to itself',
    wishes: {a: {provides: ['n'], requires: ['n']}},
    expected: ['a', 'n: a for 1'],
  },
  {note: 'a provision that nobody wants', wishes: {a: {provides: ['n']}, b: {}}, expected: 'unresolved'},
  {
    note: 'a provision after the last one that requires',
    wishes: {a: {provides: ['n']}, b: {requires: ['n']}, c: {provides: ['n']}},
    expected: 'unresolved',
  },
  {
    note: 'several providers of one thing',
    wishes: {a: {provides: ['n']}, b: {provides: ['n']}, c: {requires: ['n']}},
    expected: ['a b c', 'n: a b for 1'],
  },
  {
    note: 'an optional provider that is not wanted drops out',
    wishes: {a: {provides: ['n'], optional: true}, b: {}},
    expected: ['b'],
  },
  {
    note: 'an optional one that is not served drops out',
    wishes: {a: {}, b: {requires: ['n'], optional: true}},
    expected: ['a'],
  },
  {
    note: 'one that drops out takes along who needed it',
    wishes: {a: {}, b: {provides: ['n'], requires: ['x'], optional: true}, c: {requires: ['n'], optional: true}},
    expected: ['a'],
  },
  {note: 'when all drop out nothing is left', wishes: {a: {requires: ['n'], optional: true}}, expected: 'unresolved'},
  {
    note: 'the alternative that fits',
    wishes: {a: {provides: ['x'], or: [{provides: ['n']}]}, b: {requires: ['n']}},
    expected: ['a b', 'n: a for 1'],
  },
  {
    note: 'the first alternatives that fit, the last buildpack changing fastest',
    wishes: {a: {provides: ['n'], or: [{}]}, b: {requires: ['x'], or: [{requires: ['n']}, {}]}},
    expected: ['a b', 'n: a for 1'],
  },
  {
    note: 'only the last alternative of an optional buildpack is optional',
    wishes: {a: {provides: ['x'], optional: true, or: [{provides: ['y']}]}, b: {}},
    expected: ['b'],
  },
];

describe('resolving a build plan', () => {
  test.for(table)('$note', ({wishes, expected}) => {
    expect(outcome(wishes)).toEqual(expected);
  });

  test('says what is missing and what is too much', () => {
    const resolution = resolvePlan([aCandidate('a', {provides: ['x']}), aCandidate('b', {requires: ['n']})]);
    expect(resolution).toMatchObject({
      kind: 'unresolved',
      problems: [{kind: 'requires', name: 'n', consequence: 'fail'}],
    });
  });

  test('stops before the combinations of alternatives outgrow the machine', () => {
    const many = Array.from({length: 30}, (_, index) =>
      aCandidate(`b${index}`, {requires: ['n'], or: [{requires: ['n']}]}),
    );
    expect(resolvePlan(many).kind).toBe('too-many-alternatives');
  });

  test('what is resolved fits: each requirement has a provider before or in it, each provision is used', () => {
    fc.assert(
      fc.property(fc.array(wishes, {minLength: 1, maxLength: 5}), (list) => {
        const candidates = list.map((wish, index) => aCandidate(`b${index}`, wish));
        const resolution = resolvePlan(candidates);
        if (resolution.kind !== 'resolved') return;
        for (const entry of resolution.entries) {
          expect(entry.providers.length).toBeGreaterThan(0);
          expect(entry.requires.length).toBeGreaterThan(0);
        }
        const required = candidates.filter(({element}) => element.optional !== true).map(({element}) => element.id);
        const chosen = resolution.elements.map(({id}) => id);
        expect(chosen).toEqual(candidates.map(({element}) => element.id).filter((id) => chosen.includes(id)));
        expect(chosen).toEqual(expect.arrayContaining(required));
      }),
      {numRuns: 500},
    );
  });
});

const names = fc.subarray(['n', 'm', 'o']);
const wishes: fc.Arbitrary<Wish> = fc.record({
  provides: names,
  requires: names,
  optional: fc.boolean(),
  or: fc.array(fc.record({provides: names, requires: names}), {maxLength: 2}),
});
