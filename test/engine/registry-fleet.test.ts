// A base change on 200 images in a real registry: what is said beforehand is what is done, whoever is interrupted goes on, nothing is done twice,
// and the old images can be named again.
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {parseRegistryReference, type RegistryReference} from '../../source/oci/reference.ts';
import {atOnce} from '../../source/oci/registry-at-once.ts';
import {createRegistryClient, type RegistryClient} from '../../source/oci/registry-client.ts';
import {noCredentials} from '../../source/oci/registry-credentials.ts';
import {previewRebaseInRegistry, rebaseInRegistry} from '../../source/oci/registry-rebase.ts';
import {appIn, pushFleet} from '../oci-registry/a-registry-fleet.ts';
import {type RealRegistry, registryProgram, startRegistry, whyNoRegistry} from '../oci-registry/real-registry.ts';

const size = 200;
const numbers = Array.from({length: size}, (_, number) => number);

describe.skipIf(registryProgram === undefined)(`200 images in a registry${whyNoRegistry}`, () => {
  let registry: RealRegistry;
  let client: RegistryClient;
  const scratch = mkdtempSync(path.join(tmpdir(), 'slipway-registry-fleet-'));
  const at = (name: string): RegistryReference => parseRegistryReference(`${registry.host}/${name}`);
  const digestsNow = () =>
    atOnce(numbers, {limit: 8}, async (number) => (await client.headManifest(at(appIn('fleet', number))))?.digest);

  beforeAll(async () => {
    registry = await startRegistry();
    client = createRegistryClient({credentials: noCredentials});
  });
  afterAll(async () => {
    client?.close();
    await registry?.stop();
    rmSync(scratch, {recursive: true, force: true});
  });

  test('are moved as it was said, although interrupted in the middle, each once, and back', {
    timeout: 120_000,
  }, async () => {
    const before = await pushFleet(client, scratch, {host: registry.host, size, places: ['fleet']});
    const base = await client.readImage(at('run:2'));
    const request = (number: number, signal?: AbortSignal) => ({
      client,
      app: at(appIn('fleet', number)),
      base,
      platformApi: 'kpack',
      force: false,
      signal,
    });
    const planned = await atOnce(numbers, {limit: 8}, (number) => previewRebaseInRegistry(request(number)));
    expect(planned.map(({kind}) => kind)).toEqual(numbers.map(() => 'rebased'));
    expect(await digestsNow(), 'nothing was written').toEqual(before);
    const wanted = planned.map((one) => (one.kind === 'rebased' ? one.digest : undefined));

    const stop = new AbortController();
    let done = 0;
    const interrupted = atOnce(numbers, {limit: 8, signal: stop.signal}, async (number, signal) => {
      await rebaseInRegistry(request(number, signal));
      done += 1;
      if (done === size / 2) stop.abort(new Error('interrupted'));
    });
    await expect(interrupted).rejects.toThrow('interrupted');
    const halfway = await digestsNow();
    for (const number of numbers) expect([before[number], wanted[number]]).toContain(halfway[number]);

    // Who goes on starts from the image of before, as a controller does that knows its inputs.
    const goOn = (number: number) =>
      rebaseInRegistry({
        ...request(number),
        app: parseRegistryReference(`${registry.host}/fleet/app-${number}@${before[number] ?? ''}`),
        names: [at(appIn('fleet', number))],
      });
    const second = await atOnce(numbers, {limit: 8}, goOn);
    expect(await digestsNow()).toEqual(wanted);
    const written = second.map((one) => (one.kind === 'rebased' ? one.written : -1));
    expect(written).toEqual(numbers.map((number) => (halfway[number] === wanted[number] ? 0 : 1)));
    expect(
      second.every((one) => one.kind === 'rebased' && one.copied === 0),
      'no layer was carried',
    ).toBe(true);

    await atOnce(numbers, {limit: 8}, async (number) => {
      const old = await client.getManifest(
        parseRegistryReference(`${registry.host}/fleet/app-${number}@${before[number] ?? ''}`),
      );
      await client.putManifest(at(appIn('fleet', number)), old.bytes, old.descriptor.mediaType);
    });
    expect(await digestsNow()).toEqual(before);
  });
});
