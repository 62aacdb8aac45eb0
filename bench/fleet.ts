/**
 * How fast a stack patch goes through a fleet: `npm run bench -- fleet [--json] [SIZE...] [--layout|--registry]`.
 *
 * Images in layouts: the whole controller against the bare rebases at the same concurrency, with no controller around; how the cost grows with
 * the fleet; memory. Images in a registry: the whole controller against a bare client that sends the same requests (the limit; medians
 * of interleaved rounds), and against upstream's rebaser run once per image, all at the same concurrency. A ratio above 1 says that ours is faster.
 */
import {execFile} from 'node:child_process';
import {cpus, tmpdir, totalmem} from 'node:os';
import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {parseArgs, promisify} from 'node:util';
import {build} from 'esbuild';
import {aStackOn, makeApps, makeBase, plainApps, recordDirectly, worldOn} from '../test/fleet/support/a-fleet.ts';
import {registryProgram, startRegistry, whyNoRegistry} from '../test/oci-registry/real-registry.ts';
import {findUpstreamLifecycle} from '../test/peers/find-lifecycle.ts';
import {controllerNodeFlags} from '../source/daemon/controller-node-flags.ts';
import type {FleetRun} from './support/run-fleet.ts';
import type {RegistryRun} from './support/run-registry.ts';

const sizes = [10, 100, 1000, 5000];
const registrySize = 200;
const cache = path.join(import.meta.dirname, '../node_modules/.cache/slipway-bench');

type Row = {
  readonly case: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly unit: string;
  readonly ratio: number | null;
};

const {values, positionals} = parseArgs({
  allowPositionals: true,
  options: {
    json: {type: 'boolean', default: false},
    layout: {type: 'boolean', default: false},
    registry: {type: 'boolean', default: false},
  },
});
const wanted = positionals.map(Number);
const rows: Row[] = [];
if (values.layout || !values.registry) {
  for (const size of wanted.length > 0 ? wanted : sizes) rows.push(...(await measureLayouts(size)));
}
if (values.registry || !values.layout) {
  rows.push(...(await measureRegistry(values.registry ? (wanted[0] ?? registrySize) : registrySize)));
}
print(rows, values.json);

async function measureLayouts(size: number): Promise<readonly Row[]> {
  const root = await mkdtemp(path.join(tmpdir(), 'slipway-bench-fleet-'));
  try {
    const limit = await run(root, 'limit', size);
    const ours = await run(root, 'fleet', size);
    return [
      row(`layout: patch ${size} images`, ours.imagesPerSecond, limit.imagesPerSecond, 'images/s'),
      row(`layout: processor for each of ${size}`, ours.cpuMillisecondsPerRebase, limit.cpuMillisecondsPerRebase, 'ms'),
      row(`layout: roll ${size} images back`, ours.rollbackPerSecond, null, 'images/s'),
      row(`plan of ${size} images`, ours.planMilliseconds, null, 'ms'),
      row(`peak memory at ${size} images`, ours.peakMegabytes, null, 'MB'),
    ];
  } finally {
    await rm(root, {recursive: true, force: true});
  }
}

async function measureRegistry(size: number): Promise<readonly Row[]> {
  if (registryProgram === undefined) {
    console.error(`registry${whyNoRegistry}`);
    return [];
  }
  const upstream = findUpstreamLifecycle();
  if ('obstacle' in upstream) console.error(`registry: upstream's rebaser is left out: ${upstream.obstacle}`);
  const program = await bundle('run-registry');
  const registry = await startRegistry();
  try {
    const words = [program, registry.host, String(size), 'obstacle' in upstream ? '' : upstream.lifecycle];
    const run = JSON.parse((await promisify(execFile)(process.execPath, words)).stdout) as RegistryRun;
    const name = `registry: patch ${size} images`;
    return [
      {
        ...row(`${name} (${run.requests} requests each), bare client`, run.ours, run.bare, 'images/s'),
        ratio: Math.round(run.ratio * 100) / 100,
      },
      ...(run.upstream === undefined ? [] : [row(`${name}, upstream's rebaser`, run.ours, run.upstream, 'images/s')]),
      row(
        `registry: processor for each of ${size}, bare client`,
        run.oursCpuMilliseconds,
        run.bareCpuMilliseconds,
        'ms',
      ),
    ];
  } finally {
    await registry.stop();
  }
}

/** The measured program as it is shipped: one file, no compiler in the process. */
async function bundle(name: 'run-fleet' | 'run-registry'): Promise<string> {
  const source = path.join(import.meta.dirname, `support/${name}.ts`);
  const outfile = path.join(cache, `${name}.mjs`);
  const banner = {js: "import {createRequire} from 'node:module';\nconst require = createRequire(import.meta.url);"};
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    banner,
    logLevel: 'error',
  });
  return outfile;
}

/** Each in a process of its own, on a home of its own: memory is then the controller's. */
async function run(root: string, what: 'fleet' | 'limit', size: number): Promise<FleetRun> {
  const home = path.join(root, what);
  const bases = path.join(root, `${what}-bases`);
  const stack = await aStackOn(home, await makeBase(bases, 'run-1'));
  const next = await makeBase(bases, 'run-2');
  recordDirectly(home, [...worldOn(stack), ...(await makeApps(home, stack, plainApps(size)))]);
  const {stdout} = await promisify(execFile)(process.execPath, [
    ...controllerNodeFlags,
    await bundle('run-fleet'),
    what,
    home,
    next,
  ]);
  return JSON.parse(stdout) as FleetRun;
}

function row(name: string, ours: number, peer: number | null, unit: string): Row {
  const rounded = (value: number) => Math.round(value * 10) / 10;
  const faster = unit === 'ms' ? [peer, ours] : [ours, peer];
  const ratio = peer === null ? null : Math.round(((faster[0] ?? 0) / (faster[1] ?? 1)) * 100) / 100;
  return {case: name, ours: rounded(ours), peer: peer === null ? null : rounded(peer), unit, ratio};
}

function print(all: readonly Row[], asJson: boolean): void {
  const machine = {cpus: cpus().length, model: cpus()[0]?.model ?? '', memory: totalmem(), node: process.version};
  if (asJson) {
    console.log(JSON.stringify({bench: 'fleet', machine, rows: all}, undefined, 2));
    return;
  }
  console.log(`fleet: ${machine.cpus} × ${machine.model}, Node ${machine.node}`);
  console.log('layout: the peer is the rebases alone, at the same concurrency, without a controller\n');
  for (const {case: name, ours, peer, unit, ratio} of all) {
    const beside = peer === null ? '' : `   peer ${peer} ${unit}, ratio ${String(ratio)}`;
    console.log(`${name.padEnd(66)}${String(ours).padStart(10)} ${unit.padEnd(9)}${beside}`);
  }
}
