// Patches on a real fleet of images in layouts: planned, carried out as planned, and taken back to the very digests.
import {afterEach, describe, expect, test} from 'vitest';
import type {PatchMember} from '../../source/domain/patch.ts';
import type {IntentResult} from '../../source/protocol/intent.ts';
import {type AppPlan, plainApps} from './support/a-fleet.ts';
import {
  aFleetHome,
  digestInLayout,
  digestOf,
  type FleetHome,
  type FleetOptions,
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
