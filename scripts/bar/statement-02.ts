// Statement 2: what it costs to show logs that grow by 2,500 lines a second, and how soon a key is on the screen meanwhile.
import {setTimeout as delay} from 'node:timers/promises';
import {type BuildSite, openBuildSite} from './support/build-site.ts';
import {pourLogs} from './support/pour-logs.ts';
import {percentile} from './support/percentile.ts';
import {startUiProcess} from './support/ui-process-client.ts';

export const number = 2;
export const statement =
  'Cheap logs: 4 builds × 2 500 lines/s cost ≤ 35 % of a core at 120×40, ≤ 50 % at 200×60; key to paint p95 ≤ 50 ms, max ≤ 150 ms';

const images = ['app-1', 'app-2', 'app-3', 'app-4'];
const sizes = [
  {columns: 120, rows: 40, most: 35},
  {columns: 200, rows: 60, most: 50},
];
const mostFrames = 15;
const seconds = 10;
const presses = 40;
const warmUp = 10;

export async function run(): Promise<{figure: string; pass: boolean}> {
  const site = await openBuildSite(images);
  const stop = new AbortController();
  const poured = pourLogs(images.map(site.begin), 2500, stop.signal);
  try {
    const results = [];
    for (const size of sizes) results.push(await measure(site, size));
    const figure = results.map((one) => one.figure).join('; ');
    return {figure, pass: results.every(({pass}) => pass)};
  } finally {
    stop.abort();
    await poured;
    await site.close();
  }
}

async function measure(site: BuildSite, {columns, rows, most}: (typeof sizes)[number]) {
  const ui = await startUiProcess({home: site.home, columns, rows});
  await ui.press('l', undefined, 2000);
  const before = await ui.usage({keep: false});
  await delay(seconds * 1000);
  const after = await ui.usage({keep: true});
  await ui.press('');
  const waits: number[] = [];
  // The first few are slower until the engine has compiled what they do.
  for (let at = -warmUp; at < presses; at++) {
    const timed = at % 2 === 0;
    const took = await ui.press('t', (screen) => timedRows(screen) > 5 === timed && rowsOfLog(screen) > 5, 450);
    if (at >= 0) waits.push(took ?? Infinity);
  }
  await ui.end();
  const share = ((after.cpu - before.cpu) / (after.wall - before.wall)) * 100;
  const frames = ((after.count - before.count) / (after.wall - before.wall)) * 1000;
  const [p95, longest] = [percentile(waits, 0.95), Math.max(...waits)];
  const figure = `${columns}×${rows}: ${share.toFixed(0)} % of a core at ${frames.toFixed(1)} frames/s, key to paint p95 ${p95.toFixed(0)} ms, max ${longest.toFixed(0)} ms`;
  const alive = frames >= 3 && frames <= mostFrames;
  return {figure, pass: share <= most && alive && p95 <= 50 && longest <= 150};
}

function timedRows(screen: string): number {
  return screen.match(/│ \d\d:\d\d:\d\d line \d/g)?.length ?? 0;
}

function rowsOfLog(screen: string): number {
  return screen.match(/line \d+ Down/g)?.length ?? 0;
}
