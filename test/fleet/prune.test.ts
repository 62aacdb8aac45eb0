// What pruning removes and what it must leave: everything that a resource, a kept build or a rollback needs.
import {afterEach, expect, test} from 'vitest';
import {makeBase, plainApps} from './support/a-fleet.ts';
import {aFleetHome, digestInLayout, digestOf, type FleetHome, runFleet} from './support/a-running-fleet.ts';

const places: FleetHome[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.remove();
});

test('removes what a deleted stack left, as the dry run says, and a patch still goes back', async () => {
  const place = await aFleetHome(plainApps(2));
  places.push(place);
  const fleet = runFleet(place);
  const before = digestOf(fleet, 'app-0001');
  const third = await makeBase(place.bases, 'run-3');
  await fleet.send({kind: 'stack.save', mode: 'create', name: 'spare', buildImage: third, runImage: third});
  const digest = fleet.state().stacks['spare']?.resolved.runImage.digest ?? '';
  const {patch = ''} = await fleet.send({kind: 'stack.save', mode: 'patch', name: 'base', runImage: place.second});
  await fleet.closed(patch);
  expect((await fleet.send({kind: 'prune'})).pruned).toEqual([]);

  await fleet.send({kind: 'stack.delete', name: 'spare'});
  const dry = await fleet.send({kind: 'prune'}, true);
  expect(dry.pruned).toMatchObject([
    {kind: 'base image', name: digest.replace('sha256:', ''), why: 'no stack and no patch names it'},
    {kind: 'blobs', why: 'nothing that stays has them'},
  ]);
  expect(dry.pruned?.every(({bytes}) => bytes > 0)).toBe(true);
  expect((await fleet.send({kind: 'prune'})).pruned).toEqual(dry.pruned);
  expect((await fleet.send({kind: 'prune'})).pruned).toEqual([]);

  const back = await fleet.send({kind: 'patch.rollback', id: patch});
  expect((await fleet.closed(back.patch ?? '')).state).toBe('succeeded');
  expect(await digestInLayout(fleet, 'app-0001')).toBe(before);
  expect(fleet.defects).toEqual([]);
});

test('is refused while a build is under way', async () => {
  const place = await aFleetHome(plainApps(1));
  places.push(place);
  const {promise, resolve} = Promise.withResolvers<void>();
  const fleet = runFleet(place, {building: () => promise});
  await fleet.send({kind: 'image.trigger', namespace: 'default', name: 'app-0001'});
  await fleet.until(() => fleet.image('app-0001').builds.some(({state}) => state === 'running'));
  await expect(fleet.send({kind: 'prune'})).rejects.toThrow('build 2 of "app-0001" is under way');
  resolve();
  await fleet.until(() => fleet.image('app-0001').builds.every(({state}) => state === 'succeeded'));
});
