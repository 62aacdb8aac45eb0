// A build made from exactly what the plan asked for leaves nothing to do: otherwise the controller would build for ever.
import fc from 'fast-check';
import {expect, test} from 'vitest';
import type {StartCommand} from '../../source/controller/command.ts';
import {plan} from '../../source/controller/plan.ts';
import {newestSourceBuild} from '../../source/domain/baselines.ts';
import type {Build} from '../../source/domain/build.ts';
import type {BuildpackRef} from '../../source/domain/buildpack.ts';
import type {BuildpackStore} from '../../source/domain/buildpack-store.ts';
import type {Image} from '../../source/domain/image.ts';
import {buildConfigOf} from '../../source/domain/reasons/config.ts';
import {resourceKey} from '../../source/domain/resource-name.ts';
import type {ResolvedSource} from '../../source/domain/source.ts';
import type {Stack} from '../../source/domain/stack.ts';
import {imageDecision} from '../../source/state/image-decision.ts';
import type {ImageRecord, State} from '../../source/state/state.ts';
import {arbitraryBuilds, arbitraryCatalog, arbitraryImage, arbitraryTrigger} from '../domain/arbitrary-inputs.ts';
import {
  aCommit,
  aDirectoryDigest,
  aRecord,
  aState,
  buildStarted,
  buildSucceeded,
  lifecycleVersion,
  stateAfter,
} from '../support/builders.ts';

const arbitraryState = fc
  .record({
    image: arbitraryImage,
    builds: arbitraryBuilds,
    catalog: arbitraryCatalog,
    trigger: arbitraryTrigger,
    revision: fc.constantFrom('commit-1', 'commit-2'),
    /** Whether the builds were made from all that there is but the run image: then only STACK can be due. */
    onlyStack: fc.boolean(),
  })
  .map(({image, builds, catalog, trigger, revision, onlyStack}): State => {
    const resolved = image.spec.source.kind === 'git' ? aCommit(revision) : aDirectoryDigest(revision);
    const record = aRecord({
      image,
      builds: onlyStack ? builds.map((build) => madeFrom(image, resolved, catalog, build)) : builds,
      source: {generation: 1, resolved, resolvedAt: 5},
      ...(trigger && !onlyStack ? {trigger} : {}),
    });
    return aState([record], {stacks: {base: catalog.stack}, stores: {default: catalog.store}});
  });

function madeFrom(image: Image, source: ResolvedSource, {stack, store}: Catalog, build: Build): Build {
  const inputs = {...build.inputs, source, config: buildConfigOf(image, source, 'embedded')};
  const parts = {stackId: stack.spec.id, lifecycleVersion, buildpacks: store.resolved.buildpacks};
  return {...build, inputs, ...(build.result ? {result: {...build.result, ...parts}} : {})};
}

type Catalog = {readonly stack: Stack; readonly store: BuildpackStore};

/** The state after the build that the plan asked for did all it was asked. */
function afterSuccess(state: State, start: StartCommand): State {
  const {namespace, image, number, strategy, changes, inputs, attempt} = start;
  const ref = {namespace, image, number};
  const result = {
    digest: `sha256:result-${number}`,
    tags: [],
    runImage: inputs.runImage,
    stackId: inputs.stackId,
    lifecycleVersion: inputs.lifecycleVersion,
    buildpacks: buildpacksOf(state, start),
    size: 1,
  };
  return stateAfter(
    state,
    buildStarted({...ref, at: 200, attempt, strategy, changes, inputs}),
    buildSucceeded({...ref, at: 210, result}),
  );
}

/** A rebase keeps its image's buildpacks, a build uses what the builder has. */
function buildpacksOf(state: State, start: StartCommand): readonly BuildpackRef[] {
  if (start.strategy === 'build') return state.stores['default']?.resolved.buildpacks ?? [];
  const before = recordOf(state).builds.findLast(({result}) => result?.digest === start.inputs.previousDigest);
  return before?.result?.buildpacks ?? [];
}

function recordOf(state: State): ImageRecord {
  const record = state.images[resourceKey('default', 'web')];
  if (!record) throw new Error('the image is gone');
  return record;
}

function startIn(state: State): StartCommand | undefined {
  return plan(state, new Map(), 100).commands.find((command) => command.kind === 'start');
}

test('after a successful build of what was asked for the image is up to date', () => {
  let builds = 0;
  let rebases = 0;
  fc.assert(
    fc.property(arbitraryState, (state) => {
      const start = startIn(state);
      if (!start || start.attempt > 1) return;
      if (start.strategy === 'build') builds += 1;
      else rebases += 1;
      const after = afterSuccess(state, start);
      expect(startIn(after)).toBeUndefined();
      const ran = newestSourceBuild(recordOf(after).builds)?.state;
      const decision = imageDecision(recordOf(after), after);
      // A rebase patches what runs; the source that failed or was cancelled still waits for a person.
      if (ran === 'succeeded') expect(decision).toEqual({kind: 'up-to-date'});
      else expect(decision).toMatchObject({kind: 'hold', due: []});
    }),
    {numRuns: 400, seed: 20_201_120},
  );
  expect(builds).toBeGreaterThan(30);
  expect(rebases).toBeGreaterThan(5);
});
