// Statement 5: wrap, times and another size over a million lines, one of them a megabyte: soon, and the top line stays.
import {longLine, openBigLog} from './support/big-log.ts';
import {startUiProcess} from './support/ui-process-client.ts';

export const number = 5;
export const statement =
  'Wrap, timestamps and resize on 1e6 lines with one of 1 MB: ≤ 100 ms each, the top line stays where it is';

const most = 100;
/** In the lower border of the log. */
const wraps = / wrap (?:times )?─*╯/;

export async function run(): Promise<{figure: string; pass: boolean}> {
  const {site} = await openBigLog();
  try {
    const ui = await startUiProcess({home: site.home, columns: 120, rows: 40});
    await ui.press('l', undefined, 1500);
    await ui.press('f');
    const times: [string, number][] = [];
    for (const top of [longLine - 1, longLine, longLine + 3]) {
      await ui.press(`:${top + 1}`);
      await ui.press('\r');
      // The jumped-to line is the first on the screen; leave it that way.
      const topIs = () => ui.screen().split('\n')[2]?.includes(`line ${top} `) ?? false;
      const time = async (name: string, change: () => Promise<number | undefined>) => {
        const took = await change();
        times.push([name, topIs() ? (took ?? Infinity) : Infinity]);
      };
      await time('wrap', () => ui.press('w', (screen) => wraps.test(screen)));
      await time('times', () => ui.press('t', (screen) => /\d\d:\d\d:\d\d line/.test(screen)));
      await time('narrower', () => ui.resize(90, 30, (screen) => screen.includes(`line ${top} `)));
      await time('wider', () => ui.resize(200, 60, (screen) => screen.includes(`line ${top} `)));
      await time('cut', () => ui.press('w', (screen) => !wraps.test(screen)));
      await time('no times', () => ui.press('t', (screen) => !/\d\d:\d\d:\d\d line/.test(screen)));
      await ui.resize(120, 40, () => true);
    }
    await ui.end();
    const slowest = times.reduce((one, other) => (other[1] > one[1] ? other : one));
    const kept = times.filter(([, took]) => took !== Infinity).length;
    const figure = `${kept} of ${times.length} changes with the top line kept, slowest ${slowest[0]} ${slowest[1].toFixed(0)} ms`;
    return {figure, pass: slowest[1] <= most};
  } finally {
    await site.close();
  }
}
