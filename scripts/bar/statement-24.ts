// Statement 24: whatever a log holds, borders stay in their columns, and nothing in it acts on the terminal.
import {setTimeout as delay} from 'node:timers/promises';
import {openBuildSite} from './support/build-site.ts';
import {unicodeCorpus} from './support/unicode-corpus.ts';
import {startUiProcess, type UiProcess} from './support/ui-process-client.ts';

export const number = 24;
export const statement =
  'Unicode: CJK, ZWJ emoji, VS16, combining marks, RTL, tabs, \\r and stray escapes leave all borders aligned; hostile escapes do nothing';

const sizes = [
  [120, 40],
  [97, 31],
  [200, 60],
] as const;

export async function run(): Promise<{figure: string; pass: boolean}> {
  const site = await openBuildSite(['app']);
  try {
    const {log} = site.begin('app');
    for (const text of unicodeCorpus) log.write('build', 'stdout', Date.now(), Buffer.from(`${text}\n`));
    await delay(200);
    let screens = 0;
    const problems: string[] = [];
    for (const [columns, rows] of sizes) {
      const ui = await startUiProcess({home: site.home, columns, rows});
      await ui.press('l', undefined, 1000);
      for (const keys of ['', 'f', 'w', 't', 'g', '\u001B[6~', '/line', '\r']) {
        await ui.press(keys, undefined, 250);
        screens += 1;
        const bent = bentRow(ui);
        if (bent !== undefined) problems.push(`${columns}×${rows} after ${JSON.stringify(keys)}: ${bent}`);
      }
      problems.push(...ui.effects().filter((effect) => effect !== 'title slipway bar'));
      await ui.end();
    }
    const words =
      problems.length === 0 ? 'all borders aligned, nothing acted on' : `wrong: ${problems.slice(0, 3).join('; ')}`;
    return {figure: `${unicodeCorpus.length} lines on ${screens} screens: ${words}`, pass: problems.length === 0};
  } finally {
    await site.close();
  }
}

/** The first row between header and footer whose last column holds no border. */
function bentRow(ui: UiProcess): string | undefined {
  const rows = ui.screen().split('\n');
  const at = ui.lastColumn().findIndex((end, y) => y > 0 && y < rows.length - 1 && !/^[│┃╮╯]$/.test(end));
  return at === -1 ? undefined : rows[at];
}
