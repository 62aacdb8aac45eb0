// A failed build says what it was made from that the last good one was not.
import {expect, test} from 'vitest';
import {sinceSuccessLines} from '../../source/ui/view-models/since-success-lines.ts';
import {aBuild, aConfig, someInputs} from '../support/builders.ts';

const failure = {phase: 'build' as const, meaning: 'a buildpack failed', message: 'no'};
const failed = (number: number, inputs = someInputs()) => aBuild({number, state: 'failed', failure, inputs});
const words = (...parameters: Parameters<typeof sinceSuccessLines>) =>
  sinceSuccessLines(...parameters).map((line) =>
    line
      .map(({text}) => text)
      .join('')
      .trim(),
  );

test('the source and the configuration that changed, old to new', () => {
  const good = aBuild({number: 1});
  const inputs = someInputs({
    source: {...someInputs().source, revision: 'commit-2'},
    config: {...aConfig('commit-2'), env: [{name: 'NODE_ENV', value: 'test'}]},
  });
  expect(words(failed(3, inputs), [good, failed(2), failed(3, inputs)], '→')).toEqual([
    'changed    since build 1, which succeeded:',
    'source     commit-1 → commit-2',
    'env.NODE_ENV unset → test',
  ]);
});

test('that nothing changed, when nothing did', () => {
  expect(words(failed(2), [aBuild({number: 1}), failed(2)], '→')).toEqual([
    'changed    nothing since build 1, which succeeded',
  ]);
});

test('nothing while no build has succeeded', () => {
  expect(words(failed(1), [failed(1)], '→')).toEqual([]);
});

test('no more than asked for, and how many more there are', () => {
  const env = ['A', 'B', 'C', 'D', 'E', 'F'].map((name) => ({name, value: '1'}));
  const now = failed(2, someInputs({config: {...aConfig(), env}}));
  expect(words(now, [aBuild({number: 1}), now], '→').at(-1)).toBe('2 more: mark build 1 in the history');
});
