// Any events in any order, about two images with three builds each: also such as no controller would ever record.
import fc from 'fast-check';
import type {BuildEvent, Event} from '../../source/domain/event.ts';
import {
  aCommit,
  aFailure,
  anImage,
  aResult,
  aStack,
  buildStarted,
  buildSucceeded,
  lifecycleVersion,
} from '../support/builders.ts';

const at = fc.integer({min: 1, max: 1_000});
const name = fc.constantFrom('web', 'api');
const namespace = 'default';
const number = fc.integer({min: 1, max: 3});
const phase = fc.constantFrom('prepare', 'detect', 'build', 'export', 'rebase');
const revision = fc.constantFrom('commit-1', 'commit-2');

const imageEvent: fc.Arbitrary<Event> = fc.oneof(
  fc
    .tuple(at, name, fc.integer({min: 1, max: 3}), fc.constantFrom('main', 'develop'))
    .map(([when, image, generation, branch]): Event => {
      const source = {kind: 'git', url: 'https://git.example.test/app.git', revision: branch} as const;
      return {kind: 'image.saved', at: when, image: anImage({name: image, generation, spec: {source}})};
    }),
  fc.tuple(at, name).map(([when, image]): Event => ({kind: 'image.deleted', at: when, namespace, name: image})),
  fc.record({
    kind: fc.constant('image.triggered'),
    at,
    namespace: fc.constant(namespace),
    name,
    message: fc.constant('asked'),
  }),
  fc.record({kind: fc.constantFrom('image.paused', 'image.resumed'), at, namespace: fc.constant(namespace), name}),
  fc.tuple(at, name, fc.integer({min: 1, max: 3}), revision).map(
    ([when, image, generation, commit]): Event => ({
      kind: 'source.resolved',
      at: when,
      namespace,
      name: image,
      generation,
      source: aCommit(commit),
    }),
  ),
  fc.tuple(at, name, fc.integer({min: 1, max: 3})).map(
    ([when, image, generation]): Event => ({
      kind: 'source.failed',
      at: when,
      namespace,
      name: image,
      generation,
      message: 'unreachable',
    }),
  ),
);

/** What can happen to a build, whether it fits its state or not. */
export const arbitraryBuildEvent: fc.Arbitrary<BuildEvent> = fc
  .tuple(at, name, number, phase, fc.integer({min: 1, max: 3}), fc.nat(13))
  .map(([when, image, build, phaseName, attempt, which]): BuildEvent => {
    const ref = {at: when, namespace, image, number: build};
    const buildpack = {id: 'some/one', version: '1.0.0'};
    const possible: readonly BuildEvent[] = [
      buildStarted({...ref, attempt}),
      buildStarted({...ref, attempt, strategy: 'rebase'}),
      {kind: 'build.remarked', ...ref, remark: 'on host paths'},
      {kind: 'phase.started', ...ref, phase: phaseName},
      {kind: 'phase.finished', ...ref, phase: phaseName, state: 'succeeded', exitCode: 0},
      {kind: 'phase.finished', ...ref, phase: phaseName, state: 'failed', exitCode: 51},
      {kind: 'buildpacks.detected', ...ref, buildpacks: [buildpack]},
      {kind: 'buildpack.started', ...ref, buildpack, index: 0, of: 1},
      {kind: 'layer.recorded', ...ref, what: 'added', layer: 'some/one:layer'},
      {kind: 'cancel.requested', ...ref},
      buildSucceeded({...ref, result: aResult({digest: `sha256:${image}-${build}`})}),
      {kind: 'build.failed', ...ref, failure: aFailure},
      {kind: 'build.interrupted', ...ref},
      {kind: 'build.pruned', ...ref},
    ];
    return possible[which] as BuildEvent;
  });

const catalogEvent: fc.Arbitrary<Event> = fc.oneof(
  fc.tuple(at, revision).map(([when, run]): Event => ({kind: 'stack.saved', at: when, stack: aStack({run})})),
  at.map((when): Event => ({kind: 'stack.deleted', at: when, name: 'base'})),
  at.map(
    (when): Event => ({
      kind: 'controller.started',
      at: when,
      version: '0.1.0',
      lifecycleVersion,
      sandbox: {kind: 'private-root', as: 'user'},
    }),
  ),
);

export const arbitraryEvents: fc.Arbitrary<readonly Event[]> = fc.array(
  fc.oneof(
    {weight: 3, arbitrary: imageEvent},
    {weight: 10, arbitrary: arbitraryBuildEvent},
    {weight: 1, arbitrary: catalogEvent},
  ),
  {maxLength: 60, size: 'max'},
);
