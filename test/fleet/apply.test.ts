// Several resources changed as one: one patch, one build per image, all of it or nothing.
import {afterEach, describe, expect, test} from 'vitest';
import type {Edit} from '../../source/protocol/intent.ts';
import {oneBuildpack, olderBuildpack, plainApps} from './support/a-fleet.ts';
import {aFleetHome, type FleetHome, runFleet} from './support/a-running-fleet.ts';

const places: FleetHome[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.remove();
});

async function aFleet() {
  const place = await aFleetHome([...plainApps(2), {name: 'paused', paused: true}]);
  places.push(place);
  const stack: Edit = {kind: 'stack.save', mode: 'save', name: 'base', buildImage: place.first, runImage: place.second};
  const order = [{group: [{id: olderBuildpack.id, version: olderBuildpack.version}]}];
  const builder: Extract<Edit, {kind: 'builder.save'}> = {
    kind: 'builder.save',
    mode: 'save',
    builderKind: 'ClusterBuilder',
    name: 'base',
    whole: true,
    edit: {stack: 'base', store: 'default', order},
  };
  return {...runFleet(place), place, stack, builder};
}

describe('resources applied together', () => {
  test('give one build per image, as the dry run says, and go back as one', async () => {
    const fleet = await aFleet();
    const intent = {kind: 'apply', edits: [fleet.stack, fleet.builder], rollout: {canary: ['app-0002']}} as const;
    const dry = await fleet.send(intent, true);
    const {patch = '', outlook, applied} = await fleet.send(intent);
    expect(applied).toEqual([
      {kind: 'ClusterStack', name: 'base', effect: 'changed'},
      {kind: 'ClusterBuilder', name: 'base', effect: 'changed'},
    ]);
    expect(outlook.map(({member}) => member)).toEqual(dry.outlook.map(({member}) => member));
    expect(Object.fromEntries(outlook.map(({name, member}) => [name, [member?.planned, member?.wave]]))).toEqual({
      'app-0001': ['build', 2],
      'app-0002': ['build', 1],
      paused: ['held', 0],
    });
    const closed = await fleet.closed(patch);
    expect(closed.state).toBe('succeeded');
    expect(closed.target).toMatchObject({kind: 'Manifest', name: 'ClusterStack base, ClusterBuilder base'});
    for (const name of ['app-0001', 'app-0002']) {
      expect(fleet.image(name).builds.map(({changes}) => changes.map(({reason}) => reason))).toEqual([
        ['CONFIG'],
        ['BUILDPACK', 'STACK'],
      ]);
    }
    const back = await fleet.send({kind: 'patch.rollback', id: patch});
    await fleet.closed(back.patch ?? '');
    expect(fleet.state().builders['ClusterBuilder/base']?.spec.order).toEqual([{group: [{id: oneBuildpack.id}]}]);
    expect(fleet.state().stacks['base']?.spec.runImage).toBe(fleet.place.first);
    expect(fleet.defects).toEqual([]);
  });

  test('change nothing when one of them is refused, and that one is named', async () => {
    const fleet = await aFleet();
    const before = fleet.state();
    const broken: Edit = {...fleet.stack, kind: 'stack.save', name: 'other', id: 'io.example.stacks.other'};
    const places = ['a.yaml:1', 'a.yaml:17'];
    const sent = fleet.send({kind: 'apply', edits: [fleet.builder, broken], places});
    await expect(sent).rejects.toThrow(
      /^a.yaml:17: ClusterStack "other": invalid stack images\. expected stack: .*nothing was changed$/,
    );
    expect(fleet.state().builders).toEqual(before.builders);
  });

  test('may build on each other, and are no change the second time', async () => {
    const fleet = await aFleet();
    const image: Edit = {
      kind: 'image.save',
      mode: 'save',
      namespace: 'default',
      name: 'new',
      whole: true,
      edit: {
        tag: 'registry.example.test/new',
        localPath: '/app',
        paused: true,
        builder: {kind: 'ClusterBuilder', name: 'new'},
      },
    };
    const builder: Edit = {...fleet.builder, kind: 'builder.save', name: 'new'};
    const first = await fleet.send({kind: 'apply', edits: [builder, image]});
    expect(first.applied?.map(({effect}) => effect)).toEqual(['created', 'created']);
    expect(fleet.image('new').image.paused).toBe(true);
    const second = await fleet.send({kind: 'apply', edits: [builder, image]});
    expect(second).toMatchObject({changed: false, applied: [{effect: 'unchanged'}, {effect: 'unchanged'}]});
  });
});

