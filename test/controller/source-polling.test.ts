// When a source is looked at: what moves is polled, what cannot move is not.
import {describe, expect, test} from 'vitest';
import {plan} from '../../source/controller/plan.ts';
import {localInterval, nextLookAt} from '../../source/controller/source-polling.ts';
import type {ResolvedSource} from '../../source/domain/source.ts';
import type {ImageRecord} from '../../source/state/state.ts';
import {aDirectoryDigest, anImage, aRecord, aState} from '../support/builders.ts';

const settings = {maxConcurrentBuilds: 1, gitPollInterval: 60_000, localPollInterval: 2_000};
const intervals = {git: settings.gitPollInterval, local: settings.localPollInterval};
const now = 1_000_000;
const git = (type: ResolvedSource['type']): ImageRecord =>
  aRecord({source: {generation: 1, resolved: {kind: 'git', revision: 'commit-1', type}}});
const local = aRecord({
  image: anImage({spec: {source: {kind: 'local', path: '/app'}}}),
  source: {generation: 1, resolved: aDirectoryDigest()},
});
const withProblem = ({source, ...record}: ImageRecord): ImageRecord => ({
  ...record,
  source: {generation: 1, ...source, problem: 'unreachable'},
});
const unknown: ImageRecord = {image: anImage(), builds: [], buildCounter: 0};
const edited = (record: ImageRecord): ImageRecord => ({...record, image: {...record.image, generation: 2}});

const lookedAt = {generation: 1, at: now};

describe('the next look at', () => {
  test.each<readonly [string, ImageRecord, {generation: number; at: number} | undefined, number | undefined]>([
    ['a branch: after the interval', git('Branch'), lookedAt, now + 60_000],
    ['a tag: after the interval', git('Tag'), lookedAt, now + 60_000],
    ['a commit: never', git('Commit'), lookedAt, undefined],
    ['a directory: after its own interval', local, lookedAt, now + 2_000],
    ['a new source: now', unknown, undefined, now],
    ['a branch, after a restart: now', git('Branch'), undefined, now],
    ['a commit, after a restart: never', git('Commit'), undefined, undefined],
    ['a commit that could not be read, after a restart: now', withProblem(git('Commit')), undefined, now],
    ['a branch that could not be read: soon', withProblem(git('Branch')), lookedAt, now + 10_000],
    ['a commit that could not be read: soon', withProblem(git('Commit')), lookedAt, now + 10_000],
    [
      'a directory that could not be read: after its interval, which is sooner',
      withProblem(local),
      lookedAt,
      now + 2_000,
    ],
    ['a source that was never read: soon', withProblem(unknown), lookedAt, now + 10_000],
    ['a branch after an edit: now', edited(git('Branch')), lookedAt, now],
    ['a commit after an edit of the source: now', edited(git('Commit')), lookedAt, now],
  ])('%s', (_, record, look, expected) => {
    expect(nextLookAt(record, look, intervals, now)).toBe(expected);
  });
});

describe('scans of local directories', () => {
  const fleet = (size: number) =>
    Array.from({length: size}, (_, index) =>
      aRecord({image: anImage({name: `app-${index}`, spec: {source: {kind: 'local', path: `/app-${index}`}}})}),
    );
  const looksOf = (records: readonly ImageRecord[], took: number) =>
    new Map(records.map(({image}) => [`${image.namespace}/${image.name}`, {generation: 1, at: now, took}] as const));

  test.each([
    ['one small tree: as often as the settings say', 1, 10, 2_000],
    ['a hundred trees: together a fiftieth of the time', 100, 10, 50_000],
    ['one huge tree: a fiftieth of the time', 1, 400, 20_000],
  ])('%s', (_, size, took, expected) => {
    const records = fleet(size);
    expect(localInterval(records, looksOf(records, took), settings)).toBe(expected);
  });
});

describe('the plan', () => {
  const key = 'default/web';

  test('looks at a source that nobody looked at', () => {
    const {commands, wakeAt} = plan(aState([unknown]), new Map(), now);
    expect(commands).toEqual([
      {kind: 'look-at-source', namespace: 'default', name: 'web', generation: 1, source: unknown.image.spec.source},
    ]);
    expect(wakeAt).toBeUndefined();
  });

  test('wakes for the next look, and looks then', () => {
    const state = aState([git('Branch')]);
    const looks = new Map([[key, lookedAt]]);
    expect(plan(state, looks, now)).toMatchObject({commands: [], wakeAt: now + 60_000});
    expect(plan(state, looks, now + 60_000).commands).toHaveLength(1);
  });

  test('polls a paused image too: what is due stays known', () => {
    const record = {...git('Branch'), image: anImage({paused: true})};
    expect(plan(aState([record]), new Map(), now).commands).toMatchObject([{kind: 'look-at-source'}]);
  });

  test('never wakes for commits', () => {
    expect(plan(aState([git('Commit')]), new Map([[key, lookedAt]]), now).wakeAt).toBeUndefined();
  });
});
