// Intents become events, or are refused: judged against the state as it is.
import {noEngines} from '../support/no-engines.ts';
import {statePaths} from '../../source/daemon/state-paths.ts';
import {describe, expect, test} from 'vitest';
import {deleteBuilder, saveBuilder} from '../../source/daemon/intents/builder-intents.ts';
import {
  cancelBuild,
  deleteImage,
  pauseImage,
  saveImage,
  triggerImage,
} from '../../source/daemon/intents/image-intents.ts';
import {outlookOf} from '../../source/daemon/intents/outlook.ts';
import {deleteStack} from '../../source/daemon/intents/stack-intents.ts';
import {deleteStore, removeFromStore} from '../../source/daemon/intents/store-intents.ts';
import type {Event} from '../../source/domain/event.ts';
import type {Intent, SaveMode} from '../../source/protocol/intent.ts';
import {aBuild, aBuilder, anImage, aRebase, aRecord, aStack, aState, stateAfter} from '../support/builders.ts';
import {refused} from './refused.ts';

const web = {namespace: 'default', name: 'web'} as const;
const nobody = {namespace: 'default', name: 'nobody'} as const;
const state = aState();
const withBuilds = (...builds: readonly ReturnType<typeof aBuild>[]) => aState([aRecord({builds})]);

describe('saving an image', () => {
  const save = (mode: SaveMode, name: string, edit: Extract<Intent, {kind: 'image.save'}>['edit']) =>
    saveImage({kind: 'image.save', mode, namespace: 'default', name, edit}, state, 100);
  const edit = {tag: 'registry.example.test/new', localPath: '/app'};

  test('creates it, or changes it', () => {
    expect(save('create', 'new', edit)).toMatchObject([{kind: 'image.saved', image: {name: 'new', generation: 1}}]);
    expect(save('save', 'new', edit)).toMatchObject([{kind: 'image.saved', image: {name: 'new', generation: 1}}]);
    expect(save('patch', 'web', {localPath: '/app'})).toMatchObject([{kind: 'image.saved', image: {generation: 2}}]);
  });

  test('ignores the tag when it saves one that is there', () => {
    expect(save('save', 'web', edit)).toMatchObject([{image: {spec: {tag: 'registry.example.test/web'}}}]);
  });

  test('is no event when it is so already', () => {
    expect(save('patch', 'web', {serviceAccountName: 'default'})).toEqual([]);
  });

  test('refuses to create what is there and to patch what is not', () => {
    expect(refused(() => save('create', 'web', edit))).toContain(
      'already-exists: images.kpack.io "web" already exists',
    );
    expect(refused(() => save('patch', 'nobody', edit))).toBe('not-found: images.kpack.io "nobody" not found');
  });
});

describe('triggering', () => {
  const trigger = (name: string, at: number, on = state) =>
    triggerImage({kind: 'image.trigger', namespace: 'default', name}, on, at);

  test("says when, in kpack's words", () => {
    const at = Date.UTC(2020, 10, 5, 9, 3, 7);
    expect(trigger('web', at)).toEqual([
      {
        kind: 'image.triggered',
        at,
        ...web,
        message: 'A new build was manually triggered on Thu, 05 Nov 2020 09:03:07 +0000',
      },
    ]);
  });

  test('is taken while a build runs', () => {
    expect(trigger('web', 1, withBuilds(aBuild({state: 'running'})))).toHaveLength(1);
  });

  test('needs an image, and a build that it repeats', () => {
    expect(refused(() => trigger('nobody', 1))).toBe('not-found: images.kpack.io "nobody" not found');
    expect(refused(() => trigger('web', 1, withBuilds()))).toContain('not-found: no builds found');
  });
});

describe('pausing and resuming', () => {
  test('is an event only when it changes something', () => {
    const paused = aState([aRecord({image: anImage({paused: true})})]);
    expect(pauseImage({kind: 'image.pause', ...web}, state, 9)).toEqual([{kind: 'image.paused', at: 9, ...web}]);
    expect(pauseImage({kind: 'image.pause', ...web}, paused, 9)).toEqual([]);
    expect(pauseImage({kind: 'image.resume', ...web}, paused, 9)).toEqual([{kind: 'image.resumed', at: 9, ...web}]);
    expect(pauseImage({kind: 'image.resume', ...web}, state, 9)).toEqual([]);
    expect(refused(() => pauseImage({kind: 'image.pause', ...nobody}, state, 9))).toContain('not-found');
  });
});

