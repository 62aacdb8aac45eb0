// How fast a stack patch goes through a fleet of images in layouts, how the cost grows with the fleet, and what it takes in memory.
// The peer is the limit: the same rebases of the same images one after another at the same concurrency, with no controller around.
import {execFile} from 'node:child_process';
import {cpus, tmpdir, totalmem} from 'node:os';
import {mkdtemp, rm} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {build} from 'esbuild';
import {aStackOn, makeApps, makeBase, plainApps, recordDirectly, worldOn} from '../test/fleet/support/a-fleet.ts';
import type {FleetRun} from './support/run-fleet.ts';

const sizes = [10, 100, 1000, 5000];
const child = await bundle(path.join(import.meta.dirname, 'support/run-fleet.ts'));

type Row = {
  readonly case: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly unit: string;
  readonly ratio: number | null;
};

const wanted = process.argv
  .slice(2)
  .filter((word) => /^\d+$/.test(word))
  .map(Number);
const rows: Row[] = [];
for (const size of wanted.length > 0 ? wanted : sizes) rows.push(...(await measure(size)));
print(rows, process.argv.includes('--json'));

async function measure(size: number): Promise<readonly Row[]> {
  const root = await mkdtemp(path.join(tmpdir(), 'slipway-bench-fleet-'));
  try {
    const limit = await run(root, 'limit', size);
    const ours = await run(root, 'fleet', size);
    return [
      row(`layout: patch ${size} images`, ours.imagesPerSecond, limit.imagesPerSecond, 'images/s'),
      row(`layout: roll ${size} images back`, ours.rollbackPerSecond, null, 'images/s'),
      row(`plan of ${size} images`, ours.planMilliseconds, null, 'ms'),
      row(`peak memory at ${size} images`, ours.peakMegabytes, null, 'MB'),
    ];
  } finally {
    await rm(root, {recursive: true, force: true});
  }
}

/** The measured program as it is shipped: one file, no compiler in the process. */
async function bundle(source: string): Promise<string> {
  const outfile = path.join(import.meta.dirname, '../node_modules/.cache/slipway-bench/run-fleet.mjs');
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
  const {stdout} = await promisify(execFile)(process.execPath, [child, what, home, next]);
  return JSON.parse(stdout) as FleetRun;
}

function row(name: string, ours: number, peer: number | null, unit: string): Row {
  const rounded = (value: number) => Math.round(value * 10) / 10;
  const ratio = peer === null ? null : Math.round((ours / peer) * 100) / 100;
  return {case: name, ours: rounded(ours), peer: peer === null ? null : rounded(peer), unit, ratio};
}

function print(all: readonly Row[], asJson: boolean): void {
  const machine = {cpus: cpus().length, model: cpus()[0]?.model ?? '', memory: totalmem(), node: process.version};
  if (asJson) {
    console.log(JSON.stringify({bench: 'fleet', machine, rows: all}, undefined, 2));
    return;
  }
  console.log(`fleet: ${machine.cpus} × ${machine.model}, Node ${machine.node}`);
  console.log('the limit is the rebases alone, at the same concurrency, without a controller\n');
  for (const {case: name, ours, peer, unit, ratio} of all) {
    const beside = peer === null ? '' : `   limit ${peer} ${unit}, ratio ${String(ratio)}`;
    console.log(`${name.padEnd(34)}${String(ours).padStart(10)} ${unit.padEnd(9)}${beside}`);
  }
}
