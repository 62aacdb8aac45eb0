// Stacks that follow tags: a moved tag becomes a proposal or a patch, never a loop, and a rollback ends it.
import {rename, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, describe, expect, test} from 'vitest';
import type {FollowPolicy} from '../../source/domain/stack.ts';
import {makeBase, plainApps} from './support/a-fleet.ts';
import {aFleetHome, type FleetHome, openFleet, type RunningFleet, runFleet} from './support/a-running-fleet.ts';

const places: FleetHome[] = [];
const fleets: RunningFleet[] = [];
afterEach(async () => {
  for (const fleet of fleets.splice(0)) await fleet.stop();
  for (const place of places.splice(0)) await place.remove();
});

async function following(follow: FollowPolicy, makeOther?: (bases: string) => Promise<void>) {
  const place = await aFleetHome(plainApps(2));
  places.push(place);
  const tag = join(place.root, 'tag');
  const pointTo = async (base: 'run-1' | 'run-2' | 'other') => {
    // In one step, so that no look sees half of it.
    await symlink(join(place.bases, base), `${tag}.next`);
    await rename(`${tag}.next`, tag);
  };
  await makeOther?.(place.bases);
  await pointTo('run-1');
  const fleet = runFleet(place);
  fleets.push(fleet);
  const reference = `oci:${tag}:latest`;
  await fleet.send({
    kind: 'stack.save',
    mode: 'patch',
    name: 'base',
    buildImage: reference,
    runImage: reference,
    follow,
  });
  const watch = () => fleet.state().stackWatches['base'];
  const look = () => fleet.send({kind: 'stack.refresh', name: 'base'});
  const run = () => fleet.state().stacks['base']?.resolved.runImage.digest;
  return {...fleet, place, tag, pointTo, watch, look, run};
}

type Following = Awaited<ReturnType<typeof following>>;

/** Points the tag there, looks, and waits until the patch that follows is closed. */
async function follows({pointTo, look, until, state}: Following, base: 'run-1' | 'run-2'): Promise<void> {
  const before = Object.keys(state().patches).length;
  await pointTo(base);
  await look();
  await until(({patches}) => {
    const all = Object.values(patches);
    return all.length > before && all.every((patch) => patch.closedAt !== undefined);
  });
}

describe('a stack that asks', () => {
  test('proposes, shows what accepting leads to, and patches when it is accepted', async () => {
    const fleet = await following('ask');
    await fleet.pointTo('run-2');
    await fleet.look();
    await fleet.until(() => fleet.watch()?.proposal !== undefined);
    const before = fleet.run();
    const dry = await fleet.send({kind: 'stack.accept', name: 'base'}, true);
    expect(dry.outlook.map(({member}) => member?.planned)).toEqual(['rebase', 'rebase']);
    expect(fleet.run()).toBe(before);
    const {patch = ''} = await fleet.send({kind: 'stack.accept', name: 'base'});
    expect((await fleet.closed(patch)).state).toBe('succeeded');
    expect(fleet.run()).not.toBe(before);
    expect(fleet.watch()).toMatchObject({changes: [{old: before, new: fleet.run()}]});
    expect(fleet.watch()?.proposal).toBeUndefined();
    await expect(fleet.send({kind: 'stack.accept', name: 'base'})).rejects.toThrow('nothing is proposed');
  });

  test('does not propose again what was rejected, but what comes after it', async () => {
    const fleet = await following('ask', async (bases) => void (await makeBase(bases, 'other')));
    await fleet.pointTo('run-2');
    await fleet.look();
    await fleet.until(() => fleet.watch()?.proposal !== undefined);
    await fleet.send({kind: 'stack.reject', name: 'base'});
    expect(fleet.watch()?.proposal).toBeUndefined();
    const {sequence} = fleet.state();
    await fleet.look();
    await fleet.pointTo('other');
    await fleet.look();
    await fleet.until(() => fleet.watch()?.proposal !== undefined);
    expect(fleet.state().sequence).toBe(sequence + 1);
  });

  test('says what cannot be read, keeps its run image, and goes on when it can', async () => {
    const fleet = await following('ask');
    const before = fleet.run();
    await rm(fleet.tag, {recursive: true});
    await fleet.look();
    await fleet.until(() => fleet.watch()?.problem !== undefined);
    expect(fleet.watch()?.problem).toContain(fleet.tag);
    expect(fleet.run()).toBe(before);
    await fleet.pointTo('run-1');
    await fleet.look();
    await fleet.until(() => fleet.watch()?.problem === undefined);
  });

  test('keeps its proposal over a restart', async () => {
    const fleet = await following('ask');
    await fleet.pointTo('run-2');
    await fleet.look();
    await fleet.until(() => fleet.watch()?.proposal !== undefined);
    const proposal = fleet.watch()?.proposal;
    await fleet.stop();
    const again = openFleet({home: fleet.place.home, history: fleet.history});
    fleets.push(again);
    expect(again.state().stackWatches['base']?.proposal).toEqual(proposal);
  });
});

