// Patches on a real fleet of images in layouts: planned, carried out as planned, and taken back to the very digests.
import {rm} from 'node:fs/promises';
import {afterEach, describe, expect, test} from 'vitest';
import type {ImageLibrary} from '../../source/daemon/image-library.ts';
import type {Event} from '../../source/domain/event.ts';
import type {PatchMember} from '../../source/domain/patch.ts';
import {blobPath} from '../../source/oci/image-layout.ts';
import {createState} from '../../source/state/create-state.ts';
import {imageStatus} from '../../source/state/image-status.ts';
import {emptyState} from '../../source/state/state.ts';
import type {IntentResult} from '../../source/protocol/intent.ts';
import {aHistory} from '../controller/fakes.ts';
import {type AppPlan, makeBase, olderBuildpack, plainApps} from './support/a-fleet.ts';
import {aGate, type Gate} from './support/a-gate.ts';
import {
  aFleetHome,
  digestInLayout,
  digestOf,
  type FleetHome,
  type FleetOptions,
  openFleet,
  type RunningFleet,
  runFleet,
} from './support/a-running-fleet.ts';

const places: FleetHome[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.remove();
});

async function aFleet(apps: readonly AppPlan[], options: Omit<FleetOptions, 'home'> = {}) {
  const place = await aFleetHome(apps);
  places.push(place);
  const fleet = runFleet(place, options);
  const newBase = {kind: 'stack.save', mode: 'patch', name: 'base', runImage: place.second} as const;
  return {...fleet, place, newBase};
}

const steps = ({outlook}: IntentResult) =>
  Object.fromEntries(outlook.map(({name, member}) => [name, member && shortly(member)]));
const shortly = ({planned, wave}: PatchMember) => `${planned} ${wave}`;

describe('a plain stack patch', () => {
  test('rebases every image once, says so before, and goes back to the very digests', async () => {
    const apps = plainApps(3);
    const fleet = await aFleet(apps);
    const before = apps.map(({name}) => digestOf(fleet, name));

    const dry = await fleet.send(fleet.newBase, true);
    expect(steps(dry)).toEqual({'app-0001': 'rebase 1', 'app-0002': 'rebase 1', 'app-0003': 'rebase 1'});
    expect(Object.keys(fleet.state().patches)).toEqual([]);

    const {patch = ''} = await fleet.send(fleet.newBase);
    expect((await fleet.closed(patch)).state).toBe('succeeded');
    expect(apps.map(({name}) => fleet.image(name).builds.map(({strategy}) => strategy))).toEqual(
      apps.map(() => ['build', 'rebase']),
    );
    for (const {name} of apps) expect(await digestInLayout(fleet, name)).toBe(digestOf(fleet, name));
    expect(apps.map(({name}) => digestOf(fleet, name))).not.toEqual(before);

    const back = await fleet.send({kind: 'patch.rollback', id: patch});
    expect((await fleet.closed(back.patch ?? '')).state).toBe('succeeded');
    expect(apps.map(({name}) => digestOf(fleet, name))).toEqual(before);
    for (const {name} of apps) expect(await digestInLayout(fleet, name)).toBe(digestOf(fleet, name));
    expect(fleet.defects).toEqual([]);
  });
});

/** Rebases and restores wait at the gate under the image's name. */
const gated =
  (gate: Gate) =>
  (library: ImageLibrary): ImageLibrary => ({
    ...library,
    async rebase(order) {
      await gate.pass(order.image);
      return library.rebase(order);
    },
    async restore(order) {
      await gate.pass(order.image);
      return library.restore(order);
    },
  });

const states = (fleet: RunningFleet, id: string) =>
  Object.fromEntries(Object.entries(fleet.outcomes(id)).map(([key, {state}]) => [key.replace('default/', ''), state]));
const strategies = (fleet: RunningFleet, name: string) => fleet.image(name).builds.map(({strategy}) => strategy);
const held = (fleet: RunningFleet, name: string) =>
  imageStatus(fleet.image(name), fleet.state()).hold?.message ?? 'nothing';
