// The truth table of the product: which reasons are due, whether that is a rebase or a build, and what holds an image.
import {describe, expect, test} from 'vitest';
import type {Build} from '../../source/domain/build.ts';
import {type Change, reasonText} from '../../source/domain/change.ts';
import {decideBuild, type DecisionInputs} from '../../source/domain/decide-build.ts';
import type {Decision} from '../../source/domain/decision.ts';
import type {ImageSpec} from '../../source/domain/image.ts';
import {
  aBuild,
  aBuilder,
  aBuildpack,
  aCommit,
  aConfig,
  aDirectoryDigest,
  anImage,
  aReadyBuilder,
  aRebase,
  aStack,
  aStore,
  decisionInputs,
  usedBuildpacks,
} from '../support/builders.ts';

type Inputs = Partial<DecisionInputs>;

const resolved = (source = aCommit()): Inputs['source'] => ({kind: 'resolved', source, since: 5});
const spec = (change: Partial<ImageSpec>) => anImage({spec: change});
const newRunImage = aReadyBuilder({stack: aStack({run: 'sha256:run-2'})});
const bumped = aStore({buildpacks: [aBuildpack('some/one', '1.0.0'), aBuildpack('some/two', '2.1.0')]});
const newBuildpack = aReadyBuilder({store: bumped});
const newRunImageAndBuildpack = aReadyBuilder({stack: aStack({run: 'sha256:run-2'}), store: bumped});
const newLifecycle: Inputs['lifecycle'] = {version: '1.1.0', since: 30};
const trigger = {at: 40, message: 'A new build was manually triggered on Fri, 20 Nov 2020 15:38:15 +0000'};

const failed = (change: Parameters<typeof aBuild>[0] = {}) => aBuild({number: 2, state: 'failed', ...change});
const cancelled = (change: Parameters<typeof aBuild>[0] = {}) => aBuild({number: 2, state: 'cancelled', ...change});

function decide(change: Inputs): Decision {
  return decideBuild(decisionInputs(change));
}

function dueIn(decision: Decision): readonly Change[] {
  return 'due' in decision ? decision.due.map(({change}) => change) : [];
}

/** `build COMMIT,STACK`, `rebase STACK`, `up-to-date`, `running 3`, `hold paused` and what is due meanwhile. */
function said(decision: Decision): string {
  const due = reasonText(dueIn(decision));
  switch (decision.kind) {
    case 'running':
      return `running ${decision.number}`;
    case 'hold':
      return `hold ${decision.hold.kind}${due && `, due ${due}`}`;
    default:
      return due ? `${decision.kind} ${due}` : decision.kind;
  }
}