describe('cancelling a build', () => {
  const cancel = (on: typeof state, number?: number) =>
    cancelBuild(
      {kind: 'build.cancel', namespace: 'default', image: 'web', ...(number === undefined ? {} : {number})},
      on,
      9,
    );
  const running = withBuilds(aBuild(), aBuild({number: 2, state: 'running'}));

  test('asks for the end of the one that runs, or is to run again', () => {
    const asked = [{kind: 'cancel.requested', at: 9, namespace: 'default', image: 'web', number: 2}];
    expect(cancel(running)).toEqual(asked);
    expect(cancel(running, 2)).toEqual(asked);
    expect(cancel(withBuilds(aBuild(), aBuild({number: 2, state: 'interrupted'})))).toEqual(asked);
  });

  test('is asked once', () => {
    expect(cancel(withBuilds(aBuild({state: 'running', cancelRequestedAt: 5})))).toEqual([]);
  });

  test('is refused when there is nothing to cancel', () => {
    expect(refused(() => cancel(state))).toContain('conflict: no build of "web" is running');
    expect(refused(() => cancel(running, 1))).toContain('conflict: no build of "web" is running');
    expect(refused(() => cancel(running, 7))).toBe('not-found: build "7" not found');
  });
});

describe('deleting', () => {
  test('an image', () => {
    expect(deleteImage({kind: 'image.delete', ...web}, state, 9)).toEqual([{kind: 'image.deleted', at: 9, ...web}]);
    expect(refused(() => deleteImage({kind: 'image.delete', ...nobody}, state, 9))).toContain('not-found');
    expect(
      refused(() => deleteImage({kind: 'image.delete', ...web}, withBuilds(aBuild({state: 'running'})), 9)),
    ).toContain('conflict: build 1 of "web" is running; cancel it first');
  });

  test('a stack, a buildpack store, a builder', () => {
    expect(deleteStack({kind: 'stack.delete', name: 'base'}, state, 9)).toEqual([
      {kind: 'stack.deleted', at: 9, name: 'base'},
    ]);
    expect(deleteStore({kind: 'store.delete', name: 'default'}, state, 9)).toEqual([
      {kind: 'store.deleted', at: 9, name: 'default'},
    ]);
    expect(deleteBuilder({kind: 'builder.delete', builderKind: 'ClusterBuilder', name: 'base'}, state, 9)).toEqual([
      {kind: 'builder.deleted', at: 9, key: 'ClusterBuilder/base'},
    ]);
  });

  test.each(['nobody', 'constructor'])('is refused for what is not there: %s', (name) => {
    expect(refused(() => deleteStack({kind: 'stack.delete', name}, state, 9))).toBe(
      `not-found: clusterstacks.kpack.io "${name}" not found`,
    );
    expect(refused(() => deleteStore({kind: 'store.delete', name}, state, 9))).toBe(
      `not-found: clusterstores.kpack.io "${name}" not found`,
    );
    expect(refused(() => deleteBuilder({kind: 'builder.delete', builderKind: 'Builder', name}, state, 9))).toBe(
      `not-found: builders.kpack.io "${name}" not found`,
    );
  });
});

describe('removing buildpacks from a store', () => {
  const remove = (...buildpacks: readonly string[]) =>
    removeFromStore({kind: 'store.remove', name: 'default', buildpacks}, state, 9);

  test('leaves the others', () => {
    const {events, notes} = remove('some/one@1.0.0');
    expect(events).toMatchObject([
      {kind: 'store.saved', store: {generation: 2, resolved: {at: 9, buildpacks: [{id: 'some/two'}]}}},
    ]);
    expect(notes).toEqual(['Removing buildpackage some/one@1.0.0']);
  });

  test('names what is not there', () => {
    expect(refused(() => remove('some/one@1.0.0', 'some/one@9.9.9'))).toBe(
      "not-found: Buildpackage 'some/one@9.9.9' does not exist in the ClusterStore",
    );
  });
});

