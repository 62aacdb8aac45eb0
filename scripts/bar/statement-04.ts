// Statement 4: searching a million lines: how soon the first match and the whole count are there, and that keys never wait.
import {setTimeout as delay} from 'node:timers/promises';
import {connectToController} from '../../source/client/connect.ts';
import {needle, needleLine, openBigLog} from './support/big-log.ts';
import {startUiProcess, type UiProcess} from './support/ui-process-client.ts';

export const number = 4;
export const statement =
  'Search: literal over 1e6 lines: first hit ≤ 150 ms, count ≤ 1 s; regex ≤ 3 s; no key waits > 50 ms; n/N, i/N, all lines stay; filter apart, with context and inverse';

export async function run(): Promise<{figure: string; pass: boolean}> {
  const {site, build} = await openBigLog();
  const client = await connectToController({home: site.home, version: 'bar'});
  const ui = await startUiProcess({home: site.home, columns: 120, rows: 40});
  try {
    const times = await searchTimes(client, build.ref);
    const problems = await behaviour(ui);
    const keys = await keysMeanwhile(ui);
    const {first, literal, regex} = times;
    const figure = `first hit ${first.toFixed(0)} ms, literal ${literal.toFixed(0)} ms, regex ${regex.toFixed(0)} ms (CPU of the controller), slowest key ${keys.toFixed(0)} ms${problems.length > 0 ? `; wrong: ${problems.join(', ')}` : ''}`;
    return {figure, pass: first <= 150 && literal <= 1000 && regex <= 3000 && keys <= 50 && problems.length === 0};
  } finally {
    await ui.end();
    client.close();
    await site.close();
  }
}

type Client = Awaited<ReturnType<typeof connectToController>>;
type Ref = Parameters<Client['searchLog']>[0];

/** CPU of this process, which is the controller with its search thread; other programs do not count in it. */
async function searchTimes(client: Client, ref: Ref) {
  await client.searchLog(ref, {pattern: ''}, 0, 1);
  await delay(500);
  const warm = await search(client, ref, {pattern: 'sha256:000000007919'});
  const last = await search(client, ref, {pattern: needle});
  const regex = await search(client, ref, {pattern: '(digest|needle)$', regex: true});
  return {first: warm.first, literal: Math.max(warm.all, last.all), regex: regex.all};
}

async function search(client: Client, ref: Ref, query: Parameters<Client['searchLog']>[1]) {
  const began = cpu();
  let first: number | undefined;
  for (let from = 0; ; ) {
    const page = await client.searchLog(ref, query, from, 20_000);
    if (page.lines.length > 0) first ??= cpu() - began;
    from = page.searched;
    if (from >= page.total) return {first: first ?? Infinity, all: cpu() - began};
  }
}

function cpu(): number {
  const {user, system} = process.cpuUsage();
  return (user + system) / 1000;
}

async function behaviour(ui: UiProcess): Promise<readonly string[]> {
  const problems: string[] = [];
  const expectScreen = async (what: string, keys: string, wanted: (screen: string) => boolean, wait = 500) => {
    if ((await ui.press(keys, wanted, wait)) === undefined && !wanted(ui.screen())) problems.push(what);
  };
  await ui.press('l', undefined, 1500);
  await ui.press('f');
  await ui.press(`/${needle}`);
  await expectScreen('the only match with its count', '\r', (screen) => screen.includes('1/1'), 2500);
  await expectScreen('its line among all others', '', (screen) =>
    [-2, -1, 0, 1, 2].every((by) => screen.includes(`line ${needleLine + by} `)),
  );
  await ui.press('\u001B');
  await ui.press('g');
  await ui.press('/line 12345');
  await expectScreen('i/N after a search', '\r', (screen) => /\/line 12345 1\/11\b/.test(screen), 2500);
  await expectScreen('i/N after n', 'n', (screen) => / 2\/11\b/.test(screen) && screen.includes('line 123450 '));
  await expectScreen('i/N after N', 'N', (screen) => / 1\/11\b/.test(screen) && screen.includes('line 12345 '));
  await expectScreen('N goes round', 'N', (screen) => / 11\/11\b/.test(screen));
  await ui.press('\u001B');
  await ui.press(`&${needle}`);
  await expectScreen('the filter with two lines around', '\r', filteredAround, 2500);
  await ui.press('\u001B');
  await ui.press('&!line');
  await expectScreen(
    'the filter turned round',
    '\r',
    (screen) => screen.includes('the very end') && !/line \d+ D/.test(screen),
    2500,
  );
  await ui.press('\u001B');
  return problems;
}

function filteredAround(screen: string): boolean {
  const seen = Array.from(screen.matchAll(/line (\d+) /g), ([, line]) => Number(line));
  return seen.length === 5 && seen[0] === needleLine - 2 && seen[4] === needleLine + 2;
}

/** Keys while a search runs that finds every line. */
async function keysMeanwhile(ui: UiProcess): Promise<number> {
  await ui.press('G');
  await ui.press('/line');
  await ui.press('\r', undefined, 60);
  let slowest = 0;
  for (let at = 0; at < 12; at++) {
    const timed = at % 2 === 0;
    const took = await ui.press('t', (screen) => /\d\d:\d\d:\d\d (line|the very)/.test(screen) === timed, 120);
    slowest = Math.max(slowest, took ?? Infinity);
  }
  return slowest;
}