const resolvedTo = (name: string, revision: string): Event => ({
  kind: 'source.resolved',
  at: 100,
  namespace: 'default',
  name,
  generation: 1,
  source: {kind: 'git', revision, type: 'Commit'},
});
const older = [olderBuildpack];

describe('beside a patch', () => {
  test('a trigger builds on the new base what the patch could not rebase', async () => {
    const fleet = await aFleet([{name: 'foreign', labelledStackId: 'io.example.stacks.other'}, {name: 'plain'}]);
    const {patch = ''} = await fleet.send(fleet.newBase);
    await fleet.closed(patch);
    await fleet.send({kind: 'image.trigger', namespace: 'default', name: 'foreign'});
    await fleet.until(
      () => fleet.image('foreign').builds.at(-1)?.state === 'succeeded' && strategies(fleet, 'foreign').length === 2,
    );
    expect(held(fleet, 'foreign')).toBe('nothing');
  });

  test('a build that runs when the patch is opened is followed by what is due then', async () => {
    const gate = aGate();
    const fleet = await aFleet([{name: 'busy'}], {building: ({image}) => gate.pass(image)});
    await fleet.send({kind: 'image.trigger', namespace: 'default', name: 'busy'});
    await gate.arrived('busy');
    const {patch = '', outlook} = await fleet.send(fleet.newBase);
    expect(outlook[0]?.member).toMatchObject({planned: 'rebase', why: 'STACK, when build 2 has ended'});
    gate.openAll();
    await fleet.closed(patch);
    expect(strategies(fleet, 'busy')).toEqual(['build', 'build', 'rebase']);
    expect(states(fleet, patch)).toEqual({busy: 'done'});
  });
});

describe('estimates', () => {
  test('come from the image, else from the fleet, else there is none', async () => {
    const fleet = await aFleet([{name: 'one'}, {name: 'two', buildpacks: older}], {idle: true});
    const {outlook} = await fleet.send(fleet.newBase, true);
    expect(outlook.map(({member}) => member?.estimate)).toEqual([undefined, 10]);

    const {patch = ''} = await fleet.send(fleet.newBase);
    fleet.controller.start();
    await fleet.closed(patch);
    const back = await fleet.send({kind: 'patch.rollback', id: patch}, true);
    expect(back.outlook.map(({member}) => member?.estimate)).toEqual([expect.any(Number), expect.any(Number)]);
  });
});

