// Statement 14: phases and buildpacks of a log fold to one line, by themselves when they have finished and by key.
import {setTimeout as delay} from 'node:timers/promises';
import {type BuildSite, openBuildSite, type SiteBuild} from './support/build-site.ts';
import {startUiProcess, type UiProcess} from './support/ui-process-client.ts';

export const number = 14;
export const statement =
  'Phase folding: logs fold and unfold per phase and per buildpack (z, Z, [ ]); the bar moves the log; finished phases fold to one line';

export async function run(): Promise<{figure: string; pass: boolean}> {
  const site = await openBuildSite(['app']);
  try {
    const build = site.begin('app');
    const ui = await startUiProcess({home: site.home, columns: 120, rows: 50});
    const {problems, checked} = await check(ui, site, build);
    await ui.end();
    const figure = problems.length === 0 ? `${checked} screens as they should be` : `wrong: ${problems.join(', ')}`;
    return {figure, pass: problems.length === 0};
  } finally {
    await site.close();
  }
}

async function check(ui: UiProcess, {record}: BuildSite, {ref, log}: SiteBuild) {
  const problems: string[] = [];
  let checked = 0;
  const expectScreen = (what: string, ...wanted: readonly (RegExp | false)[]) => {
    checked += 1;
    const screen = ui.screen();
    if (!wanted.every((one) => one !== false && one.test(screen))) problems.push(what);
  };
  const without = (pattern: RegExp) => !pattern.test(ui.screen()) && /Log/;
  const say = (phase: 'restore' | 'build', text: string, count: number) => {
    const lines = Array.from({length: count}, (_, line) => `${text} ${line}\n`).join('');
    log.write(phase, 'stdout', Date.now(), Buffer.from(lines));
  };
  const settle = async () => {
    await delay(300);
    await ui.press('', undefined, 100);
  };

  const at = Date.now();
  record({kind: 'phase.started', at, ...ref, phase: 'restore'});
  say('restore', 'layer', 214);
  await ui.press('l', undefined, 800);
  expectScreen('a running phase is open', /layer 213/, without(/RESTORE.* 214 lines/));
  record({kind: 'phase.finished', at: at + 3200, ...ref, phase: 'restore', state: 'succeeded'});
  const buildpack = (id: string) => ({id: `sample/${id}`, version: '1.0.0'});
  log.section('build', at + 3300, 'sample/node@1.0.0');
  say('build', 'node', 5);
  log.section('build', at + 5300, 'sample/npm@1.0.0');
  say('build', 'npm', 6);
  record({kind: 'buildpack.started', at, ...ref, buildpack: buildpack('npm'), index: 2, of: 2});
  await settle();
  expectScreen('a finished phase is one line', /✓ RESTORE 3\.2s · 214 lines/, without(/layer 213/));
  expectScreen('buildpacks have headings', /---> sample\/node@1\.0\.0/, /---> sample\/npm@1\.0\.0/, /npm 5/);

  await ui.press('g');
  await ui.press('z');
  expectScreen('z unfolds the phase at the top', /layer 20/, without(/RESTORE.* 214 lines/));
  await ui.press('z');
  expectScreen('z folds it again', /✓ RESTORE 3\.2s · 214 lines/, without(/layer 20/));
  await ui.press(']');
  await ui.press('z');
  expectScreen('z folds the buildpack', /✓ sample\/node@1\.0\.0 2\.0s · 5 lines/, without(/node 4/));
  await ui.press(']z');
  expectScreen('] goes to the next buildpack', /sample\/npm@1\.0\.0 · 6 lines/, without(/npm 5/));
  await ui.press('[[');
  await ui.press('z');
  expectScreen('[ goes back', /===> RESTORE/, /layer 20/);
  await ui.press('Z');
  expectScreen('Z unfolds everything', /===> RESTORE/, without(/RESTORE.* 214 lines/));
  await ui.press('Z');
  expectScreen('Z folds all phases', /214 lines/, /BUILD( \d.*)? · 11 lines/, without(/npm 5/));
  await ui.press('Z');
  await ui.press('G');
  // The fifth of six phases in the bar of the build panel: a click on it shows where that phase begins.
  const {x, y} = placeOf(ui.screen(), /◐ build/);
  await ui.press(`\u001B[<0;${x};${y}M\u001B[<0;${x};${y}m`);
  expectScreen('a click on the bar moves the log', /===> BUILD/, /---> sample\/node@1\.0\.0/, /node 0/);
  return {problems, checked};
}

/** Where a text stands on the screen, as the mouse counts: from 1. */
function placeOf(screen: string, pattern: RegExp): {readonly x: number; readonly y: number} {
  const rows = screen.split('\n');
  const y = rows.findIndex((row) => pattern.test(row));
  return {x: (rows[y]?.search(pattern) ?? 0) + 2, y: y + 1};
}