describe('each reason is due, with old and new as kpack writes them', () => {
  test.each<readonly [string, Inputs, string]>([
    ['TRIGGER: somebody asked', {trigger}, `[{"reason":"TRIGGER","old":"","new":"${trigger.message}"}]`],
    [
      'COMMIT: the branch is at another commit',
      {source: resolved(aCommit('commit-2'))},
      '[{"reason":"COMMIT","old":"commit-1","new":"commit-2"}]',
    ],
    [
      'CONFIG: the first build, from nothing',
      {builds: []},
      '[{"reason":"CONFIG","old":{"resources":{},"source":{}},"new":{"resources":{},"source":{"git":{"url":"https://git.example.test/web.git","revision":"commit-1"}}}}]',
    ],
    [
      'CONFIG: another variable',
      {image: spec({env: [{name: 'BP_GO_TARGETS', value: './cmd'}]})},
      '[{"reason":"CONFIG","old":{"resources":{},"source":{"git":{"url":"https://git.example.test/web.git","revision":"commit-1"}}},"new":{"env":[{"name":"BP_GO_TARGETS","value":"./cmd"}],"resources":{},"source":{"git":{"url":"https://git.example.test/web.git","revision":"commit-1"}}}}]',
    ],
    [
      'BUILDPACK: the builder no longer has one that was used',
      {builder: newBuildpack},
      '[{"reason":"BUILDPACK","old":[{"id":"some/two","version":"2.0.0"}],"new":null}]',
    ],
    [
      'BUILDPACK: several, sorted by id',
      {
        builder: aReadyBuilder({
          builder: aBuilder({spec: {order: [{group: [{id: 'some/three'}]}]}}),
          store: aStore({buildpacks: [aBuildpack('some/three', '3.0.0')]}),
        }),
        builds: [aBuild({result: {buildpacks: usedBuildpacks.toReversed()}})],
      },
      '[{"reason":"BUILDPACK","old":[{"id":"some/one","version":"1.0.0"},{"id":"some/two","version":"2.0.0"}],"new":null}]',
    ],
    [
      'STACK: another run image',
      {builder: newRunImage},
      '[{"reason":"STACK","old":"sha256:run-1","new":"sha256:run-2"}]',
    ],
    [
      'LIFECYCLE: another version of it',
      {lifecycle: newLifecycle},
      '[{"reason":"LIFECYCLE","old":"1.0.0","new":"1.1.0"}]',
    ],
  ])('%s', (_, change, json) => {
    expect(JSON.stringify(dueIn(decide(change)))).toBe(json);
  });

  test('all at once stand in the fixed order', () => {
    const everything = decide({
      trigger,
      source: resolved(aCommit('commit-2')),
      image: spec({env: [{name: 'A', value: '1'}]}),
      builder: newRunImageAndBuildpack,
      lifecycle: newLifecycle,
    });
    expect(said(everything)).toBe('build TRIGGER,COMMIT,CONFIG,BUILDPACK,STACK,LIFECYCLE');
  });

  test('each is due since what changed, changed', () => {
    const decision = decide({
      trigger,
      source: {kind: 'resolved', source: aCommit('commit-2'), since: 31},
      image: anImage({changedAt: 32, spec: {env: [{name: 'A', value: '1'}]}}),
      builder: aReadyBuilder({
        stack: aStack({run: 'sha256:run-2', at: 34}),
        store: {...bumped, resolved: {...bumped.resolved, at: 33}},
      }),
      lifecycle: {version: '1.1.0', since: 35},
    });
    const since = 'due' in decision ? decision.due.map((due) => [due.change.reason, due.since]) : [];
    expect(Object.fromEntries(since)).toEqual({
      TRIGGER: 40,
      COMMIT: 31,
      CONFIG: 32,
      BUILDPACK: 33,
      STACK: 34,
      LIFECYCLE: 35,
    });
  });
});

describe('CONFIG compares what a build is given', () => {
  const builtWith = (config: ReturnType<typeof aConfig>) => [aBuild({inputs: {config}})];
  const env = [
    {name: 'A', value: '1'},
    {name: 'B', value: '2'},
  ];
  const service = {kind: 'Secret', name: 'db'};

  test.each<readonly [string, Inputs, string]>([
    ['the same variables', {image: spec({env}), builds: builtWith(aConfig('commit-1', {env}))}, 'up-to-date'],
    [
      'the same variables in another order',
      {image: spec({env: env.toReversed()}), builds: builtWith(aConfig('commit-1', {env}))},
      'build CONFIG',
    ],
    ['a variable taken away', {builds: builtWith(aConfig('commit-1', {env}))}, 'build CONFIG'],
    ['a service', {image: spec({services: [service]})}, 'build CONFIG'],
    [
      'the same service',
      {image: spec({services: [service]}), builds: builtWith(aConfig('commit-1', {services: [service]}))},
      'up-to-date',
    ],
    ['resources', {image: spec({resources: {limits: {cpu: '1'}}})}, 'build CONFIG'],
    [
      'the same resources, written in another order',
      {
        image: spec({resources: {limits: {cpu: '1', memory: '2G'}}}),
        builds: builtWith(aConfig('commit-1', {resources: {limits: {memory: '2G', cpu: '1'}}})),
      },
      'up-to-date',
    ],
    [
      'a sub path',
      {image: spec({source: {kind: 'git', url: 'https://git.example.test/web.git', revision: 'main', subPath: 'app'}})},
      'build CONFIG',
    ],
    [
      'submodules',
      {
        image: spec({
          source: {kind: 'git', url: 'https://git.example.test/web.git', revision: 'main', initializeSubmodules: true},
        }),
      },
      'build CONFIG',
    ],
    [
      'another repository, whose branch is at another commit',
      {
        image: spec({source: {kind: 'git', url: 'https://git.example.test/other.git', revision: 'main'}}),
        source: resolved(aCommit('commit-2')),
      },
      'build COMMIT,CONFIG',
    ],
    [
      'a directory in place of a repository: no revision to compare',
      {image: spec({source: {kind: 'local', path: '/app'}}), source: resolved(aDirectoryDigest())},
      'build CONFIG',
    ],
    [
      'the executor of the builder',
      {builder: aReadyBuilder({builder: aBuilder({spec: {executor: 'container'}})})},
      'build CONFIG',
    ],
    ['another place for the image to go', {image: spec({export: 'registry'})}, 'build CONFIG'],
    ['the place where it goes by itself, now said', {image: spec({export: 'layout'})}, 'up-to-date'],
  ])('%s', (_, change, expected) => {
    expect(said(decide(change))).toBe(expected);
  });
});

