// Statement 3: a log of a million lines is open, costs little memory, and every place of it is a key away.
import {lastText, millionLines, openBigLog} from './support/big-log.ts';
import {percentile} from './support/percentile.ts';
import {startUiProcess} from './support/ui-process-client.ts';

export const number = 3;
export const statement =
  'Big logs: 1 000 000 lines open: RSS ≤ 250 MB over idle; g, G, PgDn, jump to a line each ≤ 50 ms';

const mostBytes = 250e6;
const mostMilliseconds = 50;
const pageDown = '\u001B[6~';
const pageUp = '\u001B[5~';

export async function run(): Promise<{figure: string; pass: boolean}> {
  const {site} = await openBigLog();
  try {
    const ui = await startUiProcess({home: site.home, columns: 120, rows: 40});
    // Idle: the image without a build is chosen, no log is open.
    await ui.press('j', (screen) => screen.includes('No build yet'));
    const idle = await ui.collected();
    await ui.press('k');
    await ui.press('l', (screen) => screen.includes('1 000 001 lines'), 1500);
    await ui.press('f', (screen) => !screen.includes('Images'));
    const times = new Map<string, number[]>();
    const time = async (name: string, keys: string, line: number | string) => {
      const wanted = typeof line === 'number' ? `line ${line} ` : line;
      const took = (await ui.press(keys, (screen) => screen.includes(wanted))) ?? Infinity;
      times.set(name, [...(times.get(name) ?? []), took]);
    };
    for (const line of [250_000, 777_777, 3000, 123_456, 640_000]) {
      await time('g', 'g', 0);
      await time('PgDn', pageDown, 60);
      await time('G', 'G', lastText);
      await time('PgUp', pageUp, 999_950);
      await ui.press(`:${line}`);
      await time('jump', '\r', line - 1);
      await time('PgDn there', pageDown, line + 50);
    }
    // Once through a good part of it, so that the cache of the client has been full.
    await ui.press('g');
    for (let page = 0; page < 60; page++) await ui.press(pageDown.repeat(10), undefined, 60);
    const open = await ui.collected();
    await ui.end();
    const more = open.rss - idle.rss;
    const typical = [...times].map(([name, all]) => ({name, took: percentile(all, 0.5)}));
    const slowest = Math.max(...typical.map(({took}) => took));
    const words = typical.map(({name, took}) => `${name} ${took.toFixed(0)} ms`).join(', ');
    const figure = `${(more / 1e6).toFixed(0)} MB over idle with ${millionLines} lines; ${words} (medians of five)`;
    return {figure, pass: more <= mostBytes && slowest <= mostMilliseconds};
  } finally {
    await site.close();
  }
}
