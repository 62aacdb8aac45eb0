// A stack patch over images that live in a registry: what it says it did is there, nothing is brought twice, and it can be taken back.
import {afterEach, expect, test} from 'vitest';
import {createImageLibrary} from '../../source/daemon/image-library.ts';
import {statePaths} from '../../source/daemon/state-paths.ts';
import {readImage} from '../../source/oci/image-layout.ts';
import {aMemoryRegistry, type MemoryRegistry} from '../oci-registry/memory-registry.ts';
import {type AppPlan, aStackOn} from './support/a-fleet.ts';
import {aFleetHome, digestInLayout, digestOf, type FleetHome, runFleet} from './support/a-running-fleet.ts';

const places: FleetHome[] = [];
afterEach(async () => {
  for (const place of places.splice(0)) await place.remove();
});

const names = ['one', 'two'];

async function aRegistryFleet() {
  const registry = await aMemoryRegistry();
  const apps = names.map((name): AppPlan => ({name, spec: {tag: `${registry.host}/apps/${name}`, export: 'registry'}}));
  const place = await aFleetHome(apps);
  places.push(place);
  const newBase = {kind: 'stack.save', mode: 'patch', name: 'base', runImage: place.second} as const;
  return {registry, place, newBase};
}

const inRegistry = ({tags}: MemoryRegistry) => names.map((name) => tags.get(`apps/${name}:latest`));
const uploads = (registry: MemoryRegistry) => registry.asked().filter((line) => /^PUT .*\/blobs\//.test(line));

test('a patch moves the tags there to the digests that are recorded, and its rollback moves them back', async () => {
  const {registry, place, newBase} = await aRegistryFleet();
  const fleet = runFleet(place);
  const before = names.map((name) => digestOf(fleet, name));
  const {patch = ''} = await fleet.send(newBase);
  expect((await fleet.closed(patch)).state).toBe('succeeded');
  expect(inRegistry(registry)).toEqual(names.map((name) => digestOf(fleet, name)));
  expect(inRegistry(registry)).not.toEqual(before);

  registry.tags.set('apps/one:latest', 'sha256:moved-by-somebody');
  const back = await fleet.send({kind: 'patch.rollback', id: patch});
  expect((await fleet.closed(back.patch ?? '')).state).toBe('succeeded');
  expect(inRegistry(registry)).toEqual(before);
  expect(names.map((name) => digestOf(fleet, name))).toEqual(before);

  const brought = uploads(registry).length;
  const again = await fleet.send(newBase);
  expect((await fleet.closed(again.patch ?? '')).state).toBe('succeeded');
  expect(uploads(registry), 'everything is there already').toHaveLength(brought);
  expect(fleet.defects).toEqual([]);
});

test('what the registry refuses fails that image in its words, and no name is moved', async () => {
  const {registry, place, newBase} = await aRegistryFleet();
  registry.fail = ({method, url}) =>
    method === 'PUT' && url.includes('/apps/two/manifests/')
      ? {status: 403, code: 'DENIED', message: 'storage quota exceeded'}
      : undefined;
  const fleet = runFleet(place);
  const before = digestOf(fleet, 'two');
  const {patch = ''} = await fleet.send(newBase);
  expect((await fleet.closed(patch)).state).toBe('failed');
  expect(fleet.image('two').builds.at(-1)?.failure).toMatchObject({
    phase: 'rebase',
    message: expect.stringContaining('storage quota exceeded'),
  });
  expect(digestOf(fleet, 'two')).toBe(before);
  expect(await digestInLayout(fleet, 'two')).toBe(before);
  expect(registry.tags.has('apps/two:latest')).toBe(false);
});

test('a rebase that breaks off anywhere gives the same digest the next time', async () => {
  const {place} = await aRegistryFleet();
  const paths = statePaths(place.home);
  const library = createImageLibrary(paths);
  const {runImage} = (await aStackOn(place.home, place.second, 'newer')).resolved;
  const appDigest = (await readImage(paths.image('default', 'one'), 'latest')).digest;
  const rebase = ({host}: MemoryRegistry) => {
    const tags = [`${host}/apps/one`];
    const delivery = {target: 'registry', tags, runImage: runImage.name} as const;
    return library.rebase({namespace: 'default', image: 'one', appDigest, base: runImage, tags, delivery});
  };
  const whole = await aMemoryRegistry();
  const {digest} = await rebase(whole);
  for (let step = 1; step <= whole.requests.length; step++) {
    const registry = await aMemoryRegistry();
    let asked = 0;
    registry.fail = () => (++asked >= step ? {status: 403, code: 'DENIED', message: 'broken off'} : undefined);
    await expect(rebase(registry)).rejects.toThrow('broken off');
    registry.fail = undefined;
    expect((await rebase(registry)).digest).toBe(digest);
    expect(registry.tags.get('apps/one:latest')).toBe(digest);
  }
});