describe('a revision is COMMIT, never CONFIG', () => {
  const local = spec({source: {kind: 'local', path: '/app'}});
  const builtFrom = (revision: string) => [
    aBuild({
      inputs: {source: aDirectoryDigest(revision), config: {resources: {}, source: {local: {path: '/app', revision}}}},
    }),
  ];

  test.each<readonly [string, Inputs, string]>([
    [
      'another branch of the same repository, at another commit',
      {
        image: spec({source: {kind: 'git', url: 'https://git.example.test/web.git', revision: 'develop'}}),
        source: resolved(aCommit('commit-2')),
      },
      'build COMMIT',
    ],
    [
      'another branch of the same repository, at the same commit',
      {image: spec({source: {kind: 'git', url: 'https://git.example.test/web.git', revision: 'v1.0'}})},
      'up-to-date',
    ],
    [
      'changed files in a local directory',
      {image: local, source: resolved(aDirectoryDigest('sha256:content-2')), builds: builtFrom('sha256:content-1')},
      'build COMMIT',
    ],
    [
      'the same files in a local directory',
      {image: local, source: resolved(aDirectoryDigest('sha256:content-1')), builds: builtFrom('sha256:content-1')},
      'up-to-date',
    ],
    [
      'the same files at another path',
      {
        image: spec({source: {kind: 'local', path: '/elsewhere'}}),
        source: resolved(aDirectoryDigest('sha256:content-1')),
        builds: builtFrom('sha256:content-1'),
      },
      'build CONFIG',
    ],
  ])('%s', (_, change, expected) => {
    expect(said(decide(change))).toBe(expected);
  });
});

describe('nothing is due for', () => {
  test.each<readonly [string, Inputs]>([
    ['an image that is as it should be', {}],
    ['another service account', {image: spec({serviceAccountName: 'robot'})}],
    ['more tags', {image: spec({additionalTags: ['registry.example.test/web:stable']})}],
    ['a bigger cache', {image: spec({cacheSize: '4G'})}],
    ['a timeout', {image: spec({buildTimeout: 600})}],
    ['a default process', {image: spec({defaultProcess: 'worker'})}],
    ['a creation time', {image: spec({creationTime: 'now'})}],
    ['a project descriptor', {image: spec({projectDescriptorPath: 'other.toml'})}],
    ['a tagging strategy', {image: spec({imageTaggingStrategy: 'None'})}],
    ['history limits', {image: spec({successBuildHistoryLimit: 1, failedBuildHistoryLimit: 1})}],
    ['another build image alone', {builder: aReadyBuilder({stack: aStack({build: 'sha256:build-2'})})}],
    [
      'a buildpack that no build used',
      {
        builder: aReadyBuilder({
          store: aStore({buildpacks: [...aStore().resolved.buildpacks, aBuildpack('some/new', '1.0.0')]}),
        }),
      },
    ],
    [
      'another builder with the same in it',
      {
        image: spec({builder: {kind: 'ClusterBuilder', name: 'twin'}}),
        builder: aReadyBuilder({builder: aBuilder({name: 'twin', changedAt: 99})}),
      },
    ],
  ])('%s', (_, change) => {
    expect(decide(change)).toEqual({kind: 'up-to-date'});
  });
});

