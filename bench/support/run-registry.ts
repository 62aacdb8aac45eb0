// One measured run against a registry, in a process of its own: the same rebases by us, by a bare client that repeats our requests, and by
// upstream's rebaser once per image. Each contender finds every image in a repository that nobody has rebased in before.
import {execFile} from 'node:child_process';
import {mkdtemp, rm, symlink} from 'node:fs/promises';
import {Agent} from 'node:http';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {parseRegistryReference, type RegistryReference} from '../../source/oci/reference.ts';
import {atOnce as severalAtOnce} from '../../source/oci/registry-at-once.ts';
import {createRegistryClient, type RegistryImage} from '../../source/oci/registry-client.ts';
import {noCredentials} from '../../source/oci/registry-credentials.ts';
import {rebaseInRegistry} from '../../source/oci/registry-rebase.ts';
import {createHttpTransport} from '../../source/oci/registry-transport.ts';
import {appIn, pushFleet} from '../../test/oci-registry/a-registry-fleet.ts';
import {recordingTransport, sendChain, type SentRequest} from './bare-requests.ts';

/** Images per second; `requests` are those of one rebase. Upstream's is absent where there is no rebaser. */
export type RegistryRun = {
  readonly ours: number;
  readonly bare: number;
  readonly upstream?: number;
  readonly requests: number;
  /** Processor time of this process for each image. */
  readonly oursCpuMilliseconds: number;
  readonly bareCpuMilliseconds: number;
};

const concurrency = 8;
const rounds = 3;
const [host = '', size = '', rebaser = ''] = process.argv.slice(2);
const numbers = Array.from({length: Number(size)}, (_, index) => index);
const at = (name: string): RegistryReference => parseRegistryReference(`${host}/${name}`);
const client = createRegistryClient({credentials: noCredentials, maxConcurrency: concurrency});

const scratch = await mkdtemp(path.join(tmpdir(), 'slipway-bench-registry-'));
try {
  console.log(JSON.stringify(await measure()));
} finally {
  client.close();
  await rm(scratch, {recursive: true, force: true});
}

async function measure(): Promise<RegistryRun> {
  const places = ['ours', 'bare'].flatMap((who) => Array.from({length: rounds}, (_, round) => `${who}-${round}`));
  await pushFleet(client, scratch, {
    host,
    size: numbers.length,
    places: ['recorded', ...places, ...(rebaser === '' ? [] : ['upstream'])],
  });
  const base = await client.readImage(at('run:2'));
  const chains = await recordChains(base);
  const agent = new Agent({keepAlive: true});
  const ours = startClock();
  const bare = startClock();
  for (let round = 0; round < rounds; round++) {
    const contenders = [
      () => ours.during(() => atOnce(numbers, (number) => rebaseOurs(client, base, `ours-${round}`, number))),
      () => bare.during(() => atOnce(chains, (chain) => sendChain(host, agent, movedTo(chain, `bare-${round}`)))),
    ];
    for (const run of round % 2 === 0 ? contenders : contenders.toReversed()) await run();
  }
  agent.destroy();
  const upstream = startClock();
  // The lifecycle is the phase that it is called by.
  if (rebaser !== '') await symlink(rebaser, path.join(scratch, 'rebaser'));
  if (rebaser !== '') await upstream.during(() => atOnce(numbers, rebaseUpstream));
  const images = numbers.length * rounds;
  return {
    ours: images / ours.seconds(),
    bare: images / bare.seconds(),
    ...(rebaser === '' ? {} : {upstream: numbers.length / upstream.seconds()}),
    requests: chains.flat().length / chains.length,
    oursCpuMilliseconds: ours.cpuMilliseconds() / images,
    bareCpuMilliseconds: bare.cpuMilliseconds() / images,
  };
}

/** What one rebase of each image sends. */
async function recordChains(base: RegistryImage): Promise<readonly (readonly SentRequest[])[]> {
  const transport = recordingTransport(createHttpTransport());
  const recorded = createRegistryClient({credentials: noCredentials, transport, maxConcurrency: concurrency});
  await recorded.ping(host);
  const before = transport.sent.length;
  await atOnce(numbers, (number) => rebaseOurs(recorded, base, 'recorded', number));
  recorded.close();
  const chains = Map.groupBy(transport.sent.slice(before), ({path: sent}) => /\/(app-\d+)\//.exec(sent)?.[1] ?? '');
  return [...chains.values()];
}

function movedTo(chain: readonly SentRequest[], place: string): readonly SentRequest[] {
  return chain.map((request) => ({...request, path: request.path.replace('/v2/recorded/', `/v2/${place}/`)}));
}

async function rebaseOurs(by: typeof client, base: RegistryImage, place: string, number: number): Promise<void> {
  const app = at(appIn(place, number));
  const result = await rebaseInRegistry({client: by, app, base, platformApi: 'kpack', force: false});
  if (result.kind !== 'rebased' || result.written !== 1 || result.copied !== 0)
    throw new Error(`expected the image to be rebased without carrying a layer, got ${JSON.stringify(result)}`);
}

async function rebaseUpstream(number: number): Promise<void> {
  const words = ['-run-image', `${host}/run:2`, '-log-level', 'error', `${host}/${appIn('upstream', number)}`];
  await promisify(execFile)(path.join(scratch, 'rebaser'), words, {
    env: {CNB_PLATFORM_API: '0.9', CNB_REGISTRY_AUTH: '{}', HOME: scratch, PATH: process.env['PATH'] ?? ''},
    cwd: scratch,
  });
}

async function atOnce<T>(values: readonly T[], work: (value: T) => Promise<void>): Promise<void> {
  await severalAtOnce(values, {limit: concurrency}, work);
}

/** Adds up the time of several stretches of work, on the clock and on the processor. */
function startClock() {
  let elapsed = 0;
  let processor = 0;
  return {
    async during(work: () => Promise<void>): Promise<void> {
      const began = performance.now();
      const cpu = process.cpuUsage();
      await work();
      const {user, system} = process.cpuUsage(cpu);
      elapsed += performance.now() - began;
      processor += (user + system) / 1000;
    },
    seconds: () => elapsed / 1000,
    cpuMilliseconds: () => processor,
  };
}
