// What the plan asks for, in which order, and why the rest waits.
import {describe, expect, test} from 'vitest';
import type {Command} from '../../source/controller/command.ts';
import {concurrentRebases, type Looks, plan} from '../../source/controller/plan.ts';
import type {Build} from '../../source/domain/build.ts';
import type {Settings} from '../../source/domain/event.ts';
import type {ImageRecord} from '../../source/state/state.ts';
import {
  aBuild,
  aBuilder,
  aCommit,
  anImage,
  aRebase,
  aRecord,
  aStack,
  aState,
  someInputs,
  someSettings,
} from '../support/builders.ts';

const now = 1_000;

/** A record of `default/NAME`, looked at already. */
function named(name: string, change: Partial<ImageRecord> = {}): ImageRecord {
  const builds = (change.builds ?? [aBuild()]).map((build) => ({...build, image: name}));
  return aRecord({image: anImage({name}), ...change, builds});
}

const upToDate = (name: string) => named(name);
const committed = (name: string, at: number) =>
  named(name, {source: {generation: 1, resolved: aCommit('commit-2'), resolvedAt: at}});
const triggered = (name: string, at: number) => named(name, {trigger: {at, message: `asked at ${at}`}});
const onOldLifecycle = (name: string) => named(name, {builds: [aBuild({result: {lifecycleVersion: '0.9.0'}})]});
const onOldRunImage = (name: string) =>
  named(name, {builds: [aBuild({result: {runImage: {name: 'bases/run', digest: 'sha256:run-0'}}})]});
const running = (name: string, change: Partial<Build> = {}) =>
  named(name, {builds: [aBuild({state: 'running', ...change})]});
const interrupted = (name: string, change: Partial<Build> = {}) =>
  named(name, {builds: [aBuild({state: 'interrupted', ...change})]});

function planFor(records: readonly ImageRecord[], settings: Partial<Settings> = {}) {
  const looks: Looks = new Map(
    records.map(({image}) => [`default/${image.name}`, {generation: image.generation, at: now}]),
  );
  return plan(aState(records, {settings: {...someSettings, ...settings}}), looks, now);
}

const startsOf = (commands: readonly Command[]) => commands.filter((command) => command.kind === 'start');

/** `web 2 build`: image, number and strategy of each start, in order. */
function starts(records: readonly ImageRecord[], maxConcurrentBuilds = 100): readonly string[] {
  const {commands} = planFor(records, {maxConcurrentBuilds});
  return startsOf(commands).map(({image, number, strategy}) => `${image} ${number} ${strategy}`);
}

