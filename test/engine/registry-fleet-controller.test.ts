// A stack patch over 200 images of a real registry, by the controller as a process that is killed in the middle: planned, each name written once,
// all taken back.
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {parseRegistryReference} from '../../source/oci/reference.ts';
import {atOnce} from '../../source/oci/registry-at-once.ts';
import {createRegistryClient, type RegistryClient} from '../../source/oci/registry-client.ts';
import {noCredentials} from '../../source/oci/registry-credentials.ts';
import {latestSuccess} from '../../source/state/image-status.ts';
import type {State} from '../../source/state/state.ts';
import {aFleetInARegistry, pushBases} from '../fleet/support/a-fleet-in-a-registry.ts';
import {playFleetStoryAt} from '../fleet/support/fleet-story.ts';
import {aCountingProxy, type CountingProxy} from '../oci-registry/a-counting-proxy.ts';
import {type RealRegistry, registryProgram, startRegistry, whyNoRegistry} from '../oci-registry/real-registry.ts';

const size = 200;

describe.skipIf(registryProgram === undefined)(`a patch of ${size} images in a registry${whyNoRegistry}`, () => {
  let registry: RealRegistry;
  let proxy: CountingProxy;
  let client: RegistryClient;
  const home = mkdtempSync(path.join(tmpdir(), 'slipway-registry-fleet-'));

  beforeAll(async () => {
    registry = await startRegistry();
    proxy = await aCountingProxy(registry.host);
    client = createRegistryClient({credentials: noCredentials});
  });
  afterAll(async () => {
    client?.close();
    await proxy?.stop();
    await registry?.stop();
    rmSync(home, {recursive: true, force: true});
  });

  test('whose controller is killed in the middle moves every name once, and its rollback once back', {
    timeout: 300_000,
  }, async () => {
    const {host} = proxy;
    const [base = '', runImage = ''] = await pushBases(client, host, 2);
    const events = await aFleetInARegistry({client, host, home, base, size, places: ['fleet']});
    const before = proxy.taken.length;
    const wanted: string[] = [];
    const look = async (state: State): Promise<void> => {
      const images = Object.values(state.images);
      const recorded = images.map((record) => latestSuccess(record)?.result?.digest);
      const there = await atOnce(images, {limit: 8}, async ({image}) => {
        return (await client.headManifest(parseRegistryReference(image.spec.tag)))?.digest;
      });
      expect(there, 'the registry has what the history says').toEqual(recorded);
      wanted.push(...images.map(({image}, index) => `fleet/${image.name}:latest ${recorded[index] ?? ''}`));
      expect(proxy.taken.slice(before).toSorted(), 'no digest was written twice').toEqual(wanted.toSorted());
    };
    const {planMilliseconds, interruptedAttempts} = await playFleetStoryAt({home, events, runImage, look}, size);
    expect(interruptedAttempts, 'rebases that ran when the controller was killed').toBeGreaterThan(0);
    console.log(`${size} images: plan ${planMilliseconds} ms, ${interruptedAttempts} attempts interrupted by the kill`);
  });
});