describe('rebase or build', () => {
  const otherBuilder = {image: spec({builder: {kind: 'ClusterBuilder', name: 'full'} as const})};

  test.each<readonly [string, Inputs, string]>([
    ['a new run image, else all the same', {builder: newRunImage}, 'rebase STACK'],
    ['a new run image and a used buildpack bumped', {builder: newRunImageAndBuildpack}, 'build BUILDPACK,STACK'],
    ['a new run image and a new lifecycle', {builder: newRunImage, lifecycle: newLifecycle}, 'build STACK,LIFECYCLE'],
    [
      'a new run image and a new commit',
      {builder: newRunImage, source: resolved(aCommit('commit-2'))},
      'build COMMIT,STACK',
    ],
    ['a new run image and a trigger', {builder: newRunImage, trigger}, 'build TRIGGER,STACK'],
    [
      'moved to another builder: other run image, same stack id, same buildpacks',
      {
        ...otherBuilder,
        builder: aReadyBuilder({
          builder: aBuilder({name: 'full', spec: {stack: 'full'}}),
          stack: aStack({name: 'full', run: 'sha256:full-run'}),
        }),
      },
      'rebase STACK',
    ],
    [
      'another stack id',
      {
        ...otherBuilder,
        builder: aReadyBuilder({
          builder: aBuilder({name: 'full', spec: {stack: 'full'}}),
          stack: aStack({name: 'full', id: 'io.example.stacks.other', run: 'sha256:full-run'}),
        }),
      },
      'build STACK',
    ],
    [
      'another stack id with the same run image',
      {builder: aReadyBuilder({stack: aStack({id: 'io.example.stacks.other'})})},
      'up-to-date',
    ],
    ['no successful build yet', {builds: [], builder: newRunImage}, 'build CONFIG'],
    ['only a failed build, and a new run image', {builds: [failed()], builder: newRunImage}, 'hold last-build-failed'],
    ['only a failed build, and a trigger', {builds: [failed()], builder: newRunImage, trigger}, 'build TRIGGER'],
    ['another builder, and nothing differs', otherBuilder, 'up-to-date'],
    [
      'a rebase, where the executor cannot run here',
      {builder: newRunImage, executorProblem: 'no private root'},
      'rebase STACK',
    ],
  ])('%s', (_, change, expected) => {
    expect(said(decide(change))).toBe(expected);
  });
});

describe('two baselines: what ran the source, and what succeeded', () => {
  const rebased = [aBuild(), aRebase({number: 2})];
  const atCommit2 = {source: aCommit('commit-2'), config: aConfig('commit-2')};

  test.each<readonly [string, Inputs, string]>([
    ['after a rebase the run image is the new one', {builds: rebased, builder: newRunImage}, 'up-to-date'],
    ['after a rebase the old run image is due again', {builds: rebased}, 'rebase STACK'],
    [
      'a commit counts from the build under the rebase',
      {builds: rebased, builder: newRunImage, source: resolved(aCommit('commit-2'))},
      'build COMMIT',
    ],
    [
      'a rebase after a failed build says nothing about the source that failed',
      {
        builds: [aBuild(), failed({inputs: atCommit2}), aRebase({number: 3})],
        builder: newRunImage,
        source: resolved(aCommit('commit-2')),
      },
      'hold last-build-failed',
    ],
    [
      'a failed build used up its commit',
      {builds: [aBuild(), failed({inputs: atCommit2})], source: resolved(aCommit('commit-2'))},
      'hold last-build-failed',
    ],
    [
      'going back to the commit before the failed one is a change',
      {builds: [aBuild(), failed({inputs: atCommit2})], source: resolved(aCommit('commit-1'))},
      'build COMMIT',
    ],
    [
      'a failed build did not take up the new buildpacks',
      {builds: [aBuild(), failed({inputs: atCommit2})], source: resolved(aCommit('commit-3')), builder: newBuildpack},
      'build COMMIT,BUILDPACK',
    ],
    [
      'a running build stops the look at everything',
      {builds: [aBuild({state: 'running', number: 4})], trigger, builder: newRunImage},
      'running 4',
    ],
    [
      'an interrupted build still has its work to do',
      {builds: [aBuild({state: 'interrupted', number: 4})], source: resolved(aCommit('commit-2'))},
      'running 4',
    ],
  ])('%s', (_, change, expected) => {
    expect(said(decide(change))).toBe(expected);
  });
});

