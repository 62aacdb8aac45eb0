// What images wait for and what is due to them when their builder builds in containers.
import {describe, expect, test} from 'vitest';
import type {Build} from '../../source/domain/build.ts';
import type {Builder} from '../../source/domain/builder.ts';
import {reasonText} from '../../source/domain/change.ts';
import type {EngineStatement} from '../../source/domain/engine.ts';
import {imageDecision} from '../../source/state/image-decision.ts';
import type {State} from '../../source/state/state.ts';
import {
  aBuild,
  aBuilder,
  aBuilderImage,
  aConfig,
  aLifecycle,
  aRecord,
  aResult,
  aState,
  someInputs,
} from '../support/builders.ts';

const ready: EngineStatement = {kind: 'docker', state: 'ready', version: '20.10', rootless: false, limits: []};
const silent: EngineStatement = {kind: 'docker', state: 'silent', problem: 'cannot connect', next: 'Start it.'};

function stateWith(
  builder: Builder,
  engines: readonly EngineStatement[] | undefined,
  more: Partial<State> = {},
): State {
  const state = aState([aRecord()], {builders: {'ClusterBuilder/base': builder}, ...more});
  return state.controller ? {...state, controller: {...state.controller, ...(engines ? {engines} : {})}} : state;
}

function decided(state: State, builds?: readonly Build[]): string {
  const record = aRecord(builds ? {builds} : {});
  const decision = imageDecision(record, state);
  if (decision.kind === 'hold') return `${decision.hold.kind}: ${decision.hold.message}`;
  return 'due' in decision ? `${decision.kind} ${reasonText(decision.due.map(({change}) => change))}` : decision.kind;
}

/** Build 1 as this builder made it. */
function madeBy(executor: string, lifecycleVersion = '0.21.17'): readonly Build[] {
  const inputs = someInputs({executor: 'container', config: aConfig('commit-1', {executor}), lifecycleVersion});
  return [aBuild({inputs, result: {...aResult(), lifecycleVersion}})];
}

describe('an image of a builder image', () => {
  test('is up to date when its engine, buildpacks, run image and lifecycle are what they were', () => {
    expect(decided(stateWith(aBuilderImage(), [ready]), madeBy('container/docker'))).toBe('up-to-date');
  });

  test.each<readonly [string, Builder, string]>([
    [
      'another lifecycle is LIFECYCLE',
      aBuilderImage({lifecycle: {version: '0.22.0', since: 2, platformApis: []}}),
      'build LIFECYCLE',
    ],
    ['a buildpack that is gone is BUILDPACK', aBuilderImage({buildpacks: []}), 'build BUILDPACK'],
    ['another engine is CONFIG', aBuilderImage({}, {engine: 'podman'}), 'build CONFIG'],
    ['another builder image of the same parts is nothing', aBuilderImage({id: 'sha256:other'}), 'up-to-date'],
  ])('%s', (_, builder, expected) => {
    expect(decided(stateWith(builder, [ready, {...ready, kind: 'podman'}]), madeBy('container/docker'))).toBe(expected);
  });

  test('another run image is STACK, a rebase, which needs no engine', () => {
    const base = aBuilderImage().found?.base;
    const moved = base && {...base, runImage: {...base.runImage, digest: 'sha256:run-2'}};
    expect(decided(stateWith(aBuilderImage({base: moved}), [silent]), madeBy('container/docker'))).toBe('rebase STACK');
  });

  test.each([
    ['was not looked for yet', undefined, /docker was not looked for yet/],
    ['does not answer', [silent], /docker does not answer \(cannot connect\).*Start it\./],
  ])('waits while its engine %s', (_, engines, message) => {
    expect(decided(stateWith(aBuilderImage(), engines), [])).toMatch(/^executor-not-ready: /);
    expect(decided(stateWith(aBuilderImage(), engines), [])).toMatch(message);
  });

  test('waits in words when neither image nor builder say a run image', () => {
    expect(decided(stateWith(aBuilderImage({base: undefined}), [ready]))).toMatch(
      /^builder-not-ready: .*names no run image; give one with --run-image or --stack/,
    );
  });

  test('stands on the stack that the builder names, when it names one', () => {
    const builder = aBuilderImage({base: undefined}, {stack: 'base'});
    expect(decided(stateWith(builder, [ready]), madeBy('container/docker'))).toBe('up-to-date');
  });
});

describe('an image of a builder composed for containers', () => {
  const builder = aBuilder({spec: {executor: 'container', engine: 'docker'}});

  test('waits for a lifecycle, and says how one is made', () => {
    expect(decided(stateWith(builder, [ready]), [])).toMatch(
      /^executor-not-ready: .*"default-lifecycle" does not exist; make one with `slipway clusterlifecycle create/,
    );
  });

  test('is LIFECYCLE when the lifecycle is another', () => {
    const lifecycles = {'default-lifecycle': aLifecycle('0.22.0', 2)};
    expect(decided(stateWith(builder, [ready], {lifecycles}), madeBy('container/docker'))).toBe('build LIFECYCLE');
  });

  test('is up to date with a lifecycle that was taken away', () => {
    expect(decided(stateWith(builder, [ready]), madeBy('container/docker'))).toBe('up-to-date');
  });
});
