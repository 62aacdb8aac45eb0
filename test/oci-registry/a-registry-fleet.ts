// A fleet in a registry: many small apps, each in a repository of its own, on an old base; and the new base that they are to be moved to.
import path from 'node:path';
import {parseRegistryReference} from '../../source/oci/reference.ts';
import {atOnce} from '../../source/oci/registry-at-once.ts';
import type {RegistryClient} from '../../source/oci/registry-client.ts';
import {pushImage} from '../../source/oci/registry-push.ts';
import {anImage} from '../oci/an-image.ts';

export type RegistryFleetPlan = {
  readonly host: string;
  readonly size: number;
  /** Each holds the whole fleet. */
  readonly places: readonly string[];
};

/** The name of an app in a place, without the host. */
export function appIn(place: string, number: number): string {
  return `${place}/app-${number}:1`;
}

/** Pushes the apps into every place, the old base as `run:1` and the new one as `run:2`; gives the apps' digests. Layouts go into `scratch`. */
export async function pushFleet(
  client: RegistryClient,
  scratch: string,
  {host, size, places}: RegistryFleetPlan,
): Promise<readonly string[]> {
  const at = (name: string) => parseRegistryReference(`${host}/${name}`);
  const layout = path.join(scratch, 'layout');
  const labels = {'io.buildpacks.stack.id': 'test.stack'};
  const oldBase = await anImage(layout, ['os-1', 'libs-1'], {labels, names: ['old']});
  const newBase = await anImage(layout, ['os-2', 'libs-2', 'extra-2'], {labels, names: ['new']});
  await pushImage(client, layout, oldBase.digest, [at('run:1')]);
  await pushImage(client, layout, newBase.digest, [at('run:2')]);
  const runImage = {
    topLayer: oldBase.written.at(-1)?.diffId ?? '',
    reference: `${host}/run:1`,
    image: `${host}/run`,
  };
  const metadata = JSON.stringify({runImage, stack: {runImage: {image: `${host}/run`}}});
  const digests: string[] = [];
  for (let number = 0; number < size; number++) {
    const own = {...labels, 'io.buildpacks.lifecycle.metadata': metadata, 'test.app': String(number)};
    const app = await anImage(layout, ['os-1', 'libs-1', `app-${number}`], {labels: own, names: [`app-${number}`]});
    digests.push(app.digest);
  }
  await atOnce([...digests.entries()], {limit: 8}, async ([number, digest]) => {
    const mountFrom = [at('run:1'), ...places.slice(0, 1).map((place) => at(appIn(place, number)))];
    for (const place of places) await pushImage(client, layout, digest, [at(appIn(place, number))], {mountFrom});
  });
  return digests;
}