describe('after a failed build', () => {
  const builds = [aBuild(), failed()];

  test.each<readonly [string, Inputs, string]>([
    ['it stays failed while nothing changes', {}, 'hold last-build-failed'],
    ['a new run image is put under the image that works', {builder: newRunImage}, 'rebase STACK'],
    [
      'and then it is failed still',
      {builds: [...builds, aRebase({number: 3})], builder: newRunImage},
      'hold last-build-failed',
    ],
    ['a bumped buildpack waits, and is shown', {builder: newBuildpack}, 'hold last-build-failed, due BUILDPACK'],
    ['a new lifecycle waits, and is shown', {lifecycle: newLifecycle}, 'hold last-build-failed, due LIFECYCLE'],
    [
      'a new run image with a bumped buildpack waits',
      {builder: newRunImageAndBuildpack},
      'hold last-build-failed, due BUILDPACK,STACK',
    ],
    [
      'a new stack id waits',
      {builder: aReadyBuilder({stack: aStack({id: 'other', run: 'sha256:run-2'})})},
      'hold last-build-failed, due STACK',
    ],
    ['a trigger builds', {trigger}, 'build TRIGGER'],
    ['a commit builds', {source: resolved(aCommit('commit-2'))}, 'build COMMIT'],
    ['a changed configuration builds', {image: spec({env: [{name: 'A', value: '1'}]})}, 'build CONFIG'],
    ['a trigger takes what waited along', {trigger, builder: newBuildpack}, 'build TRIGGER,BUILDPACK'],
  ])('%s', (_, change, expected) => {
    expect(said(decide({builds, ...change}))).toBe(expected);
  });

  test('the hold says which build failed, what is due and what would end the wait', () => {
    expect(decide({builds, builder: newBuildpack})).toMatchObject({
      hold: {
        message:
          'build 2 failed; BUILDPACK is due but needs buildpacks; waits for a trigger, a commit or a changed configuration',
      },
    });
  });
});

describe('after a cancelled build', () => {
  const builds = [aBuild(), cancelled()];

  test.each<readonly [string, Inputs, string]>([
    ['it is held while nothing changes', {}, 'hold cancelled'],
    ['a bumped buildpack waits, and is shown', {builder: newBuildpack}, 'hold cancelled, due BUILDPACK'],
    ['a new run image is put under the image that works', {builder: newRunImage}, 'rebase STACK'],
    ['a first build that was cancelled is not started again', {builds: [cancelled({number: 1})]}, 'hold cancelled'],
    ['a trigger builds', {trigger}, 'build TRIGGER'],
    ['a commit builds', {source: resolved(aCommit('commit-2'))}, 'build COMMIT'],
  ])('%s', (_, change, expected) => {
    expect(said(decide({builds, ...change}))).toBe(expected);
  });
});