describe('a stack that patches by itself', () => {
  test('follows its tag there and back, and holds the same change the second time', async () => {
    const fleet = await following('auto');
    await follows(fleet, 'run-2');
    await follows(fleet, 'run-1');
    await fleet.pointTo('run-2');
    await fleet.look();
    await fleet.until(() => fleet.watch()?.proposal !== undefined);
    expect(fleet.watch()?.proposal?.hold).toContain('once before');
    expect(Object.keys(fleet.state().patches)).toHaveLength(2);
    expect(fleet.image('app-0001').builds.map(({strategy}) => strategy)).toEqual(['build', 'rebase', 'rebase']);
    const {patch = ''} = await fleet.send({kind: 'stack.accept', name: 'base'});
    await fleet.closed(patch);
    expect(fleet.defects).toEqual([]);
  });

  test('stays where a rollback put it', async () => {
    const fleet = await following('auto');
    const before = fleet.run();
    await follows(fleet, 'run-2');
    const [id = ''] = Object.keys(fleet.state().patches);
    const back = await fleet.send({kind: 'patch.rollback', id});
    await fleet.closed(back.patch ?? '');
    expect(fleet.run()).toBe(before);
    expect(fleet.state().stacks['base']).toMatchObject({pinnedBy: id});
    expect(fleet.state().stacks['base']?.spec.follow).toBeUndefined();
    await expect(fleet.look()).rejects.toThrow('follows no tags');
  });

  test('is held by an image of another stack id, in words', async () => {
    const fleet = await following(
      'auto',
      async (bases) => void (await makeBase(bases, 'other', {stackId: 'io.example.stacks.other'})),
    );
    const before = fleet.run();
    await fleet.pointTo('other');
    await fleet.look();
    await fleet.until(() => fleet.watch()?.proposal?.hold !== undefined);
    expect(fleet.watch()?.proposal?.hold).toContain('invalid stack images');
    expect(fleet.run()).toBe(before);
  });
});

test('an image named by digest cannot be followed', async () => {
  const fleet = await following('ask');
  const digest = `registry.example/run@sha256:${'a'.repeat(64)}`;
  const sent = fleet.send({
    kind: 'stack.save',
    mode: 'patch',
    name: 'base',
    buildImage: digest,
    runImage: digest,
    follow: 'ask',
  });
  await expect(sent).rejects.toThrow('expected a tag to follow');
});

test('an archive that is written again is a tag that moved', async () => {
  const fleet = await following('ask');
  const file = join(fleet.place.root, 'nothing.tar');
  await writeFile(file, 'no archive');
  const sent = fleet.send({kind: 'stack.save', mode: 'patch', name: 'base', runImage: `docker-archive:${file}`});
  await expect(sent).rejects.toThrow(file);
});
