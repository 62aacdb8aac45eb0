/**
 * Our lifecycle against upstream's binaries, image layout to image layout: `npm run bench -- lifecycle [--json] [--sizes=1,10] [--pairs=N]`.
 *
 * Both sides build the same app with the same buildpack in private roots of their own, as the same user, with the same Node at hand: first build,
 * rebuild without a change, rebuild after one file of the app changed, with the five phases as processes of their own and with the creator. The
 * clock covers the processes from start to end, the buildpack included, and not the setting up of the root. Builds of the two sides alternate.
 * A ratio above 1 says that ours is faster or smaller.
 */
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {parseArgs} from 'node:util';
import {runInRoot, whyNoPrivateRoot} from '../test/conformance/private-root.ts';
import {findUpstreamLifecycle} from '../test/peers/find-lifecycle.ts';
import {
  creatorCall,
  layOut,
  openSite,
  type Peer,
  type PeerSite,
  phaseCalls,
  phaseEnvironment,
  user,
} from '../test/peers/peer-site.ts';
import {makeRunImage} from '../test/peers/run-image.ts';
import {writeSampleApp, writeSampleBuildpack} from './lifecycle/sample-buildpack.ts';
import type {MeasuredPhase} from './lifecycle/run-phases.ts';

type Row = {
  readonly case: string;
  readonly ours: number;
  readonly peer: number;
  readonly unit: 'ms' | 'MiB';
  readonly ratio: number;
};

type Side = 'ours' | 'upstream';
type Mode = 'phases' | 'creator';
type Measured = {readonly milliseconds: number; readonly memory: number; readonly phases: readonly MeasuredPhase[]};

const options = {platformApi: '0.13'};
const kinds = ['first build', 'rebuild, no change', 'rebuild, one file changed'] as const;
const root = path.resolve(import.meta.dirname, '..');
const bundle = path.join(root, 'dist/lifecycle.js');

const {values} = parseArgs({
  options: {
    json: {type: 'boolean', default: false},
    sizes: {type: 'string', default: '1,10,100,1000'},
    pairs: {type: 'string'},
    modes: {type: 'string', default: 'phases,creator'},
    phases: {type: 'boolean', default: false},
  },
});

const obstacle = whyNoPrivateRoot() ?? buildBundle();
const upstream = findUpstreamLifecycle();
if (obstacle !== undefined) giveUp(obstacle);
else if ('obstacle' in upstream) giveUp(upstream.obstacle);
else await benchAll(upstream.lifecycle, upstream.launcher);

/** Without these parts there is nothing to compare; a number from elsewhere would be no measurement. */
function giveUp(reason: string): void {
  console.error(`bench lifecycle cannot run here: ${reason}`);
  process.exitCode = 1;
}

function buildBundle(): string | undefined {
  const {status, stderr} = spawnSync(process.execPath, [path.join(root, 'scripts/build.ts')], {
    cwd: root,
    encoding: 'utf8',
  });
  return status === 0 && existsSync(bundle) ? undefined : `the bundle could not be built: ${stderr}`;
}

async function benchAll(lifecycle: string, launcher: string): Promise<void> {
  const base = await mkdtemp(path.join(process.env['SLIPWAY_BENCH_DIR'] ?? os.tmpdir(), 'slipway-bench-'));
  try {
    const runImage = await makeRunImage(path.join(base, 'stacks'));
    const rows: Row[] = [];
    for (const mode of values.modes.split(',') as Mode[]) {
      for (const size of values.sizes.split(',').map(Number)) {
        rows.push(...(await benchSize(base, {lifecycle, launcher, runImage, size, mode})));
      }
    }
    printRows(rows);
  } finally {
    await rm(base, {recursive: true, force: true});
  }
}

type Subject = {
  readonly lifecycle: string;
  readonly launcher: string;
  readonly runImage: string;
  /** MB of layers. */
  readonly size: number;
  readonly mode: Mode;
};

async function benchSize(base: string, subject: Subject): Promise<readonly Row[]> {
  const place = path.join(base, `${subject.mode}-${subject.size}`);
  const pairs = Number(values.pairs ?? (subject.size >= 1000 ? 1 : subject.size >= 100 ? 3 : 7));
  const app = path.join(place, 'app');
  await writeSampleApp(app);
  await writeSampleBuildpack(path.join(place, 'buildpack'), subject.size);
  const measured = new Map<string, Measured[]>();
  for (let pair = 0; pair < pairs; pair += 1) {
    const sites = {
      ours: await openSide(path.join(place, 'ours'), 'ours', subject),
      upstream: await openSide(path.join(place, 'upstream'), 'upstream', subject),
    };
    for (const kind of kinds) {
      if (kind === 'rebuild, one file changed') await writeFile(path.join(app, 'page.txt'), `changed ${pair}\n`);
      // Who goes first alternates, so that what the first leaves in the page cache favours neither.
      const order: readonly Side[] = pair % 2 === 0 ? ['ours', 'upstream'] : ['upstream', 'ours'];
      for (const side of order) {
        const key = `${kind} ${side}`;
        measured.set(key, [...(measured.get(key) ?? []), await measureBuild(sites[side], app, subject.mode)]);
      }
    }
    for (const side of ['ours', 'upstream']) await rm(path.join(place, side), {recursive: true});
  }
  await rm(place, {recursive: true});
  if (values.phases) printPhases(subject, measured);
  return kinds.flatMap((kind) =>
    rowsOf(
      `${subject.mode}, ${subject.size} MB, ${kind}`,
      measured.get(`${kind} ours`) ?? [],
      measured.get(`${kind} upstream`) ?? [],
    ),
  );
}

