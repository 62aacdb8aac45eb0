// Which builds leave the history, and which never do.
import fc from 'fast-check';
import {describe, expect, test} from 'vitest';
import {prunableBuilds} from '../../source/controller/retention.ts';
import {newestSourceBuild, newestSuccess} from '../../source/domain/baselines.ts';
import {decideBuild} from '../../source/domain/decide-build.ts';
import type {Build} from '../../source/domain/build.ts';
import {arbitraryBuilds, arbitraryInputs} from '../domain/arbitrary-inputs.ts';
import {aBuild, anImage, aRebase, aRecord} from '../support/builders.ts';

const letters: Readonly<Record<string, (number: number) => Build>> = {
  S: (number) => aBuild({number}),
  F: (number) => aBuild({number, state: 'failed'}),
  C: (number) => aBuild({number, state: 'cancelled'}),
  R: (number) => aRebase({number, from: `sha256:${number - 1}`, to: `sha256:${number}`}),
  r: (number) => aRebase({number, state: 'failed'}),
  O: (number) => aBuild({number, state: 'running'}),
  I: (number) => aBuild({number, state: 'interrupted'}),
};

/** One build per letter: Success, Failure, Cancelled, Rebase, failed rebase, running (O), Interrupted. */
function builds(text: string): readonly Build[] {
  return text.split('').map((letter, index) => {
    const make = letters[letter];
    if (!make) throw new Error(`no build is written ${letter}`);
    return make(index + 1);
  });
}

function record(kept: readonly Build[], success: number, failed: number) {
  const image = anImage({spec: {successBuildHistoryLimit: success, failedBuildHistoryLimit: failed}});
  return aRecord({image, builds: kept});
}

describe('pruned are', () => {
  test.each<readonly [string, string, number, number, readonly number[]]>([
    ['none within the limits', 'SFSF', 2, 2, []],
    ['the oldest successes beyond their limit', 'SSSS', 2, 10, [1, 2]],
    ['the oldest failures beyond their limit', 'SFFFS', 10, 1, [2, 3]],
    ['both, counted apart', 'SFSFSF', 1, 1, [1, 3, 2, 4]],
    ['cancelled builds among the failures', 'SCFCS', 10, 1, [2, 3]],
    ['rebases among the successes', 'SRRR', 2, 10, [2]],
    ['never the build under the rebases', 'SRRRR', 1, 1, [2, 3, 4]],
    ['never the newest success, however many failures follow', 'SFFFF', 1, 2, [2, 3]],
    ['never the newest build that ran the source', 'SSFRRR', 1, 1, [1, 2, 4, 5]],
    ['never what runs or will run again', 'SSO', 1, 1, [1]],
    ['never what was interrupted', 'SSI', 1, 1, [1]],
    ['never the newest failed rebase', 'SSrrr', 1, 1, [1, 3, 4]],
  ])('%s: %s, limits %i and %i', (_, text, success, failed, expected) => {
    expect(prunableBuilds(record(builds(text), success, failed)).map(({number}) => number)).toEqual(expected);
  });

  test('never what shows a loop, even when one success is kept', () => {
    const stack = [{reason: 'STACK', old: 'sha256:run-1', new: 'sha256:run-2'}] as const;
    const looping = [1, 2, 3].map((number) => aBuild({number, changes: stack}));
    expect(prunableBuilds(record(looping, 1, 1)).map(({number}) => number)).toEqual([1]);
  });
});

test('pruning changes no decision', () => {
  const limits = fc.integer({min: 1, max: 2});
  fc.assert(
    fc.property(arbitraryInputs, arbitraryBuilds, limits, limits, (inputs, all, success, failed) => {
      const gone = new Set(prunableBuilds(record(all, success, failed)));
      const kept = all.filter((build) => !gone.has(build));
      expect(newestSourceBuild(kept)).toBe(newestSourceBuild(all));
      expect(newestSuccess(kept)).toBe(newestSuccess(all));
      expect(decideBuild({...inputs, builds: kept})).toEqual(decideBuild({...inputs, builds: all}));
    }),
    {numRuns: 150},
  );
});