describe('the queue', () => {
  test.each<readonly [string, readonly ImageRecord[], readonly string[]]>([
    ['starts nothing for what is up to date', [upToDate('a')], []],
    ['gives a build the next number', [committed('a', 1)], ['a 2 build']],
    [
      'starts the oldest first',
      [committed('a', 9), committed('b', 7), committed('c', 8)],
      ['b 2 build', 'c 2 build', 'a 2 build'],
    ],
    ['breaks a tie by name', [committed('b', 7), committed('a', 7)], ['a 2 build', 'b 2 build']],
    [
      'puts what a person did before maintenance',
      [onOldLifecycle('a'), triggered('b', 99)],
      ['b 2 build', 'a 2 build'],
    ],
    [
      'puts rebases before builds of their class',
      [onOldLifecycle('a'), onOldRunImage('b')],
      ['b 2 rebase', 'a 2 build'],
    ],
    ['puts what a person did before rebases', [onOldRunImage('a'), committed('b', 99)], ['b 2 build', 'a 2 rebase']],
    [
      'runs interrupted builds first, whatever waited longer',
      [committed('a', 1), onOldRunImage('b'), interrupted('c', {startedAt: 50}), interrupted('d', {startedAt: 40})],
      ['d 1 build', 'c 1 build', 'a 2 build', 'b 2 rebase'],
    ],
    [
      'starts one build per image',
      [named('a', {builds: [aBuild(), aBuild({number: 2, state: 'running'})], trigger: {at: 1, message: 'asked'}})],
      [],
    ],
  ])('%s', (_, records, expected) => {
    expect(starts(records)).toEqual(expected);
  });

  test.each([
    [1, ['a 2 build']],
    [2, ['a 2 build', 'b 2 build']],
    [3, ['a 2 build', 'b 2 build', 'c 2 build']],
  ])('runs at most %i builds at once', (limit, expected) => {
    expect(starts([committed('a', 1), committed('b', 2), committed('c', 3)], limit)).toEqual(expected);
  });

  test('counts what runs already', () => {
    expect(starts([running('a'), running('b'), committed('c', 1)], 2)).toEqual([]);
    expect(starts([running('a'), running('b'), committed('c', 1)], 3)).toEqual(['c 2 build']);
  });

  test('starts nothing when the limit was lowered below what runs', () => {
    expect(starts([running('a'), running('b'), committed('c', 1)], 1)).toEqual([]);
  });

  test('runs rebases beside builds, so many at once and no more', () => {
    const names = Array.from({length: concurrentRebases + 2}, (_, index) => `r-${String(index).padStart(3, '0')}`);
    const fleet = names.map(onOldRunImage);
    expect(starts([running('x'), ...fleet], 1)).toEqual(
      names.slice(0, concurrentRebases).map((name) => `${name} 2 rebase`),
    );
    expect(starts([running('x', {strategy: 'rebase'}), ...fleet], 1)).toHaveLength(concurrentRebases - 1);
  });

  test('says the place in line of everything that waits', () => {
    const {holds} = planFor([committed('a', 1), committed('b', 2), committed('c', 3), upToDate('d'), running('e')]);
    expect(holds).toEqual({
      'default/a': {kind: 'waiting-for-a-slot', message: 'waiting for a slot, number 1 in line'},
      'default/b': {kind: 'waiting-for-a-slot', message: 'waiting for a slot, number 2 in line'},
      'default/c': {kind: 'waiting-for-a-slot', message: 'waiting for a slot, number 3 in line'},
    });
  });

  test('has an interrupted build wait in line like others when there is no slot', () => {
    expect(planFor([running('a'), interrupted('b')]).holds).toHaveProperty('default/b.kind', 'waiting-for-a-slot');
  });

  test('says why each held image is held', () => {
    const paused = named('a', {image: anImage({name: 'a', paused: true}), trigger: {at: 1, message: 'asked'}});
    const orphan = named('b', {image: anImage({name: 'b', spec: {builder: {kind: 'Builder', name: 'gone'}}})});
    const unread = named('c', {source: {generation: 1, problem: 'no such repository'}});
    const failed = named('d', {builds: [aBuild({state: 'failed'})]});
    const {holds, commands} = planFor([paused, orphan, unread, failed]);
    expect(startsOf(commands)).toEqual([]);
    expect(Object.fromEntries(Object.entries(holds).map(([key, {kind}]) => [key, kind]))).toEqual({
      'default/a': 'paused',
      'default/b': 'builder-not-found',
      'default/c': 'source-not-ready',
      'default/d': 'last-build-failed',
    });
  });
});