describe('a rebase that did not work', () => {
  const failedRebase = aRebase({number: 2, state: 'failed'});

  test.each<readonly [string, Inputs, string]>([
    [
      'is not tried for the same run image again',
      {builds: [aBuild(), failedRebase], builder: newRunImage},
      'hold last-build-failed, due STACK',
    ],
    [
      'is not tried again when it was cancelled',
      {builds: [aBuild(), aRebase({state: 'cancelled'})], builder: newRunImage},
      'hold cancelled, due STACK',
    ],
    [
      'is tried for yet another run image',
      {builds: [aBuild(), failedRebase], builder: aReadyBuilder({stack: aStack({run: 'sha256:run-3'})})},
      'rebase STACK',
    ],
    [
      'is a build when somebody asks',
      {builds: [aBuild(), failedRebase], builder: newRunImage, trigger},
      'build TRIGGER,STACK',
    ],
    ['leaves the image up to date when the stack goes back', {builds: [aBuild(), failedRebase]}, 'up-to-date'],
    [
      'is not tried again after a failed source build either',
      {builds: [aBuild(), failed(), aRebase({number: 3, state: 'failed'})], builder: newRunImage},
      'hold last-build-failed, due STACK',
    ],
  ])('%s', (_, change, expected) => {
    expect(said(decide(change))).toBe(expected);
  });

  test('says why it failed', () => {
    expect(decide({builds: [aBuild(), failedRebase], builder: newRunImage})).toMatchObject({
      hold: {message: expect.stringContaining('rebase 2 failed: go build: exit status 1')},
    });
  });
});

describe('the loop guard', () => {
  // A run image that the result never takes on: each build is made for the same change, and it is due again.
  const stack = [{reason: 'STACK', old: 'sha256:run-1', new: 'sha256:run-2'}] as const;
  const loops = (number: number, change: Partial<Build> = {}) => aBuild({number, changes: stack, ...change});

  test.each<readonly [string, Inputs, string]>([
    ['once is no loop', {builds: [aBuild(), loops(2)]}, 'rebase STACK'],
    ['twice in a row is', {builds: [aBuild(), loops(2), loops(3)]}, 'hold loop, due STACK'],
    [
      'a failed build between does not hide it',
      {builds: [loops(2), failed({number: 3}), loops(4)]},
      'hold loop, due STACK',
    ],
    [
      'a failed build made for it is none of the two',
      {builds: [aBuild(), loops(2), loops(3, {state: 'failed'})], trigger},
      'build TRIGGER,STACK',
    ],
    ['another build between ends it', {builds: [loops(2), aBuild({number: 3}), loops(4)]}, 'rebase STACK'],
    [
      'another run image ends it',
      {builds: [loops(2), loops(3)], builder: aReadyBuilder({stack: aStack({run: 'sha256:run-3'})})},
      'rebase STACK',
    ],
    ['a trigger breaks it, as its message says', {builds: [loops(2), loops(3)], trigger}, 'build TRIGGER,STACK'],
    [
      'a commit is built all the same',
      {builds: [loops(2), loops(3)], source: resolved(aCommit('commit-2'))},
      'build COMMIT,STACK',
    ],
  ])('%s', (_, change, expected) => {
    expect(said(decide({builder: newRunImage, ...change}))).toBe(expected);
  });

  test('does not take a person who goes back and forth for a loop', () => {
    const env = (value: string) => [{name: 'MODE', value}];
    const config = (value: string) => aConfig('commit-1', {env: env(value)});
    const toGood = [{reason: 'CONFIG', old: config('bad'), new: config('good')}] as const;
    const good = (number: number) => aBuild({number, changes: toGood, inputs: {config: config('good')}});
    const bad = (number: number) => aBuild({number, state: 'failed', inputs: {config: config('bad')}});
    const builds = [good(2), bad(3), good(4), bad(5)];
    expect(said(decide({builds, builder: aReadyBuilder(), image: spec({env: env('good')})}))).toBe('build CONFIG');
  });

  test('triggers never make one', () => {
    const triggered = (number: number) =>
      aBuild({number, changes: [{reason: 'TRIGGER', old: '', new: trigger.message}]});
    expect(said(decide({builds: [triggered(2), triggered(3)], trigger}))).toBe('build TRIGGER');
  });
});

