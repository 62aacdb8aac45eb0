// One measured run against a registry, in a process of its own: the same rebases by the whole controller, by a bare client that repeats its
// requests, and by upstream's rebaser once per image. Every round is another base, so that nobody finds anything done before.
import {execFile} from 'node:child_process';
import {mkdtemp, rm, symlink} from 'node:fs/promises';
import {Agent} from 'node:http';
import {tmpdir} from 'node:os';
import path from 'node:path';
import {promisify} from 'node:util';
import {shareRegistry} from '../../source/daemon/shared-registry.ts';
import {openHistory} from '../../source/history/open-history.ts';
import {atOnce} from '../../source/oci/registry-at-once.ts';
import {createRegistryClient} from '../../source/oci/registry-client.ts';
import {noCredentials} from '../../source/oci/registry-credentials.ts';
import {createHttpTransport, type HttpTransport} from '../../source/oci/registry-transport.ts';
import {aFleetInARegistry, pushBases} from '../../test/fleet/support/a-fleet-in-a-registry.ts';
import {openFleet, type RunningFleet} from '../../test/fleet/support/a-running-fleet.ts';
import {recordingTransport, sendChain, type SentRequest} from './bare-requests.ts';

/** Images per second, the medians of the rounds; `requests` are those of one rebase. Upstream's is absent where there is no rebaser. */
export type RegistryRun = {
  readonly ours: number;
  readonly bare: number;
  /** The median of what ours is to the bare client's, round by round. */
  readonly ratio: number;
  readonly upstream?: number;
  readonly requests: number;
  /** Processor time of this process for each image. */
  readonly oursCpuMilliseconds: number;
  readonly bareCpuMilliseconds: number;
};

/** On the wire at once, for everybody; the controller's registry client has it from its defaults. */
const concurrency = 8;
/** The first is to warm up, and is not counted. */
const rounds = 6;
const [host = '', size = '', rebaser = ''] = process.argv.slice(2);
const images = Number(size);
const client = createRegistryClient({credentials: noCredentials, maxConcurrency: concurrency});

const scratch = await mkdtemp(path.join(tmpdir(), 'slipway-bench-registry-'));
try {
  console.log(JSON.stringify(await measure()));
} finally {
  client.close();
  await rm(scratch, {recursive: true, force: true});
}

async function measure(): Promise<RegistryRun> {
  const bases = await pushBases(client, host, rounds + 1);
  const [first = '', ...next] = bases;
  const chains = await recordChains(first, next);
  const others = ['bare', ...(rebaser === '' ? [] : ['upstream'])];
  const ours = await openOurs('ours', first, createHttpTransport(), others);
  const agent = new Agent({keepAlive: true});
  const times: {readonly ours: Time; readonly bare: Time}[] = [];
  for (const [round, base] of next.entries()) {
    const plan = {kind: 'stack.save', mode: 'patch', name: 'base', runImage: base} as const;
    await ours.fleet.send(plan, true);
    const turns: {ours?: Time; bare?: Time} = {};
    const contenders = [
      async () => void (turns.ours = await timed(() => patch(ours.fleet, base))),
      async () => void (turns.bare = await timed(() => sendAll(chains[round] ?? [], agent))),
    ];
    for (const run of round % 2 === 0 ? contenders : contenders.toReversed()) await run();
    if (round > 0 && turns.ours && turns.bare) times.push({ours: turns.ours, bare: turns.bare});
  }
  agent.destroy();
  await ours.stop();
  const upstream = rebaser === '' ? undefined : await rebaseUpstream(bases.at(-1) ?? '');
  const perImage = (cpu: number) => cpu / images;
  return {
    ours: images / median(times.map((time) => time.ours.seconds)),
    bare: images / median(times.map((time) => time.bare.seconds)),
    ratio: median(times.map((time) => time.bare.seconds / time.ours.seconds)),
    ...(upstream === undefined ? {} : {upstream: images / upstream.seconds}),
    requests: chains.flat(2).length / chains.flat().length,
    oursCpuMilliseconds: perImage(median(times.map((time) => time.ours.cpuMilliseconds))),
    bareCpuMilliseconds: perImage(median(times.map((time) => time.bare.cpuMilliseconds))),
  };
}

type OpenFleet = {readonly fleet: RunningFleet; readonly stop: () => Promise<void>};

/** A controller with a fleet in the registry, at `place`; the same images are put at the other places too. */
async function openOurs(
  place: string,
  base: string,
  transport: HttpTransport,
  others: readonly string[] = [],
): Promise<OpenFleet> {
  const home = path.join(scratch, place);
  const events = await aFleetInARegistry({client, host, home, base, size: images, places: [place, ...others]});
  const history = openHistory({directory: home, now: Date.now});
  const registry = shareRegistry(() => createRegistryClient({credentials: noCredentials, transport}));
  const fleet = openFleet({home, history, registry}, events);
  return {
    fleet,
    stop: async () => {
      await fleet.stop();
      history.close();
      if (fleet.defects.length > 0) throw new AggregateError(fleet.defects, 'the run had defects');
    },
  };
}

/** What the controller sends for each image in each round: a fleet of its own is patched for it. */
async function recordChains(
  base: string,
  next: readonly string[],
): Promise<readonly (readonly (readonly SentRequest[])[])[]> {
  const transport = recordingTransport(createHttpTransport());
  const {fleet, stop} = await openOurs('recorded', base, transport);
  const chains: (readonly SentRequest[])[][] = [];
  for (const one of next) {
    const before = transport.sent.length;
    await patch(fleet, one);
    const byApp = Map.groupBy(transport.sent.slice(before), ({path: sent}) => /\/(app-\d+)\//.exec(sent)?.[1] ?? '');
    byApp.delete('');
    chains.push([...byApp.values()]);
  }
  await stop();
  return chains;
}

async function patch(fleet: RunningFleet, runImage: string): Promise<void> {
  const {patch: id = ''} = await fleet.send({kind: 'stack.save', mode: 'patch', name: 'base', runImage});
  const {state} = await fleet.closed(id);
  if (state !== 'succeeded') throw new Error(`the patch to ${runImage} ${state}`);
}

async function sendAll(chains: readonly (readonly SentRequest[])[], agent: Agent): Promise<void> {
  await atOnce(chains, {limit: concurrency}, (chain) => sendChain(host, agent, chain.map(movedToBare)));
}

function movedToBare(request: SentRequest): SentRequest {
  return {...request, path: request.path.replace('/v2/recorded/', '/v2/bare/')};
}

async function rebaseUpstream(base: string): Promise<Time> {
  // The lifecycle is the phase that it is called by.
  const program = path.join(scratch, 'rebaser');
  await symlink(rebaser, program);
  const names = Array.from(
    {length: images},
    (_, index) => `${host}/upstream/app-${String(index + 1).padStart(4, '0')}`,
  );
  const env = {CNB_PLATFORM_API: '0.9', CNB_REGISTRY_AUTH: '{}', HOME: scratch, PATH: process.env['PATH'] ?? ''};
  return timed(async () => {
    await atOnce(names, {limit: concurrency}, async (name) => {
      const words = ['-run-image', base, '-log-level', 'error', name];
      await promisify(execFile)(program, words, {env, cwd: scratch});
    });
  });
}

type Time = {readonly seconds: number; readonly cpuMilliseconds: number};

async function timed(work: () => Promise<void>): Promise<Time> {
  const began = performance.now();
  const cpu = process.cpuUsage();
  await work();
  const {user, system} = process.cpuUsage(cpu);
  return {seconds: (performance.now() - began) / 1000, cpuMilliseconds: (user + system) / 1000};
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
