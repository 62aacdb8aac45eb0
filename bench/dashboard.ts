// The dashboard under load for minutes: 500 images, 10,000 builds in history, four builds that log 2,500 lines a second each. It says
// how soon a key is on the screen, what share of a core that takes, and whether memory stays where it is.
// `npm run bench -- dashboard [--minutes 10] [--size 200x60] [--json]`. Waits leave out the time in which other programs had the processor.
import {setTimeout as delay} from 'node:timers/promises';
import {cpus} from 'node:os';
import {openHugeSite} from '../scripts/bar/support/huge-site.ts';
import {percentile} from '../scripts/bar/support/percentile.ts';
import {pourLogs} from '../scripts/bar/support/pour-logs.ts';
import {startUiProcess} from '../scripts/bar/support/ui-process-client.ts';

const images = 500;
const buildsEach = 20;
const perSecond = 2500;
const warmUp = 30_000;
const minutes = Number(argument('--minutes') ?? 1);
const [columns = 120, rows = 40] = (argument('--size') ?? '120x40').split('x').map(Number);

/** Counts on through warming up and measuring, so that what toggles is known. */
let round = 0;

const {site, names} = await openHugeSite(images, buildsEach);
const loud = names.slice(0, 4);
const stop = new AbortController();
const poured = pourLogs(loud.map(site.begin), perSecond, stop.signal);
const ui = await startUiProcess({home: site.home, columns, rows});
try {
  await ui.press('l', (screen) => screen.includes('following'), 2000);
  await run(warmUp);
  const before = await ui.usage();
  const measured = await run(minutes * 60_000);
  const after = await ui.usage();
  await ui.press('');
  report(measured, {cpu: after.cpu - before.cpu, wall: after.wall - before.wall});
} finally {
  await ui.end();
  stop.abort();
  const lines = await poured;
  console.log(`${lines * loud.length} lines were logged by ${loud.length} builds`);
  await site.close();
}

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

type Measured = {
  /** Milliseconds until a key was on the screen, by what was pressed. */
  readonly waits: ReadonlyMap<string, readonly number[]>;
  /** Bytes of the dashboard after garbage was collected, one every ten seconds. */
  readonly memory: readonly number[];
};

/** What an operator does all day, a key or two a second: read the log, walk through the images, look at history and why. */
async function run(milliseconds: number): Promise<Measured> {
  const waits = new Map<string, number[]>();
  const memory: number[] = [];
  const until = performance.now() + milliseconds;
  let nextSample = performance.now();
  for (; performance.now() < until; round++) {
    for (const {name, keys, seen} of stepsOf(round)) {
      const took = await ui.press(keys, seen, 300);
      // What was there instead says whether the dashboard lost the key or this program did not recognise what it did.
      if (took === undefined) console.error(`${name} was not seen in round ${round}; the screen:\n${ui.screen()}`);
      waits.set(name, [...(waits.get(name) ?? []), took ?? Infinity]);
    }
    if (performance.now() < nextSample) continue;
    memory.push((await ui.collected()).rss);
    nextSample += 10_000;
    await delay(200);
  }
  return {waits, memory};
}

type Step = {readonly name: string; readonly keys: string; readonly seen: (screen: string) => boolean};

function stepsOf(round: number): readonly Step[] {
  const timed = round % 2 === 0;
  return [
    {name: 'times of the log', keys: 't', seen: (screen) => timedRows(screen) > 5 === timed},
    {name: 'to the images', keys: '1', seen: (screen) => screen.includes('/ filter')},
    {name: 'the next image', keys: 'j', seen: (screen) => /▌. app-0002/.test(screen)},
    {name: 'the end of 500', keys: 'G', seen: (screen) => screen.includes('500/500')},
    {name: 'the first of 500', keys: 'g', seen: (screen) => screen.includes('1/500')},
    {name: 'history', keys: '5', seen: (screen) => !screen.includes('/ filter')},
    {name: 'an older build', keys: 'j', seen: (screen) => /▌ +20 /.test(screen)},
    {name: 'the newest build', keys: 'k', seen: (screen) => /▌ +21 /.test(screen)},
    {name: 'keys, by help', keys: '?', seen: (screen) => screen.includes('Enter runs it')},
    {name: 'and back', keys: '\u001B', seen: (screen) => !screen.includes('Enter runs it')},
    {name: 'back to the log', keys: '4', seen: (screen) => screen.includes('s follow')},
  ];
}

function timedRows(screen: string): number {
  return screen.match(/│ \d\d:\d\d:\d\d line \d/g)?.length ?? 0;
}

function report({waits, memory}: Measured, {cpu, wall}: {readonly cpu: number; readonly wall: number}): void {
  const all = [...waits.values()].flat();
  const quarter = Math.max(1, Math.floor(memory.length / 4));
  const [first, last] = [median(memory.slice(0, quarter)), median(memory.slice(-quarter))];
  const figures = {
    keys: all.length,
    'key to paint p50, ms': percentile(all, 0.5),
    'key to paint p95, ms': percentile(all, 0.95),
    'key to paint max, ms': Math.max(...all),
    'share of a core, %': (cpu / wall) * 100,
    'memory at first, MB': first / 1e6,
    'memory at last, MB': last / 1e6,
    'memory, last to first': last / first,
  };
  const pass = figures['key to paint p95, ms'] < 50 && figures['memory, last to first'] <= 1.1;
  if (!pass) process.exitCode = 1;
  if (process.argv.includes('--json')) {
    const each = Object.fromEntries([...waits].map(([name, took]) => [name, percentile(took, 0.95)]));
    console.log(
      JSON.stringify({bench: 'dashboard', minutes, node: process.version, pass, figures, each}, undefined, 2),
    );
    return;
  }
  console.log(
    `dashboard: ${images} images, ${images * buildsEach} builds, ${loud.length} × ${perSecond} lines/s, ${minutes} min at ${columns}x${rows}`,
  );
  console.log(`${cpus().length} × ${cpus()[0]?.model ?? ''}, Node ${process.version}\n`);
  for (const [name, value] of Object.entries(figures))
    console.log(`${name.padEnd(26)}${value.toFixed(2).padStart(10)}`);
  for (const [name, took] of waits)
    console.log(`  ${name.padEnd(24)}${percentile(took, 0.95).toFixed(1).padStart(10)} ms p95`);
  console.log(pass ? 'pass' : 'FAIL: key to paint p95 under 50 ms, and memory within a tenth of what it was');
}

function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
