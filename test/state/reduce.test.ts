// What events do to the state.
import {describe, expect, test} from 'vitest';
import type {Event} from '../../source/domain/event.ts';
import {createState} from '../../source/state/create-state.ts';
import {reduceAll} from '../../source/state/reduce.ts';
import {emptyState, type ImageRecord, type State} from '../../source/state/state.ts';
import {
  aCommit,
  anImage,
  buildCancelled,
  buildFailed,
  buildInterrupted,
  buildStarted,
  buildSucceeded,
  cancelRequested,
  imageEvents,
  recordedEvents,
  startedState,
  stateAfter,
} from '../support/builders.ts';

const ofWeb = {namespace: 'default', name: 'web'} as const;
const trigger = (at: number): Event => ({kind: 'image.triggered', at, ...ofWeb, message: `asked at ${at}`});

function webOf(state: State): ImageRecord {
  const record = state.images['default/web'];
  if (!record) throw new Error('the image is gone');
  return record;
}

const web = (...events: readonly Event[]) => webOf(startedState(...imageEvents(), ...events));

describe('events in order', () => {
  const events = recordedEvents(imageEvents());

  test('a gap is a defect, and says what was expected', () => {
    expect(() => reduceAll(emptyState, events.slice(1))).toThrow('expected event 1, got 2');
  });

  test('what was folded in already is passed over', () => {
    const state = reduceAll(emptyState, events);
    expect(reduceAll(state, events)).toBe(state);
    expect(reduceAll(state, [...events, ...recordedEvents([trigger(9)], 2)]).sequence).toBe(3);
  });

  test('events about an image that is gone change nothing but the sequence', () => {
    const state = stateAfter(startedState(), trigger(5), buildStarted(), buildSucceeded());
    expect(state.images).toEqual({});
  });
});

describe('the source of an image', () => {
  const edited = (change: Parameters<typeof anImage>[0]): Event => ({
    kind: 'image.saved',
    at: 8,
    image: anImage({generation: 2, ...change}),
  });

  test('keeps what it was found to be when something else of the image changes', () => {
    expect(web(edited({spec: {env: [{name: 'A', value: '1'}]}})).source).toEqual({
      generation: 2,
      resolved: aCommit(),
      resolvedAt: 3,
    });
  });

  test('is unknown when it names another place', () => {
    const source = {kind: 'git', url: 'https://git.example.test/other.git', revision: 'main'} as const;
    expect(web(edited({spec: {source}})).source).toBeUndefined();
  });

  test('keeps the old resolution when a look fails, and loses the problem when one works', () => {
    const failed: Event = {kind: 'source.failed', at: 9, ...ofWeb, generation: 1, message: 'unreachable'};
    const found: Event = {kind: 'source.resolved', at: 10, ...ofWeb, generation: 1, source: aCommit()};
    const known = {generation: 1, resolved: aCommit(), resolvedAt: 3};
    expect(web(failed).source).toEqual({...known, problem: 'unreachable', problemSince: 9});
    const again: Event = {...failed, at: 15, message: 'still unreachable'};
    expect(web(failed, again).source).toEqual({...known, problem: 'still unreachable', problemSince: 9});
    expect(web(failed, found, again).source).toMatchObject({problemSince: 15});
    expect(web(failed, found).source).toEqual({generation: 1, resolved: aCommit(), resolvedAt: 3});
  });

  test('has a commit due since it was first seen, not since the newest look', () => {
    const found = (at: number): Event => ({
      kind: 'source.resolved',
      at,
      ...ofWeb,
      generation: 1,
      source: aCommit('commit-2'),
    });
    expect(web(found(20), found(30)).source?.resolvedAt).toBe(20);
  });

  test('is not what a look at an older spec found', () => {
    const late: Event = {kind: 'source.resolved', at: 9, ...ofWeb, generation: 1, source: aCommit('commit-9')};
    expect(web(edited({}), late).source).toMatchObject({generation: 2, resolved: aCommit()});
    const lateProblem: Event = {kind: 'source.failed', at: 9, ...ofWeb, generation: 1, message: 'unreachable'};
    expect(web(edited({}), lateProblem).source?.problem).toBeUndefined();
  });
});

describe('a trigger', () => {
  const takes = (message: string, number = 1) =>
    buildStarted({number, changes: [{reason: 'TRIGGER', old: '', new: message}]});

  test('is taken up by the build that starts for it', () => {
    expect(web(trigger(5), takes('asked at 5')).trigger).toBeUndefined();
  });

  test('given while a build runs is kept for the next one', () => {
    expect(web(trigger(5), takes('asked at 5'), trigger(12)).trigger).toEqual({at: 12, message: 'asked at 12'});
    expect(web(trigger(5), takes('asked at 5'), trigger(12), buildSucceeded()).trigger).toBeDefined();
  });

  test('given after the plan and before the start is kept too', () => {
    expect(web(trigger(5), trigger(6), takes('asked at 5')).trigger).toEqual({at: 6, message: 'asked at 6'});
  });

  test('given twice is one', () => {
    expect(web(trigger(5), trigger(6)).trigger).toEqual({at: 6, message: 'asked at 6'});
  });
});

describe('build numbers', () => {
  const pruned = (number: number): Event => ({
    kind: 'build.pruned',
    at: 30,
    namespace: 'default',
    image: 'web',
    number,
  });
  const two = [buildStarted(), buildSucceeded(), buildStarted({number: 2}), buildFailed({number: 2})];

  test('go on when builds are pruned, even all of them', () => {
    expect(web(...two, pruned(1), pruned(2))).toMatchObject({builds: [], buildCounter: 2});
  });

  test('are not given again: a late event about a pruned build changes nothing', () => {
    expect(
      web(...two, pruned(1), buildStarted({attempt: 2}), buildSucceeded()).builds.map(({number}) => number),
    ).toEqual([2]);
  });
});