describe('a build that starts', () => {
  test('carries everything later decisions compare with', () => {
    const record = named('web', {trigger: {at: 9, message: 'asked'}, buildCounter: 7});
    expect(startsOf(planFor([record]).commands)).toEqual([
      {
        kind: 'start',
        namespace: 'default',
        image: 'web',
        number: 8,
        attempt: 1,
        strategy: 'build',
        changes: [{reason: 'TRIGGER', old: '', new: 'asked'}],
        inputs: someInputs({previousDigest: 'sha256:image-1'}),
      },
    ]);
  });

  test('as a rebase keeps the source, the configuration, the lifecycle and the executor of the image it edits', () => {
    const made = {source: aCommit('commit-0'), lifecycleVersion: '1.0.0', executor: 'embedded'} as const;
    const success = aBuild({inputs: made, result: {runImage: {name: 'bases/run', digest: 'sha256:run-0'}}});
    const tried = aBuild({
      number: 2,
      state: 'failed',
      inputs: {executor: 'container', config: {...someInputs().config, executor: 'container'}},
    });
    const state = aState([named('web', {builds: [success, tried]})]);
    const builder = aBuilder({spec: {executor: 'container'}});
    const {commands} = plan({...state, builders: {'ClusterBuilder/base': builder}}, new Map(), now);
    expect(startsOf(commands)).toMatchObject([
      {strategy: 'rebase', inputs: {...made, config: success.inputs.config, runImage: {digest: 'sha256:run-1'}}},
    ]);
  });

  test('after an interruption has its number, its inputs and its reasons, as its next attempt', () => {
    const build = aBuild({number: 4, state: 'interrupted', inputs: {source: aCommit('commit-0')}});
    const [start] = startsOf(planFor([named('web', {builds: [aBuild(), build]})]).commands);
    expect(start).toMatchObject({number: 4, attempt: 2, changes: build.changes, inputs: build.inputs});
  });

  test('is not started again while nothing can run it, and says so', () => {
    const {stacks: _, ...state} = aState([interrupted('web')]);
    const {commands, holds} = plan({...state, stacks: {}}, new Map(), now);
    expect(startsOf(commands)).toEqual([]);
    expect(holds).toHaveProperty('default/web.kind', 'builder-not-ready');
  });

  test('stands aside for others after a start that did not work, and says so', () => {
    const state = aState([committed('a', 1), committed('b', 2)]);
    const {commands, holds} = plan(state, new Map(), now, new Map([['start default/a 2', now + 500]]));
    expect(startsOf(commands).map(({image}) => image)).toEqual(['b']);
    expect(holds).toMatchObject({'default/a': {kind: 'executor-not-ready'}});
  });
});

describe('cancelling', () => {
  const ending = (record: ImageRecord) =>
    planFor([record]).commands.filter(({kind}) => kind === 'stop' || kind === 'finish-cancelled' || kind === 'start');

  test('stops what runs', () => {
    expect(ending(running('a', {cancelRequestedAt: 5}))).toMatchObject([{kind: 'stop', image: 'a', number: 1}]);
  });

  test('ends an interrupted build without running it again', () => {
    expect(ending(interrupted('a', {cancelRequestedAt: 5}))).toMatchObject([{kind: 'finish-cancelled', image: 'a'}]);
  });

  test('ends an interrupted build whose builder is gone too', () => {
    const image = anImage({name: 'a', spec: {builder: {kind: 'Builder', name: 'gone'}}});
    const build = aBuild({state: 'interrupted', cancelRequestedAt: 5});
    expect(ending(named('a', {image, builds: [build]}))).toMatchObject([{kind: 'finish-cancelled', image: 'a'}]);
  });

  test('leaves ended builds alone', () => {
    expect(ending(named('a', {builds: [aBuild({cancelRequestedAt: 5})]}))).toEqual([]);
  });
});

describe('a stack patch', () => {
  test('rebases what is ready and what failed, and leaves what runs until it ended', () => {
    const failed = named('b', {builds: [aBuild(), aBuild({number: 2, state: 'failed'})], buildCounter: 2});
    const state = aState([upToDate('a'), failed, running('c')]);
    const {commands} = plan({...state, stacks: {base: aStack({run: 'sha256:run-2'})}}, new Map(), now);
    expect(startsOf(commands).map(({image, number, strategy}) => `${image} ${number} ${strategy}`)).toEqual([
      'a 2 rebase',
      'b 3 rebase',
    ]);
  });

  test('does not repeat a rebase that was done', () => {
    const done = named('a', {builds: [aBuild(), aRebase({number: 2})]});
    const state = aState([done]);
    expect(startsOf(plan({...state, stacks: {base: aStack({run: 'sha256:run-2'})}}, new Map(), now).commands)).toEqual(
      [],
    );
  });
});

test('the same state, looks and time give the same plan', () => {
  const records = [committed('a', 1), onOldRunImage('b'), interrupted('c')];
  expect(planFor(records)).toEqual(planFor(structuredClone(records)));
});