test('a store applied as it is stays as it is, although its sources are gone', async () => {
  const fleet = await aFleet();
  const {sources} = fleet.state().stores['default']?.spec ?? {sources: []};
  const edit: Edit = {kind: 'store.save', mode: 'replace', name: 'default', buildpackages: sources.toReversed()};
  expect(sources.length).toBeGreaterThan(0);
  const {applied} = await fleet.send({kind: 'apply', edits: [edit]});
  expect(applied).toEqual([{kind: 'ClusterStore', name: 'default', effect: 'unchanged'}]);
  const more: Edit = {...edit, kind: 'store.save', buildpackages: [...sources, '/no/such/buildpack']};
  await expect(fleet.send({kind: 'apply', edits: [more]})).rejects.toThrow('found nothing');
});

describe('a rollback of what was applied', () => {
  const imageOf = (name: string, builder: string): Edit => ({
    kind: 'image.save',
    mode: 'save',
    namespace: 'default',
    name,
    edit: {
      tag: `registry.example.test/${name}`,
      localPath: '/app',
      paused: true,
      builder: {kind: 'ClusterBuilder', name: builder},
    },
  });

  test('puts back every field of an image, but not what was changed after the patch', async () => {
    const fleet = await aFleet();
    const before = fleet.image('app-0001').image;
    const edits: readonly Edit[] = [
      fleet.stack,
      ...['app-0001', 'app-0002'].map(
        (name): Edit => ({
          kind: 'image.save',
          mode: 'patch',
          namespace: 'default',
          name,
          edit: {
            env: [{name: 'LEVEL', value: 'high'}],
            defaultProcess: 'worker',
            ...(name === 'app-0001' ? {paused: true} : {}),
          },
        }),
      ),
      {kind: 'image.save', mode: 'patch', namespace: 'default', name: 'paused', edit: {paused: false}},
    ];
    const {patch = ''} = await fleet.send({kind: 'apply', edits});
    await fleet.closed(patch);
    await fleet.send({
      kind: 'image.save',
      mode: 'patch',
      namespace: 'default',
      name: 'app-0002',
      edit: {defaultProcess: 'mine'},
    });
    const dry = await fleet.send({kind: 'patch.rollback', id: patch}, true);
    expect(dry.notes).toEqual(['Image "app-0002" keeps its defaultProcess: it was changed after the patch']);
    const back = await fleet.send({kind: 'patch.rollback', id: patch});
    expect(back.notes).toEqual(dry.notes);
    await fleet.closed(back.patch ?? '');
    expect(fleet.image('app-0001').image).toMatchObject({spec: before.spec, paused: false});
    expect(fleet.image('app-0002').image.spec).toEqual({
      ...fleet.image('app-0002').image.spec,
      env: [],
      defaultProcess: 'mine',
    });
    expect(fleet.image('paused').image.paused).toBe(true);
    expect(fleet.patch(back.patch ?? '').remains).toEqual(dry.notes);
  });

  test('removes what was created and nothing uses, says what stays, and can be taken back itself', async () => {
    const fleet = await aFleet();
    const builder = (name: string) => ({...fleet.builder, kind: 'builder.save', name}) as const;
    const stack: Edit = {...fleet.stack, kind: 'stack.save', name: 'second'};
    const order = [{group: [{id: olderBuildpack.id}]}];
    const unused: Edit = {
      ...builder('unused'),
      kind: 'builder.save',
      edit: {stack: 'second', store: 'default', order},
    };
    const edits = [fleet.stack, stack, builder('used'), unused];
    const {patch = ''} = await fleet.send({kind: 'apply', edits: [...edits, imageOf('new', 'used')]});
    await fleet.closed(patch);
    const {patch: back = '', notes} = await fleet.send({kind: 'patch.rollback', id: patch});
    await fleet.closed(back);
    expect(notes).toEqual([
      expect.stringMatching(/^Image "new" stays: its builds would go with it; "slipway image delete new/),
      'ClusterBuilder "used" stays: image new uses it',
    ]);
    expect(Object.keys(fleet.state().builders)).toEqual(['ClusterBuilder/base', 'ClusterBuilder/used']);
    expect(Object.keys(fleet.state().stacks)).toEqual(['base']);
    expect(fleet.image('new').image.spec.builder.name).toBe('used');
    await fleet.closed((await fleet.send({kind: 'patch.rollback', id: back})).patch ?? '');
    expect(Object.keys(fleet.state().builders)).toContain('ClusterBuilder/unused');
    expect(Object.keys(fleet.state().stacks)).toEqual(['base', 'second']);
    expect(fleet.defects).toEqual([]);
  });
});
