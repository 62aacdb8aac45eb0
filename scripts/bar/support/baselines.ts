// What drawing costs and holds, as ratios to fixed work in the same run, against the ratios that are kept: a figure that holds on
// any machine. SLIPWAY_UPDATE_BASELINES=1 keeps those of this run.
import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {aLongFleet} from '../../../test/ui/support/a-fleet.ts';
import {aPracticedFleet} from '../../../test/ui/support/practiced-fleet.ts';
import {of} from '../../../test/ui/support/fleet-logs.ts';
import {calibration} from './calibration.ts';
import {cpuTime, openRobot} from './robot.ts';

type Figures = {
  /** CPU of a key that moves the cursor of a list, to one turn of the fixed work. */
  readonly 'a key in a list': number;
  /** CPU of a frame of a log that grows. */
  readonly 'a frame of a log': number;
  /** Memory of a dashboard on 500 images, to that of a hundred thousand small objects. */
  readonly 'memory of 500 images': number;
};

const file = path.join(import.meta.dirname, '../baselines.json');
/** So many times its baseline a figure may be. */
const most = 1.6;

export async function baselines(): Promise<{readonly figure: string; readonly pass: boolean}> {
  const now = await measured();
  if (process.env['SLIPWAY_UPDATE_BASELINES'] === '1') {
    await writeFile(file, `${JSON.stringify(now, (_key, value: unknown) => rounded(value), 2)}\n`);
  }
  const kept = JSON.parse(await readFile(file, 'utf8')) as Figures;
  const names = Object.keys(kept) as readonly (keyof Figures)[];
  const figures = names.map((name) => `${name} ${now[name].toFixed(2)} (kept ${kept[name].toFixed(2)})`);
  return {
    figure: figures.join(', '),
    pass: names.length === 3 && names.every((name) => now[name] <= kept[name] * most),
  };
}

function rounded(value: unknown): unknown {
  return typeof value === 'number' ? Math.round(value * 1000) / 1000 : value;
}

/** The least of a few rounds, for a neighbour on the machine only adds. */
async function measured(): Promise<Figures> {
  const keys: number[] = [];
  const frames: number[] = [];
  for (let round = 0; round < 3; round++) {
    const before = calibration();
    const key = await keyCost();
    const frame = await frameCost();
    // The machine may have become faster or slower meanwhile.
    const milliseconds = (before + calibration()) / 2;
    keys.push(key / milliseconds);
    frames.push(frame / milliseconds);
  }
  return {
    'a key in a list': Math.min(...keys),
    'a frame of a log': Math.min(...frames),
    'memory of 500 images': await memoryRatio(),
  };
}

async function keyCost(): Promise<number> {
  const robot = await openRobot({state: aLongFleet(500).state(), columns: 200, rows: 60});
  const keys = Array.from({length: 60}, (_, at) => (at % 12 < 6 ? 'j' : 'k'));
  await robot.press(...keys.slice(0, 20));
  const before = cpuTime();
  await robot.press(...keys);
  const cost = (cpuTime() - before) / keys.length;
  await robot.end();
  return cost;
}

async function frameCost(): Promise<number> {
  const robot = await openRobot({state: aPracticedFleet(), columns: 200, rows: 60});
  const build = {namespace: 'default', image: 'spring-petclinic', number: 8};
  const grow = async (from: number, frames: number) => {
    for (let at = from; at < from + frames; at++) {
      robot.client.addLog(build, of('build', [`line ${at} of the log, as long as lines of buildpacks are`]));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };
  robot.client.addLog(
    build,
    of(
      'build',
      Array.from({length: 200}, (_, at) => `line ${at}`),
    ),
  );
  await robot.press('jjjjjj', 'l', 'f');
  await grow(0, 15);
  const [from, before] = [robot.terminal.writes.length, cpuTime()];
  await grow(15, 40);
  const cost = (cpuTime() - before) / Math.max(1, robot.terminal.writes.length - from);
  await robot.end();
  return cost;
}

async function memoryRatio(): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const empty = heap();
  const objects = Array.from({length: 100_000}, (_, at) => ({at, name: `object ${at}`}));
  const small = heap() - empty;
  const state = aLongFleet(500).state();
  const before = heap();
  const robot = await openRobot({state, columns: 200, rows: 60});
  await robot.press('j', 'j', 'G', 'g', '?');
  const held = heap() - before;
  await robot.end();
  // Held until here, so that they are not taken for what the dashboard gave back.
  if (objects.length === 0) throw new Error('the objects are gone');
  return held / small;
}