function openSide(base: string, side: Side, {lifecycle, launcher, runImage}: Subject): Promise<PeerSite> {
  const peer: Peer =
    side === 'ours'
      ? {name: side, command: ['/opt/node/bin/node', '/opt/lifecycle.mjs'], binds: {'/opt/lifecycle.mjs': bundle}}
      : {name: side, command: ['/opt/lifecycle'], binds: {'/opt/lifecycle': lifecycle}};
  const order = '[[order]]\n[[order.group]]\nid = "bench/data"\nversion = "1.0.0"\n';
  const buildpacks = {'bench_data/1.0.0': path.join(base, '../buildpack')};
  return openSite({base, peer, runImageLayout: runImage, buildpacks, order, launcher, node: process.execPath});
}

/** One build in a new container's state, its processes started and measured by a program inside the root. */
async function measureBuild(site: PeerSite, app: string, mode: Mode): Promise<Measured> {
  await layOut(site, app);
  const calls = mode === 'phases' ? phaseCalls(site.peer, options) : [creatorCall(site.peer, options)];
  const runner = path.join(import.meta.dirname, 'lifecycle/run-phases.ts');
  spawnSync('sync');
  const {code, stdout, stderr} = await runInRoot({
    binds: {...site.binds, '/opt/run-phases.ts': runner},
    user,
    argv: ['/opt/node/bin/node', '/opt/run-phases.ts', JSON.stringify(calls)],
    env: {...phaseEnvironment(options), TMPDIR: '/tmp'},
  });
  if (code !== 0) throw new Error(`${site.peer.name}: the build ended with ${code}\n${stdout}${stderr}`);
  const phases = JSON.parse(stdout) as readonly MeasuredPhase[];
  return {
    milliseconds: phases.reduce((sum, phase) => sum + phase.milliseconds, 0),
    memory: Math.max(...phases.map((phase) => phase.peakKiB)) / 1024,
    phases,
  };
}

function rowsOf(name: string, ours: readonly Measured[], peer: readonly Measured[]): readonly Row[] {
  const row = (what: string, unit: Row['unit'], pick: (measured: Measured) => number): Row => {
    const [our, their] = [median(ours.map(pick)), median(peer.map(pick))];
    return {
      case: `${name}${what}`,
      ours: round(our),
      peer: round(their),
      unit,
      ratio: Math.round((their / our) * 100) / 100,
    };
  };
  return [row('', 'ms', ({milliseconds}) => milliseconds), row(', peak memory', 'MiB', ({memory}) => memory)];
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function printPhases(subject: Subject, measured: ReadonlyMap<string, readonly Measured[]>): void {
  for (const [key, builds] of measured) {
    const names = builds[0]?.phases.map(({phase}) => phase) ?? [];
    const parts = names.map(
      (name, index) => `${name} ${round(median(builds.map(({phases}) => phases[index]?.milliseconds ?? 0)))}`,
    );
    console.error(`${subject.mode}, ${subject.size} MB, ${key}: ${parts.join(', ')}`);
  }
}

function printRows(rows: readonly Row[]): void {
  const [cpu] = os.cpus();
  const machine = `${os.type()} ${os.release()}, ${os.cpus().length} x ${cpu?.model.trim() ?? 'unknown'}, ${Math.round(os.totalmem() / 2 ** 30)} GiB, node ${process.version}`;
  if (values.json) {
    console.log(JSON.stringify({bench: 'lifecycle', machine, rows}));
    return;
  }
  console.log(machine);
  const width = Math.max(4, ...rows.map((row) => row.case.length));
  console.log(`${'case'.padEnd(width)}  ${'ours'.padStart(10)}  ${'upstream'.padStart(10)}        ratio`);
  for (const row of rows) {
    const cells = [row.ours, row.peer].map((value) => value.toFixed(1).padStart(10));
    console.log(
      `${row.case.padEnd(width)}  ${cells.join('  ')}  ${row.unit.padEnd(3)}  ${row.ratio.toFixed(2).padStart(6)}`,
    );
  }
}
