// Stacks that follow tags: a moved tag becomes a proposal or a patch, never a loop, and a rollback ends it.
import {rename, rm, symlink, writeFile} from 'node:fs/promises';
import {join} from 'node:path';
import {afterEach, describe, expect, onTestFinished, test} from 'vitest';
import type {Rollout} from '../../source/domain/rollout.ts';
import type {FollowPolicy} from '../../source/domain/stack.ts';
import {readImage} from '../../source/oci/image-layout.ts';
import {parseRegistryReference} from '../../source/oci/reference.ts';
import {createRegistryClient} from '../../source/oci/registry-client.ts';
import {noCredentials} from '../../source/oci/registry-credentials.ts';
import {pushImage} from '../../source/oci/registry-push.ts';
import {savedAsArchive} from '../daemon-images/an-image-home.ts';
import {aMemoryRegistry} from '../oci-registry/memory-registry.ts';
import {makeBase, plainApps} from './support/a-fleet.ts';
import {aFleetHome, type FleetHome, openFleet, type RunningFleet, runFleet} from './support/a-running-fleet.ts';

const places: FleetHome[] = [];
const fleets: RunningFleet[] = [];
afterEach(async () => {
  for (const fleet of fleets.splice(0)) await fleet.stop();
  for (const place of places.splice(0)) await place.remove();
});

async function following(follow: FollowPolicy, makeOther?: (bases: string) => Promise<void>, rollout?: Rollout) {
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
    ...(rollout ? {rollout} : {}),
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
    const kinds = fleet.history.eventsSince(sequence, 100).map(({event}) => event.kind);
    expect(kinds.filter((kind) => kind.startsWith('stack.'))).toEqual(['stack.tag-moved']);
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

  test('goes in the waves that were asked for with the following, until it is asked for others', async () => {
    const rollout = {wave: 1, canary: ['app-0002'], maxFailures: {count: 0}};
    const fleet = await following('auto', undefined, rollout);
    const waves = () =>
      Object.values(fleet.state().patches).map(({members}) =>
        Object.values(members).map(({name, wave}) => [name, wave]),
      );
    await follows(fleet, 'run-2');
    expect(waves()).toEqual([
      [
        ['app-0002', 1],
        ['app-0001', 2],
      ],
    ]);
    expect(Object.values(fleet.state().patches)[0]).toMatchObject({rollout, state: 'succeeded'});
    await fleet.send({kind: 'stack.save', mode: 'patch', name: 'base', follow: 'auto', rollout: {wave: 2}});
    expect(fleet.state().stacks['base']?.spec).toMatchObject({follow: 'auto', followRollout: {wave: 2}});
    await fleet.send({kind: 'stack.save', mode: 'patch', name: 'base', follow: 'ask'});
    expect(fleet.state().stacks['base']?.spec).toMatchObject({follow: 'ask', followRollout: {wave: 2}});
    await fleet.send({kind: 'stack.save', mode: 'patch', name: 'base', follow: 'off'});
    expect(fleet.state().stacks['base']?.spec).not.toHaveProperty('followRollout');
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

/** Points the stack there, and waits until the patch that leads to is closed. */
async function moveTo(fleet: Following, reference: string): Promise<void> {
  const names = {buildImage: reference, runImage: reference};
  const {patch} = await fleet.send({kind: 'stack.save', mode: 'patch', name: 'base', ...names});
  if (patch !== undefined) await fleet.closed(patch);
}

async function problemSoon(fleet: Following): Promise<string> {
  await fleet.look();
  await fleet.until(() => fleet.watch()?.problem !== undefined);
  return fleet.watch()?.problem ?? '';
}

async function acceptsSoon(fleet: Following): Promise<void> {
  await fleet.look();
  await fleet.until(() => fleet.watch()?.proposal !== undefined);
  const {patch = ''} = await fleet.send({kind: 'stack.accept', name: 'base'});
  expect((await fleet.closed(patch)).state).toBe('succeeded');
}

test('an archive that is written again is a tag that moved', async () => {
  const fleet = await following('ask');
  const file = join(fleet.place.root, 'base.tar');
  const write = async (base: string) => {
    const layout = join(fleet.place.bases, base);
    const {digest} = await readImage(layout, 'latest');
    await savedAsArchive(layout, digest, `${file}.next`, [`bases.example.test/${base}:latest`]);
    await rename(`${file}.next`, file);
  };
  await write('run-1');
  await moveTo(fleet, `docker-archive:${file}`);
  const before = fleet.run();
  await write('run-2');
  await acceptsSoon(fleet);
  const after = fleet.run();
  expect(after).not.toBe(before);
  await writeFile(file, 'no archive');
  expect(await problemSoon(fleet)).toContain(file);
  expect(fleet.run()).toBe(after);
});

describe('a tag in a registry', () => {
  async function inRegistry() {
    const registry = await aMemoryRegistry();
    const fleet = await following('ask');
    const reference = `${registry.host}/bases/run:jammy`;
    const client = createRegistryClient({credentials: noCredentials});
    onTestFinished(() => client.close());
    const push = async (base: string) => {
      const layout = join(fleet.place.bases, base);
      const {digest} = await readImage(layout, 'latest');
      await pushImage(client, layout, digest, [parseRegistryReference(reference)]);
      return digest;
    };
    const first = await push('run-1');
    await moveTo(fleet, reference);
    expect(fleet.run()).toBe(first);
    return {registry, fleet, push, first};
  }

  test('is asked for its digest alone, and where it moved to is proposed and patched', async () => {
    const {registry, fleet, push} = await inRegistry();
    const second = await push('run-2');
    const before = registry.asked().length;
    await fleet.look();
    await fleet.until(() => fleet.watch()?.proposal !== undefined);
    expect(registry.asked().slice(before)).toEqual(['HEAD /v2/bases/run/manifests/jammy']);
    expect(fleet.watch()?.proposal).toMatchObject({runImage: second, buildImage: second});
    await acceptsSoon(fleet);
    expect(fleet.run()).toBe(second);
    expect(fleet.image('app-0001').builds.at(-1)?.result?.runImage.digest).toBe(second);
    expect(fleet.defects).toEqual([]);
  });

  test.each([
    ['answers that it must know who asks', {status: 401, code: 'UNAUTHORIZED', message: 'authentication required'}],
    ['forbids it', {status: 403, code: 'DENIED', message: 'requested access is denied'}],
    ['knows no such tag', {status: 404, code: 'MANIFEST_UNKNOWN', message: 'manifest unknown'}],
  ])('of a registry that %s is a problem of the stack, and its run image stays', async (_what, failure) => {
    const {registry, fleet, push, first} = await inRegistry();
    const second = await push('run-2');
    registry.fail = () => failure;
    expect(await problemSoon(fleet)).toContain('base image "');
    expect(fleet.run()).toBe(first);
    expect(fleet.watch()?.proposal).toBeUndefined();
    expect(fleet.image('app-0001').builds.at(-1)?.result?.runImage.digest).toBe(first);
    registry.fail = undefined;
    await acceptsSoon(fleet);
    expect(fleet.watch()?.problem).toBeUndefined();
    expect(fleet.run()).toBe(second);
  });
});
