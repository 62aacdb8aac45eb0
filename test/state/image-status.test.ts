// An image in one word, with the hold that explains it.
import {describe, expect, test} from 'vitest';
import {imageDecision} from '../../source/state/image-decision.ts';
import {type ImageStateName, imageStatus} from '../../source/state/image-status.ts';
import type {ImageRecord, State} from '../../source/state/state.ts';
import {
  aBuild,
  aBuilder,
  aBuildpack,
  aCommit,
  anImage,
  aRebase,
  aRecord,
  aStack,
  aState,
  aStore,
} from '../support/builders.ts';

const failed = aBuild({number: 2, state: 'failed'});
const newRunImage: Partial<State> = {stacks: {base: aStack({run: 'sha256:run-2'})}};
const newBuildpack: Partial<State> = {
  stores: {default: aStore({buildpacks: [aBuildpack('some/one', '2.0.0'), aBuildpack('some/two', '2.0.0')]})},
};
const policy = (updatePolicy: 'ask' | 'stack-only') => anImage({spec: {updatePolicy}});

describe('an image is', () => {
  test.each<readonly [ImageStateName, string, Partial<ImageRecord>, Partial<State>, string | undefined]>([
    ['ready', 'when nothing is due', {}, {}, undefined],
    [
      'ready',
      'while a look at its source fails, for what was found stays true',
      {source: {generation: 1, resolved: aCommit(), problem: 'unreachable'}},
      {},
      undefined,
    ],
    ['building', 'while a build runs', {builds: [aBuild({state: 'running'})]}, {}, undefined],
    ['queued', 'when something is due', {}, newRunImage, 'waiting-for-a-slot'],
    [
      'queued',
      'when an interrupted build is to run again',
      {builds: [aBuild({state: 'interrupted'})]},
      {},
      'waiting-for-a-slot',
    ],
    ['failed', 'after a failed build', {builds: [aBuild(), failed]}, {}, 'last-build-failed'],
    [
      'failed',
      'after a failed build, while a buildpack is due',
      {builds: [aBuild(), failed]},
      newBuildpack,
      'last-build-failed',
    ],
    [
      'failed',
      'after a failed build, also when it was rebased since',
      {builds: [aBuild(), failed, aRebase({number: 3})]},
      newRunImage,
      'last-build-failed',
    ],
    [
      'failed',
      'after a failed build, also when it is paused',
      {image: anImage({paused: true}), builds: [aBuild(), failed]},
      {},
      'paused',
    ],
    [
      'failed',
      'after a failed build, also when a rebase waits to be asked for',
      {image: policy('ask'), builds: [aBuild(), failed]},
      newRunImage,
      'ask',
    ],
    [
      'failed',
      'after a failed rebase',
      {builds: [aBuild(), aRebase({state: 'failed'})]},
      newRunImage,
      'last-build-failed',
    ],
    ['out-of-date', 'when its policy asks first', {image: policy('ask')}, newRunImage, 'ask'],
    ['out-of-date', 'when its policy lets only rebases through', {image: policy('stack-only')}, newBuildpack, 'ask'],
    ['held', 'when it is paused', {image: anImage({paused: true})}, newRunImage, 'paused'],
    ['held', 'after a cancelled build', {builds: [aBuild({state: 'cancelled'})]}, {}, 'cancelled'],
    ['held', 'without a builder', {}, {builders: {}}, 'builder-not-found'],
    ['held', 'without a stack', {}, {stacks: {}}, 'builder-not-ready'],
    [
      'held',
      'when its source cannot be read',
      {source: {generation: 1, problem: 'unreachable'}},
      {},
      'source-not-ready',
    ],
    [
      'held',
      'when the executor cannot run here',
      {},
      {...newBuildpack, controller: onHostPaths()},
      'executor-not-ready',
    ],
    [
      'held',
      'when the executor is not there',
      {},
      {builders: {'ClusterBuilder/base': aBuilder({spec: {executor: 'container'}})}},
      'executor-not-ready',
    ],
    ['unknown', 'before its source was looked at', {source: undefined}, {}, 'source-not-ready'],
    [
      'unknown',
      'while its source was looked at for an older spec',
      {image: anImage({generation: 2}), source: {generation: 1, resolved: aCommit()}},
      {},
      'source-not-ready',
    ],
  ])('%s %s', (expected, _, record, state, hold) => {
    const it = aRecord(record);
    const status = imageStatus(it, aState([it], state));
    expect([status.state, status.hold?.kind]).toEqual([expected, hold]);
  });

  test('built by a trusted builder also where there is no private root', () => {
    const state = aState([aRecord()], {
      ...newBuildpack,
      controller: onHostPaths(),
      builders: {'ClusterBuilder/base': aBuilder({spec: {trusted: true}})},
    });
    expect(imageStatus(aRecord(), state).state).toBe('queued');
  });
});

describe('the decision about an image', () => {
  const record = aRecord();
  const state = aState([record]);

  test('is remembered while nothing it depends on changes', () => {
    expect(imageDecision(record, {...state, sequence: 99})).toBe(imageDecision(record, state));
  });

  test.each<readonly [string, Partial<State>]>([
    ['its stack', newRunImage],
    ['its buildpack store', newBuildpack],
    ['its builder', {builders: {}}],
    [
      'the lifecycle',
      {controller: {...onHostPaths(), lifecycleVersion: '1.1.0', sandbox: {kind: 'private-root', as: 'root'}}},
    ],
  ])('is made anew when %s changes', (_, change) => {
    expect(imageDecision(record, state)).toEqual({kind: 'up-to-date'});
    expect(imageDecision(record, {...state, ...change}).kind).not.toBe('up-to-date');
  });

  test.each(['constructor', 'toString', '__proto__'])(
    'is a hold for a builder whose stack and store are called %s',
    (name) => {
      const builder = aBuilder({spec: {stack: name, store: name}});
      const held = imageDecision(record, {...state, builders: {'ClusterBuilder/base': builder}});
      expect(held).toMatchObject({kind: 'hold', hold: {kind: 'builder-not-ready'}});
    },
  );
});

function onHostPaths(): NonNullable<State['controller']> {
  return {
    version: '0.1.0',
    startedAt: 1,
    lifecycleVersion: '1.0.0',
    lifecycleSince: 1,
    sandbox: {kind: 'host-paths', why: 'user namespaces are off'},
  };
}
