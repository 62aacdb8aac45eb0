// A fleet whose images and bases are in a registry: written to layouts, told as events, and pushed to where their tags say.
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {statePaths} from '../../../source/daemon/state-paths.ts';
import type {Event} from '../../../source/domain/event.ts';
import type {Digest} from '../../../source/oci/digest.ts';
import {readImage} from '../../../source/oci/image-layout.ts';
import {parseRegistryReference} from '../../../source/oci/reference.ts';
import {atOnce} from '../../../source/oci/registry-at-once.ts';
import type {RegistryClient} from '../../../source/oci/registry-client.ts';
import {pushImage} from '../../../source/oci/registry-push.ts';
import {aStackOn, makeApps, makeBase, plainApps, worldOn} from './a-fleet.ts';

/** Pushes so many bases as `run:1`, `run:2`, …; gives their references. */
export async function pushBases(client: RegistryClient, host: string, count: number): Promise<readonly string[]> {
  const directory = await mkdtemp(join(tmpdir(), 'slipway-bases-'));
  try {
    const references = Array.from({length: count}, (_, index) => `${host}/run:${index + 1}`);
    for (const [index, reference] of references.entries()) {
      await makeBase(directory, `run-${index + 1}`);
      const layout = join(directory, `run-${index + 1}`);
      await pushImage(client, layout, (await readImage(layout)).digest, [parseRegistryReference(reference)]);
    }
    return references;
  } finally {
    await rm(directory, {recursive: true, force: true});
  }
}

export type RegistryFleetHome = {
  readonly client: RegistryClient;
  readonly host: string;
  readonly home: string;
  /** What the images stand on, in the registry. */
  readonly base: string;
  readonly size: number;
  /** The images' tags are `HOST/PLACE/app-0001` and so on, for each place; the spec has the first. */
  readonly places: readonly string[];
};

/** Writes the fleet into the home and the registry; gives the events that tell of it. */
export async function aFleetInARegistry(fleet: RegistryFleetHome): Promise<readonly Event[]> {
  const {client, host, home, base, size, places} = fleet;
  const [place = ''] = places;
  const stack = await aStackOn(home, base);
  const apps = plainApps(size).map(({name}) => ({
    name,
    spec: {tag: `${host}/${place}/${name}`, export: 'registry'} as const,
  }));
  const events = [...worldOn(stack), ...(await makeApps(home, stack, apps))];
  const mountFrom = [parseRegistryReference(base)];
  await atOnce(apps, {limit: 8}, async ({name}) => {
    const layout = statePaths(home).image('default', name);
    const digest: Digest = (await readImage(layout, 'latest')).digest;
    for (const one of places)
      await pushImage(client, layout, digest, [parseRegistryReference(`${host}/${one}/${name}`)], {mountFrom});
  });
  return events;
}