describe('the update policy', () => {
  test.each<readonly [ImageSpec['updatePolicy'], string, Inputs, string]>([
    ['auto', 'lets a bumped buildpack in', {builder: newBuildpack}, 'build BUILDPACK'],
    ['ask', 'holds a bumped buildpack', {builder: newBuildpack}, 'hold ask, due BUILDPACK'],
    ['ask', 'holds a new run image', {builder: newRunImage}, 'hold ask, due STACK'],
    ['ask', 'holds a new lifecycle', {lifecycle: newLifecycle}, 'hold ask, due LIFECYCLE'],
    ['ask', 'builds a commit', {source: resolved(aCommit('commit-2'))}, 'build COMMIT'],
    [
      'ask',
      'lets everything happen when triggered',
      {trigger, builder: newRunImageAndBuildpack},
      'build TRIGGER,BUILDPACK,STACK',
    ],
    ['ask', 'builds a new image', {builds: []}, 'build CONFIG'],
    ['ask', 'has nothing to ask', {}, 'up-to-date'],
    ['stack-only', 'rebases', {builder: newRunImage}, 'rebase STACK'],
    ['stack-only', 'holds a bumped buildpack', {builder: newBuildpack}, 'hold ask, due BUILDPACK'],
    [
      'stack-only',
      'holds what is more than a rebase',
      {builder: newRunImageAndBuildpack},
      'hold ask, due BUILDPACK,STACK',
    ],
    ['stack-only', 'builds a commit', {source: resolved(aCommit('commit-2'))}, 'build COMMIT'],
  ])('%s: %s', (updatePolicy, _, change, expected) => {
    expect(said(decide({image: spec({updatePolicy}), ...change}))).toBe(expected);
  });
});

describe('what holds an image', () => {
  const paused = anImage({paused: true});
  const notReady: Inputs['builder'] = {
    kind: 'not-ready',
    builder: aBuilder(),
    message: 'ClusterStack "base" does not exist',
  };

  test.each<readonly [string, Inputs, string, string]>([
    ['paused, with something due', {image: paused, builder: newRunImage}, 'hold paused, due STACK', 'STACK is due'],
    ['paused, with a trigger', {image: paused, trigger}, 'hold paused, due TRIGGER', 'resume it'],
    ['paused, with nothing due', {image: paused}, 'hold paused', 'nothing is due'],
    ['no such builder', {builder: undefined}, 'hold builder-not-found', 'ClusterBuilder "base" does not exist'],
    [
      'a builder that is not ready',
      {builder: notReady},
      'hold builder-not-ready',
      'ClusterStack "base" does not exist',
    ],
    ['a source nobody looked at yet', {source: {kind: 'waiting'}}, 'hold source-not-ready', 'for the first time'],
    [
      'a source that cannot be read',
      {source: {kind: 'failed', problem: 'no such repository'}},
      'hold source-not-ready',
      'no such repository',
    ],
    [
      'an executor that cannot run here',
      {trigger, executorProblem: 'no private root'},
      'hold executor-not-ready, due TRIGGER',
      'no private root',
    ],
    [
      'an executor that cannot run here, for an image that needs nothing',
      {executorProblem: 'no private root'},
      'up-to-date',
      '',
    ],
    [
      'an interrupted build whose builder is gone',
      {builder: undefined, builds: [aBuild({state: 'interrupted'})]},
      'hold builder-not-found',
      'does not exist',
    ],
    [
      'an interrupted build whose builder is not ready',
      {builder: notReady, builds: [aBuild({state: 'interrupted'})]},
      'hold builder-not-ready',
      'does not exist',
    ],
    [
      'an interrupted build that cannot run here any more',
      {executorProblem: 'no private root', builds: [aBuild({state: 'interrupted'})]},
      'hold executor-not-ready',
      'no private root',
    ],
    [
      'an interrupted rebase needs no executor',
      {executorProblem: 'no private root', builds: [aRebase({state: 'interrupted'})]},
      'running 2',
      '',
    ],
    [
      'a running build whose builder is gone runs on',
      {builder: undefined, builds: [aBuild({state: 'running'})]},
      'running 1',
      '',
    ],
  ])('%s', (_, change, expected, words) => {
    const decision = decide(change);
    expect(said(decision)).toBe(expected);
    expect(decision.kind === 'hold' ? decision.hold.message : '').toContain(words);
  });
});
