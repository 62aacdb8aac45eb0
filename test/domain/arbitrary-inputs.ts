// Any inputs of a decision: few values for each thing, so that equal ones meet often.
import fc from 'fast-check';
import type {Build} from '../../source/domain/build.ts';
import type {Change} from '../../source/domain/change.ts';
import type {DecisionInputs} from '../../source/domain/decide-build.ts';
import type {Image} from '../../source/domain/image.ts';
import type {ResolvedSource} from '../../source/domain/source.ts';
import {
  aBuild,
  aBuilder,
  aBuildpack,
  aCommit,
  aConfig,
  aDirectoryDigest,
  anImage,
  aReadyBuilder,
  aStack,
  aStore,
} from '../support/builders.ts';

const runDigest = fc.constantFrom('sha256:run-1', 'sha256:run-2', 'sha256:run-3');
const stackId = fc.constantFrom('io.example.stacks.base', 'io.example.stacks.other');
const version = fc.constantFrom('1.0.0', '1.1.0');
const time = fc.integer({min: 1, max: 100});
const revision = fc.constantFrom('commit-1', 'commit-2');
const env = fc.uniqueArray(fc.record({name: fc.constantFrom('A', 'B'), value: fc.constantFrom('1', '2')}), {
  maxLength: 2,
  selector: ({name}) => name,
});

const source: fc.Arbitrary<ResolvedSource> = fc.oneof(revision.map(aCommit), revision.map(aDirectoryDigest));

/** `default/web` with some environment, source, policy and pause. */
export const arbitraryImage: fc.Arbitrary<Image> = fc
  .record({
    env,
    paused: fc.boolean(),
    changedAt: time,
    updatePolicy: fc.constantFrom('auto', 'ask', 'stack-only'),
    source: fc.constantFrom(
      {kind: 'git', url: 'https://git.example.test/web.git', revision: 'main'} as const,
      {kind: 'local', path: '/app'} as const,
    ),
  })
  .map(({paused, changedAt, ...spec}) => anImage({paused, changedAt, spec}));

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.record({reason: fc.constant('STACK'), old: runDigest, new: runDigest}),
  fc.record({reason: fc.constant('COMMIT'), old: revision, new: revision}),
  fc.record({reason: fc.constant('LIFECYCLE'), old: version, new: version}),
  fc.record({
    reason: fc.constant('BUILDPACK'),
    old: fc.constant([{id: 'some/two', version: '1.0.0'}]),
    new: fc.constant(null),
  }),
);

const endedBuild: fc.Arbitrary<Build> = fc
  .record({
    strategy: fc.constantFrom('build', 'rebase'),
    state: fc.constantFrom('succeeded', 'failed', 'cancelled'),
    changes: fc.array(change, {minLength: 1, maxLength: 2}),
    source,
    env,
    run: runDigest,
    stackId,
    lifecycle: version,
    buildpack: version,
  })
  .map(({source: from, env: variables, run, stackId: id, lifecycle, buildpack, ...build}) =>
    aBuild({
      ...build,
      inputs: {
        source: from,
        config: aConfig(from.revision, {env: variables}),
        stackId: id,
        lifecycleVersion: lifecycle,
      },
      result: {
        digest: `sha256:image-on-${run}`,
        runImage: {name: 'bases/run', digest: run},
        stackId: id,
        lifecycleVersion: lifecycle,
        buildpacks: [
          {id: 'some/one', version: '1.0.0'},
          {id: 'some/two', version: buildpack},
        ],
      },
    }),
  );

/** Ended builds, and perhaps an open one after them; numbers ascend with holes. */
export const arbitraryBuilds: fc.Arbitrary<readonly Build[]> = fc
  .tuple(fc.array(endedBuild, {maxLength: 5}), fc.option(fc.constantFrom('running', 'interrupted'), {freq: 4}))
  .map(([ended, open]) => [...ended, ...(open ? [aBuild({state: open})] : [])])
  .map((builds) => builds.map((build, index) => ({...build, number: index * 2 + 1})));

/** The stack and the store of builder `base`. */
export const arbitraryCatalog = fc
  .record({run: runDigest, id: stackId, buildpack: version, at: time})
  .map(({run, id, buildpack, at}) => ({
    stack: aStack({run, id, at}),
    store: aStore({at, buildpacks: [aBuildpack('some/one', '1.0.0'), aBuildpack('some/two', buildpack)]}),
  }));

const builder: fc.Arbitrary<DecisionInputs['builder']> = fc.oneof(
  {weight: 8, arbitrary: arbitraryCatalog.map((parts) => aReadyBuilder(parts))},
  {weight: 1, arbitrary: fc.constant(undefined)},
  {weight: 1, arbitrary: fc.constant({kind: 'not-ready', builder: aBuilder(), message: 'no such stack'} as const)},
);

const outcome: fc.Arbitrary<DecisionInputs['source']> = fc.oneof(
  {weight: 8, arbitrary: fc.record({kind: fc.constant('resolved'), source, since: time})},
  {weight: 1, arbitrary: fc.constant({kind: 'waiting'} as const)},
  {weight: 1, arbitrary: fc.constant({kind: 'failed', problem: 'unreachable'} as const)},
);

export const arbitraryTrigger = fc.option(fc.record({at: time, message: fc.constant('asked for')}), {
  nil: undefined,
  freq: 3,
});

export const arbitraryInputs: fc.Arbitrary<DecisionInputs> = fc.record(
  {
    image: arbitraryImage,
    builder,
    source: outcome,
    builds: arbitraryBuilds,
    trigger: arbitraryTrigger,
    lifecycle: fc.record({version, since: time}),
    executorProblem: fc.option(fc.constant('no private root'), {nil: undefined, freq: 5}),
  },
  {requiredKeys: ['image', 'builder', 'source', 'builds', 'lifecycle']},
);