describe('waves', () => {
  test('canaries go first, then waves of the size that was asked for; each begins when the one before has ended', async () => {
    const gate = aGate();
    const fleet = await aFleet(plainApps(5), {around: gated(gate)});
    const rollout = {wave: 2, canary: ['app-0004']};
    const {patch = '', outlook} = await fleet.send({...fleet.newBase, rollout});
    expect(outlook.map(({member}) => member?.wave)).toEqual([2, 2, 3, 1, 3]);

    await gate.arrived('app-0004');
    expect(gate.waiting()).toEqual(['app-0004']);
    expect(held(fleet, 'app-0001')).toBe(`waits for wave 2 of patch ${patch}, which is at wave 1 of 3`);
    gate.open('app-0004');
    await Promise.all([gate.arrived('app-0001'), gate.arrived('app-0002')]);
    gate.open('app-0001');
    await fleet.until(() => fleet.image('app-0001').builds.at(-1)?.state === 'succeeded');
    expect(fleet.patch(patch).openWave).toBe(2);
    gate.openAll();
    expect((await fleet.closed(patch)).state).toBe('succeeded');
    for (const {name} of plainApps(5)) expect(strategies(fleet, name)).toEqual(['build', 'rebase']);
  });

  test('a canary that is no member is refused, and a rollout that fits nothing', async () => {
    const fleet = await aFleet(plainApps(1));
    const refused = fleet.send({...fleet.newBase, rollout: {canary: ['app-0009']}}, true);
    await expect(refused).rejects.toThrow('canary "app-0009"');
    expect(fleet.state().patches).toEqual({});
  });

  test.each([
    ['a number', {count: 1}, 2],
    ['a share', {share: 0.2}, 2],
    ['none allowed', {count: 0}, 1],
  ])('too many failures stop it: %s', async (_, maxFailures, failures) => {
    const fleet = await aFleet(
      plainApps(6).map((app) => ({...app, buildpacks: older})),
      {
        idle: true,
        building: () => Promise.reject(new Error('broken base')),
      },
    );
    const {patch = ''} = await fleet.send({...fleet.newBase, rollout: {wave: 1, maxFailures}});
    fleet.controller.start();
    const closed = await fleet.closed(patch);
    expect(closed).toMatchObject({state: 'stopped', note: `${failures} of 6 failed, more than allowed`});
    expect(Object.values(states(fleet, patch)).filter((state) => state === 'failed')).toHaveLength(failures);
    expect(Object.values(states(fleet, patch)).filter((state) => state === 'cancelled')).toHaveLength(6 - failures);
    expect(held(fleet, 'app-0006')).toContain(`left out when patch ${patch} was stopped`);
    expect(strategies(fleet, 'app-0006')).toEqual(['build']);
  });

  test('what was left out is patched by the next patch', async () => {
    const fleet = await aFleet(plainApps(2), {idle: true});
    const {patch = ''} = await fleet.send(fleet.newBase);
    await fleet.send({kind: 'patch.cancel', id: patch});
    expect(held(fleet, 'app-0001')).toContain('left out');
    const third = await makeBase(fleet.place.bases, 'run-3');
    const again = await fleet.send({...fleet.newBase, runImage: third});
    expect(steps(again)).toEqual({'app-0001': 'rebase 1', 'app-0002': 'rebase 1'});
    fleet.controller.start();
    expect((await fleet.closed(again.patch ?? '')).state).toBe('succeeded');
  });
});

describe('pause, resume, cancel', () => {
  test('a paused patch starts nothing more; what runs goes on; resumed it ends', async () => {
    const gate = aGate();
    const fleet = await aFleet(plainApps(2), {around: gated(gate)});
    const {patch = ''} = await fleet.send({...fleet.newBase, rollout: {wave: 1}});
    await gate.arrived('app-0001');
    await fleet.send({kind: 'patch.pause', id: patch});
    gate.open('app-0001');
    await fleet.until(() => states(fleet, patch)['app-0001'] === 'done');
    expect(states(fleet, patch)).toEqual({'app-0001': 'done', 'app-0002': 'waiting'});
    expect(held(fleet, 'app-0002')).toContain(`patch ${patch} is paused`);
    gate.openAll();
    await fleet.send({kind: 'patch.resume', id: patch});
    expect((await fleet.closed(patch)).state).toBe('succeeded');
  });

  test('a cancelled patch leaves out what had not begun, and what ran is seen to its end', async () => {
    const gate = aGate();
    const fleet = await aFleet(plainApps(2), {around: gated(gate)});
    const {patch = ''} = await fleet.send({...fleet.newBase, rollout: {wave: 1}});
    await gate.arrived('app-0001');
    await fleet.send({kind: 'patch.cancel', id: patch});
    gate.openAll();
    await fleet.until(() => fleet.image('app-0001').builds.at(-1)?.state === 'succeeded');
    expect(fleet.patch(patch).state).toBe('cancelled');
    expect(states(fleet, patch)).toEqual({'app-0001': 'done', 'app-0002': 'cancelled'});
    await expect(fleet.send({kind: 'patch.resume', id: patch})).rejects.toThrow('cancelled already');
  });

  test('a patch that says nothing about an image leaves the hold of another patch alone', async () => {
    const fleet = await aFleet(plainApps(1), {idle: true});
    const {patch = ''} = await fleet.send(fleet.newBase);
    await fleet.send({kind: 'patch.pause', id: patch});
    fleet.controller.record([
      {
        kind: 'patch.opened',
        at: 1,
        patch: {
          ...fleet.patch(patch),
          id: 'patch-2',
          state: 'running',
          members: {
            'default/app-0001': {
              namespace: 'default',
              name: 'app-0001',
              planned: 'none',
              why: 'x',
              wave: 0,
              afterBuild: 1,
            },
          },
        },
      },
    ]);
    fleet.controller.start();
    expect(held(fleet, 'app-0001')).toContain(`patch ${patch} is paused`);
  });
});

