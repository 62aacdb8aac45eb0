// Statement 6: following pauses when somebody scrolls up, says how much came since, and goes on without a gap.
import {setTimeout as delay} from 'node:timers/promises';
import {openBuildSite, type SiteBuild} from './support/build-site.ts';
import {startUiProcess, type UiProcess} from './support/ui-process-client.ts';

export const number = 6;
export const statement =
  'Follow: scrolling up pauses and shows PAUSED +N, lines keep coming; G, s and reaching the end go on; no line is missing';

export async function run(): Promise<{figure: string; pass: boolean}> {
  const site = await openBuildSite(['app']);
  try {
    const build = site.begin('app');
    const ui = await startUiProcess({home: site.home, columns: 120, rows: 40});
    const problems = await check(ui, build);
    await ui.end();
    return {
      figure:
        problems.length === 0 ? 'paused and resumed in three ways, every line seen' : `wrong: ${problems.join(', ')}`,
      pass: problems.length === 0,
    };
  } finally {
    await site.close();
  }
}

async function check(ui: UiProcess, {log}: SiteBuild): Promise<readonly string[]> {
  const problems: string[] = [];
  const expectScreen = (what: string, holds: boolean) => {
    if (!holds) problems.push(what);
  };
  let next = 0;
  const pour = async (count: number) => {
    let text = '';
    for (let line = 0; line < count; line++, next++) text += `line ${next}.\n`;
    log.write('build', 'stdout', Date.now(), Buffer.from(text));
    await delay(350);
    await ui.press('', undefined, 50);
  };
  const lastSeen = () => Math.max(...Array.from(ui.screen().matchAll(/line (\d+)\./g), ([, line]) => Number(line)));
  const rows = () => Array.from(ui.screen().matchAll(/line (\d+)\./g), ([, line]) => Number(line));

  await pour(1000);
  await ui.press('lf', undefined, 800);
  expectScreen('follows at first', lastSeen() === 999 && ui.screen().includes('following'));
  for (const [name, resume] of [
    ['G', 'G'],
    ['s', 's'],
    ['the end', '\u001B[6~'.repeat(8)],
  ] as const) {
    await ui.press('\u001B[5~'.repeat(5));
    const paused = rows();
    expectScreen(`pauses before ${name}`, /PAUSED \+\d+/.test(ui.screen()));
    await pour(name === 'the end' ? 100 : 1234);
    const unseen = Number(/PAUSED \+([\d ]+\d)/.exec(ui.screen())?.[1]?.replaceAll(' ', ''));
    expectScreen(`counts what came before ${name}`, unseen === next - 1 - (paused.at(-1) ?? 0));
    expectScreen(`keeps its place before ${name}`, rows().join() === paused.join());
    await ui.press(resume, undefined, 600);
    expectScreen(`goes on with ${name}`, ui.screen().includes('following') && lastSeen() === next - 1);
    await pour(10);
    expectScreen(`follows again after ${name}`, lastSeen() === next - 1);
  }
  await ui.press('g', undefined, 400);
  const seen = new Set<number>();
  for (let page = 0; page < 300 && seen.size < next; page++) {
    for (const line of rows()) seen.add(line);
    const before = ui.screen();
    // What has to be fetched first is on the screen a moment later.
    await ui.press('\u001B[6~', (screen) => screen !== before && !/[│┃] …/.test(screen), 40);
    if (ui.screen() === before) break;
  }
  for (const line of rows()) seen.add(line);
  expectScreen(`every line is seen (${seen.size} of ${next})`, seen.size === next);
  return problems;
}