describe('a build', () => {
  const phase = (kind: 'started' | 'finished', name: 'prepare' | 'detect', at: number): Event => {
    const ref = {at, namespace: 'default', image: 'web', number: 1, phase: name} as const;
    return kind === 'started'
      ? {kind: 'phase.started', ...ref}
      : {kind: 'phase.finished', ...ref, state: 'succeeded', exitCode: 0};
  };
  const ref = {namespace: 'default', image: 'web', number: 1} as const;
  const [one, two] = [
    {id: 'some/one', version: '1.0.0'},
    {id: 'some/two', version: '2.0.0'},
  ];

  test('goes through the phases it declared', () => {
    const [build] = web(
      buildStarted(),
      phase('started', 'prepare', 11),
      phase('finished', 'prepare', 12),
      phase('started', 'detect', 12),
    ).builds;
    expect(build?.phases.slice(0, 3)).toEqual([
      {name: 'prepare', state: 'succeeded', startedAt: 11, finishedAt: 12, exitCode: 0},
      {name: 'detect', state: 'running', startedAt: 12},
      {name: 'analyze', state: 'pending'},
    ]);
  });

  test('that fails cuts the running phase short and skips the rest', () => {
    const [build] = web(buildStarted(), phase('started', 'prepare', 11), buildFailed({at: 15})).builds;
    expect(build).toMatchObject({
      state: 'failed',
      finishedAt: 15,
      attempts: [{number: 1, state: 'failed', finishedAt: 15}],
    });
    expect(build?.phases.map(({state}) => state)).toEqual([
      'failed',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
      'skipped',
    ]);
  });

  test('names the buildpack that runs, and no other', () => {
    const start: Event = {kind: 'buildpack.started', at: 11, ...ref, buildpack: one, index: 0, of: 2};
    const end = (buildpack: typeof one): Event => ({kind: 'buildpack.finished', at: 12, ...ref, buildpack});
    expect(web(buildStarted(), start).builds[0]?.current).toEqual({buildpack: one, index: 0, of: 2});
    expect(web(buildStarted(), start, end(two)).builds[0]?.current).toBeDefined();
    expect(web(buildStarted(), start, end(one)).builds[0]?.current).toBeUndefined();
  });

  test('counts its layers', () => {
    const layer = (what: 'restored' | 'reused'): Event => ({
      kind: 'layer.recorded',
      at: 11,
      ...ref,
      what,
      layer: 'some/one:a',
    });
    const [build] = web(buildStarted(), layer('restored'), layer('reused'), layer('reused')).builds;
    expect(build?.layers).toEqual({restored: 1, reused: 2, added: 0, cached: 0});
  });

  test('remembers when its end was first asked for', () => {
    expect(web(buildStarted(), cancelRequested({at: 12}), cancelRequested({at: 13})).builds[0]?.cancelRequestedAt).toBe(
      12,
    );
    expect(web(buildStarted(), cancelRequested(), buildCancelled()).builds[0]?.state).toBe('cancelled');
  });

  test('that was interrupted begins anew under its number', () => {
    const again = buildStarted({at: 40, attempt: 2});
    const [build] = web(buildStarted(), phase('started', 'prepare', 11), buildInterrupted({at: 20}), again).builds;
    expect(build).toMatchObject({
      number: 1,
      state: 'running',
      startedAt: 10,
      attempts: [
        {number: 1, startedAt: 10, finishedAt: 20, state: 'interrupted'},
        {number: 2, startedAt: 40, state: 'running'},
      ],
    });
    expect(build?.phases.every(({state}) => state === 'pending')).toBe(true);
  });

  test('that was interrupted hears nothing more of the attempt that is gone', () => {
    const late = [
      phase('started', 'detect', 21),
      {kind: 'buildpack.started', at: 21, ...ref, buildpack: one, index: 0, of: 1},
    ] as const;
    const interrupted = web(buildStarted(), buildInterrupted()).builds;
    expect(web(buildStarted(), buildInterrupted(), ...late).builds).toEqual(interrupted);
  });

  test('that was interrupted while being cancelled is still to be cancelled', () => {
    const events = [buildStarted(), cancelRequested({at: 15}), buildInterrupted(), buildCancelled({at: 30})];
    expect(web(...events.slice(0, 3)).builds[0]).toMatchObject({state: 'interrupted', cancelRequestedAt: 15});
    expect(web(...events).builds[0]).toMatchObject({state: 'cancelled', finishedAt: 30});
  });
});

describe('the controller', () => {
  test('has its lifecycle since the version changed, not since it was started again', () => {
    const again = (at: number, version: string): Event => ({
      kind: 'controller.started',
      at,
      version: '0.1.0',
      lifecycleVersion: version,
      sandbox: {kind: 'private-root', as: 'root'},
    });
    expect(startedState(again(50, '1.0.0')).controller).toMatchObject({startedAt: 50, lifecycleSince: 1});
    expect(startedState(again(50, '1.1.0')).controller).toMatchObject({startedAt: 50, lifecycleSince: 50});
  });
});

describe('the holder of the state', () => {
  test('tells its subscribers once for many events, and not at all for none', () => {
    const holder = createState(startedState());
    let told = 0;
    const stop = holder.subscribe(() => (told += 1));
    holder.dispatch(recordedEvents(imageEvents(), 5));
    expect(told).toBe(1);
    holder.dispatch(recordedEvents(imageEvents(), 5));
    expect(told).toBe(1);
    stop();
    holder.replace(emptyState);
    expect(told).toBe(1);
    expect(holder.read()).toBe(emptyState);
  });
});