describe('rollback', () => {
  test('restores specs first, points back what the patch made, keeps the newer source of what was rebuilt', async () => {
    const fleet = await aFleet([{name: 'plain'}, {name: 'bumped', buildpacks: older}, {name: 'rebuilt'}], {idle: true});
    const before = digestOf(fleet, 'plain');
    const {patch = ''} = await fleet.send(fleet.newBase);
    fleet.controller.start();
    await fleet.closed(patch);
    fleet.controller.record([resolvedTo('rebuilt', 'newer')]);
    await fleet.until(
      () => strategies(fleet, 'rebuilt').length === 3 && fleet.image('rebuilt').builds.at(-1)?.state === 'succeeded',
    );

    const back = await fleet.send({kind: 'patch.rollback', id: patch});
    expect(fleet.state().stacks['base']?.resolved.runImage.digest).toBe(fleet.place.stack.resolved.runImage.digest);
    expect(fleet.state().stacks['base']?.spec.runImage).toBe(fleet.place.first);
    expect(steps(back)).toEqual({plain: 'rebase 1', bumped: 'rebase 1', rebuilt: 'rebase 1'});
    expect((await fleet.closed(back.patch ?? '')).state).toBe('succeeded');

    expect(digestOf(fleet, 'plain')).toBe(before);
    // Its buildpack was outdated before the patch: the image of before would be built anew at once.
    expect(strategies(fleet, 'bumped')).toEqual(['build', 'build', 'rebase']);
    const rebuilt = fleet.image('rebuilt').builds.at(-1);
    expect(rebuilt).toMatchObject({
      strategy: 'rebase',
      inputs: {source: {revision: 'newer'}},
      result: {runImage: {digest: fleet.place.stack.resolved.runImage.digest}},
    });
  });

  test('points back what the patch rebuilt, too', async () => {
    const fleet = await aFleet([{name: 'web'}]);
    const before = digestOf(fleet, 'web');
    const order = [{group: [olderBuildpack]}];
    const patched = {
      kind: 'builder.save',
      mode: 'patch',
      builderKind: 'ClusterBuilder',
      name: 'base',
      edit: {order},
    } as const;
    const {patch = '', outlook} = await fleet.send(patched);
    expect(outlook[0]?.member).toMatchObject({planned: 'build', why: 'BUILDPACK'});
    await fleet.closed(patch);
    expect(digestOf(fleet, 'web')).not.toBe(before);
    const {patch: back = ''} = await fleet.send({kind: 'patch.rollback', id: patch});
    await fleet.closed(back);
    expect(digestOf(fleet, 'web')).toBe(before);
    expect(await digestInLayout(fleet, 'web')).toBe(before);
    expect(strategies(fleet, 'web')).toEqual(['build', 'build', 'rebase']);
    expect(fleet.state().builders['ClusterBuilder/base']?.generation).toBe(3);
    expect(held(fleet, 'web')).toBe('nothing');
  });

  test('of a patch that has not ended takes back what was done and leaves the rest alone', async () => {
    const gate = aGate();
    const fleet = await aFleet(plainApps(3), {around: gated(gate)});
    const before = digestOf(fleet, 'app-0001');
    const {patch = ''} = await fleet.send({...fleet.newBase, rollout: {wave: 1}});
    gate.open('app-0001');
    await gate.arrived('app-0002');
    const beforeSecond = digestOf(fleet, 'app-0002');
    const back = await fleet.send({kind: 'patch.rollback', id: patch});
    expect(fleet.patch(patch).state).toBe('cancelled');
    expect(back.outlook.map(({member}) => member?.planned)).toEqual(['rebase', 'rebase', 'none']);
    gate.openAll();
    await fleet.closed(back.patch ?? '');
    expect(digestOf(fleet, 'app-0001')).toBe(before);
    expect(digestOf(fleet, 'app-0002')).toBe(beforeSecond);
    expect(strategies(fleet, 'app-0002')).toEqual(['build', 'rebase', 'rebase']);
    expect(strategies(fleet, 'app-0003')).toEqual(['build']);
    expect(held(fleet, 'app-0003')).toBe('nothing');
  });

  test('can be taken back itself, and no patch twice', async () => {
    const fleet = await aFleet(plainApps(1));
    const {patch = ''} = await fleet.send(fleet.newBase);
    await fleet.closed(patch);
    const patched = digestOf(fleet, 'app-0001');
    const {patch: back = ''} = await fleet.send({kind: 'patch.rollback', id: patch});
    await fleet.closed(back);
    await expect(fleet.send({kind: 'patch.rollback', id: patch})).rejects.toThrow(`rolled back already, by ${back}`);
    const {patch: forth = ''} = await fleet.send({kind: 'patch.rollback', id: back});
    await fleet.closed(forth);
    expect(digestOf(fleet, 'app-0001')).toBe(patched);
  });

  test('finds the image of before although its build was pruned', async () => {
    const fleet = await aFleet([{name: 'kept', spec: {successBuildHistoryLimit: 1}}]);
    const {patch: one = ''} = await fleet.send(fleet.newBase);
    await fleet.closed(one);
    const before = digestOf(fleet, 'kept');
    const third = await makeBase(fleet.place.bases, 'run-3');
    const {patch: two = ''} = await fleet.send({...fleet.newBase, runImage: third});
    await fleet.closed(two);
    await fleet.until(() => fleet.image('kept').builds.every(({number}) => number !== 2));
    const {patch: back = ''} = await fleet.send({kind: 'patch.rollback', id: two});
    await fleet.closed(back);
    expect(digestOf(fleet, 'kept')).toBe(before);
    expect(await digestInLayout(fleet, 'kept')).toBe(before);
  });

  test('rebases where the image of before is gone', async () => {
    const fleet = await aFleet([{name: 'lost'}]);
    const before = digestOf(fleet, 'lost');
    const {patch = ''} = await fleet.send(fleet.newBase);
    await fleet.closed(patch);
    await rm(blobPath(fleet.paths.image('default', 'lost'), before));
    const {patch: back = ''} = await fleet.send({kind: 'patch.rollback', id: patch});
    expect((await fleet.closed(back)).state).toBe('succeeded');
    expect(fleet.patch(back).members['default/lost']?.restore).toBeUndefined();
    expect(fleet.image('lost').builds.at(-1)?.result?.runImage.digest).toBe(fleet.place.stack.resolved.runImage.digest);
  });
});