describe('saving a builder', () => {
  const save = async (
    mode: SaveMode,
    name: string,
    edit: Extract<Intent, {kind: 'builder.save'}>['edit'],
    builderKind: 'ClusterBuilder' | 'Builder' = 'ClusterBuilder',
    namespace?: string,
  ) =>
    (
      await saveBuilder(
        {kind: 'builder.save', mode, builderKind, name, edit, ...(namespace === undefined ? {} : {namespace})},
        state,
        {engines: noEngines, paths: statePaths('/nowhere'), now: 9},
      )
    ).events;
  const order = [{group: [{id: 'some/one'}]}];

  test('creates it with defaults', async () => {
    expect(await save('create', 'new', {order})).toEqual([
      {
        kind: 'builder.saved',
        at: 9,
        builder: {
          kind: 'ClusterBuilder',
          name: 'new',
          generation: 1,
          createdAt: 9,
          changedAt: 9,
          spec: {stack: 'default', order, trusted: false, executor: 'embedded'},
        },
      },
    ]);
  });

  test('keeps what the edit does not name', async () => {
    expect(await save('patch', 'base', {stack: 'full'})).toMatchObject([
      {builder: {generation: 2, createdAt: 1, spec: {...aBuilder().spec, stack: 'full'}}},
    ]);
  });

  test('puts a Builder into a namespace', async () => {
    expect(await save('create', 'mine', {order}, 'Builder')).toMatchObject([
      {builder: {kind: 'Builder', namespace: 'default'}},
    ]);
    expect(await save('create', 'mine', {order}, 'Builder', 'team')).toMatchObject([{builder: {namespace: 'team'}}]);
  });

  test('is no event when it is so already', async () => {
    expect(await save('save', 'base', {stack: 'base'})).toEqual([]);
  });

  test.each<readonly [string, () => Promise<unknown>, string]>([
    ['no order', () => save('create', 'new', {}), 'invalid: a builder needs an order'],
    ['an empty group', () => save('patch', 'base', {order: [{group: []}]}), 'invalid: a builder needs an order'],
    ['a bad name', () => save('create', 'New', {order}), 'invalid: the name "New"'],
    ['a bad namespace', () => save('create', 'new', {order}, 'Builder', '..'), 'invalid: the name ".."'],
    ['one that is there', () => save('create', 'base', {order}), 'already-exists: clusterbuilders.kpack.io "base"'],
    [
      'one that is not there',
      () => save('patch', 'new', {order}),
      'not-found: clusterbuilders.kpack.io "new" not found',
    ],
    [
      'a run image without a builder image',
      () => save('create', 'new', {order, runImage: 'r'}),
      'invalid: --run-image',
    ],
    [
      'an engine for the embedded executor',
      () => save('create', 'new', {order, engine: 'docker'}),
      'invalid: an engine',
    ],
    [
      'an embedded executor for a builder image',
      () => save('create', 'new', {image: 'acme/builder', executor: 'embedded'}),
      'invalid: a ready-made builder image runs in containers',
    ],
    [
      'a builder image with an order',
      () => save('create', 'new', {image: 'acme/builder', order}),
      'invalid: a builder image brings its own buildpacks and lifecycle: leave out an order',
    ],
    [
      'a builder image where no engine answers',
      () => save('create', 'new', {image: 'acme/builder'}),
      'unavailable: expected a container engine to answer',
    ],
  ])('refuses %s', async (_, act, words) => {
    await expect(act()).rejects.toThrow(words.replace(/^[^:]*: /, ''));
    await expect(act()).rejects.toMatchObject({kind: words.split(':')[0]});
  });
});

describe('the outlook', () => {
  const other = aRecord({image: anImage({name: 'other', spec: {builder: {kind: 'ClusterBuilder', name: 'other'}}})});
  const fleet = aState(
    [
      aRecord(),
      aRecord({
        image: anImage({name: 'api'}),
        builds: [aBuild({image: 'api'}), aBuild({image: 'api', number: 2, state: 'failed'})],
      }),
      other,
    ],
    {
      builders: {
        'ClusterBuilder/base': aBuilder(),
        'ClusterBuilder/other': aBuilder({name: 'other', spec: {stack: 'other'}}),
      },
    },
  );
  const outlook = (...events: readonly Event[]) =>
    outlookOf(stateAfter(fleet, ...events), events).map(({name, decision}) => `${name} ${decision.kind}`);

  test.each<readonly [string, Event, readonly string[]]>([
    [
      'a stack patch: rebases, also of what failed',
      {kind: 'stack.saved', at: 9, stack: aStack({run: 'sha256:run-2'})},
      ['api rebase', 'web rebase'],
    ],
    ['a stack that goes away', {kind: 'stack.deleted', at: 9, name: 'base'}, ['api hold', 'web hold']],
    ['a store that goes away', {kind: 'store.deleted', at: 9, name: 'default'}, ['api hold', 'other hold', 'web hold']],
    [
      'a builder that goes away',
      {kind: 'builder.deleted', at: 9, key: 'ClusterBuilder/base'},
      ['api hold', 'web hold'],
    ],
    ['a trigger', {kind: 'image.triggered', at: 9, ...web, message: 'asked'}, ['web build']],
    ['a pause', {kind: 'image.paused', at: 9, ...web}, ['web hold']],
    ['settings', {kind: 'settings.changed', at: 9, settings: fleet.settings}, []],
  ])('of %s', (_, event, expected) => {
    expect(outlook(event)).toEqual(expected);
  });

  test('of a stack that goes back is a rebase back', () => {
    const rebased = aState([aRecord({builds: [aBuild(), aRebase({number: 2})]})]);
    const events: readonly Event[] = [{kind: 'stack.saved', at: 9, stack: aStack()}];
    expect(outlookOf(stateAfter(rebased, ...events), events)).toMatchObject([
      {name: 'web', decision: {kind: 'rebase'}},
    ]);
  });
});
