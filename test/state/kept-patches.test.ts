// Which closed patches stay readable: those of small fleets by their number, those of big ones by what they weigh; nothing that still holds an
// image is forgotten for its size.
import {expect, test} from 'vitest';
import type {Patch, PatchMember} from '../../source/domain/patch.ts';
import {reducePatches} from '../../source/state/reduce-patch.ts';

type Plan = {
  readonly size: number;
  readonly from?: number;
  readonly state?: Patch['state'];
  readonly refused?: boolean;
};

function aPatch(id: string, {size, from = 0, state = 'succeeded', refused = false}: Plan): Patch {
  const keys = Array.from({length: size}, (_, index) => `default/app-${from + index}`);
  const members = keys.map((key): [string, PatchMember] => {
    const name = key.slice('default/'.length);
    const member = {namespace: 'default', name, planned: 'rebase', why: 'STACK', wave: 1, afterBuild: 1} as const;
    return [key, refused ? {...member, wave: 0, planned: 'held', refusal: 'unsafe'} : member];
  });
  const outcome = {state: state === 'cancelled' ? 'cancelled' : 'done'} as const;
  return {
    id,
    openedAt: 1,
    closedAt: 2,
    target: {kind: 'ClusterStack', name: 'base', old: 'one', new: 'two'},
    members: Object.fromEntries(members),
    rollout: {},
    waves: 1,
    openWave: 1,
    state,
    undo: {stacks: [], stores: [], builders: [], images: []},
    report: Object.fromEntries(keys.map((key) => [key, outcome])),
  };
}

/** What is kept when one after the other is opened and closed, oldest first. */
function kept(plans: readonly Plan[]): readonly string[] {
  let patches: Readonly<Record<string, Patch>> = {};
  for (const [index, plan] of [...plans, {size: 1, from: 900_000}].entries()) {
    const patch = aPatch(`patch-${index + 1}`, plan);
    patches = reducePatches(patches, {kind: 'patch.opened', at: 1, patch});
  }
  return Object.keys(patches).slice(0, -1);
}

test.each<{readonly what: string; readonly plans: readonly Plan[]; readonly wanted: readonly string[]}>([
  {what: 'small ones, all', plans: [{size: 10}, {size: 10}], wanted: ['patch-1', 'patch-2']},
  {
    what: 'as many big ones as are not too much together',
    plans: [{size: 5_000}, {size: 5_000}, {size: 5_000}, {size: 5_000}],
    wanted: ['patch-3', 'patch-4'],
  },
  {
    what: 'the last one before and its rollback, however big',
    plans: [{size: 5}, {size: 20_000}, {size: 20_000}],
    wanted: ['patch-3'],
  },
  {
    what: 'one that was cancelled and holds images that nobody patched since',
    plans: [{size: 5_000, from: 50_000, state: 'cancelled'}, {size: 5_000}, {size: 5_000}, {size: 5_000}],
    wanted: ['patch-1', 'patch-3', 'patch-4'],
  },
  {
    what: 'not one that was cancelled, when newer ones patched its images',
    plans: [{size: 5_000, state: 'cancelled'}, {size: 5_000}, {size: 5_000}, {size: 5_000}],
    wanted: ['patch-3', 'patch-4'],
  },
  {
    what: 'one whose images were refused',
    plans: [{size: 5_000, from: 50_000, refused: true}, {size: 5_000}, {size: 5_000}, {size: 5_000}],
    wanted: ['patch-1', 'patch-3', 'patch-4'],
  },
])('keeps $what', ({plans, wanted}) => {
  expect(kept(plans)).toEqual(wanted);
});

test('keeps fifty small ones', () => {
  expect(kept(Array.from({length: 60}, () => ({size: 1})))).toHaveLength(49);
});