describe('a second patch on top of an open one', () => {
  test('takes over what has not begun; both end, each image stands on the newest base', async () => {
    const gate = aGate();
    const fleet = await aFleet(plainApps(3), {around: gated(gate)});
    const {patch: one = ''} = await fleet.send({...fleet.newBase, rollout: {wave: 1}});
    await gate.arrived('app-0001');
    const third = await makeBase(fleet.place.bases, 'run-3');
    const {patch: two = '', outlook} = await fleet.send({...fleet.newBase, runImage: third});
    expect(outlook.map(({member}) => member?.planned)).toEqual(['rebase', 'rebase', 'rebase']);
    gate.openAll();
    expect((await fleet.closed(one)).state).toBe('succeeded');
    expect((await fleet.closed(two)).state).toBe('succeeded');
    expect(states(fleet, one)).toEqual({'app-0001': 'done', 'app-0002': 'left-alone', 'app-0003': 'left-alone'});
    expect(fleet.outcomes(one)['default/app-0002']?.message).toBe(`patch ${two} took it over`);
    const newest = fleet.state().stacks['base']?.resolved.runImage.digest;
    for (const {name} of plainApps(3)) {
      expect(fleet.image(name).builds.at(-1)?.result?.runImage.digest).toBe(newest);
    }
    expect(strategies(fleet, 'app-0003')).toEqual(['build', 'rebase']);
  });

  test('acts although the first is paused', async () => {
    const fleet = await aFleet(plainApps(1), {idle: true});
    const {patch: one = ''} = await fleet.send(fleet.newBase);
    await fleet.send({kind: 'patch.pause', id: one});
    const third = await makeBase(fleet.place.bases, 'run-3');
    const {patch: two = ''} = await fleet.send({...fleet.newBase, runImage: third});
    fleet.controller.start();
    expect((await fleet.closed(two)).state).toBe('succeeded');
  });
});

describe('a controller that dies', () => {
  test('after any write of a patch leaves a history on which the next one ends it', async () => {
    const apps = plainApps(2);
    const written: number[] = [];
    const history = aHistory();
    const whole = await aFleet(apps, {
      history: {
        ...history,
        append(events) {
          history.append(events);
          written.push(history.recorded.length);
        },
      },
    });
    const {patch = '', sequence} = await whole.send({...whole.newBase, rollout: {wave: 1}});
    await whole.closed(patch);
    const after = apps.map(({name}) => digestOf(whole, name));
    const cuts = written.filter((last) => last >= sequence);
    expect(cuts.length).toBeGreaterThan(5);

    for (const last of cuts) {
      const place = await aFleetHome(apps);
      places.push(place);
      const dying = runFleet(place, {idle: true});
      const before = apps.map(({name}) => digestOf(dying, name));
      await dying.send({kind: 'stack.save', mode: 'patch', name: 'base', runImage: place.second, rollout: {wave: 1}});

      const next = openFleet({home: place.home, history: await dieAfter(dying, last)});
      expect((await next.closed('patch-1')).state).toBe('succeeded');
      expect(apps.map(({name}) => digestOf(next, name))).toEqual(after);
      for (const {name} of apps) {
        expect(strategies(next, name), `killed after event ${last}`).toEqual(['build', 'rebase']);
        expect(await digestInLayout(next, name)).toBe(digestOf(next, name));
      }
      const {patch: back = ''} = await next.send({kind: 'patch.rollback', id: 'patch-1'});
      await next.closed(back);
      expect(apps.map(({name}) => digestOf(next, name))).toEqual(before);
    }
  });

  test('leaves events that give the same state again', async () => {
    const fleet = await aFleet(plainApps(4));
    const {patch = ''} = await fleet.send({...fleet.newBase, rollout: {wave: 3}});
    await fleet.closed(patch);
    const {patch: back = ''} = await fleet.send({kind: 'patch.rollback', id: patch});
    await fleet.closed(back);
    const replayed = createState(emptyState);
    replayed.dispatch(JSON.parse(JSON.stringify(fleet.history.eventsSince(0, 10_000))));
    expect(replayed.read()).toEqual(JSON.parse(JSON.stringify(fleet.state())));
  });
});

/** Lets the controller go on until it has recorded so many events; what it does after that nobody hears of. */
async function dieAfter(fleet: RunningFleet, last: number) {
  const kept = fleet.history.eventsSince(0, last);
  if (kept.length === last) return aHistoryOf(kept);
  fleet.controller.start();
  await fleet.until(({sequence}) => sequence >= last);
  await fleet.stop();
  return aHistoryOf(fleet.history.eventsSince(0, last));
}

function aHistoryOf(events: ReturnType<RunningFleet['history']['eventsSince']>) {
  const history = aHistory();
  history.append(events);
  return history;
}
