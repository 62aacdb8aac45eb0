// Every screen at three sizes, in colour and without; with sixteen colours and in ASCII at one. A screen's golden is a text file that
// can be read and reviewed; SLIPWAY_UPDATE_SCREENS=1 makes it anew after a change that is meant, SLIPWAY_SCREENS_DIR=folder draws the
// pictures whose digests stand in it.
import {writeFile} from 'node:fs/promises';
import path from 'node:path';
import {afterAll, describe, expect, test, vi} from 'vitest';
import type {Cell} from '../support/terminal.ts';
import {darkLook, terminalSvg} from '../support/terminal-svg.ts';
import {allScreens, guidedScreens, type ScreenStop, screenSizes} from './support/all-screens.ts';
import {openDashboard, type RobotOptions} from './support/dashboard.ts';
import {ordersLog, petclinicLog} from './support/fleet-logs.ts';
import {aPracticedFleet, practicedBuild} from './support/practiced-fleet.ts';
import {openGoldens} from './support/screen-golden.ts';
import {screenText} from './support/screen-text.ts';

type Cells = readonly (readonly Cell[])[];

const goldens = openGoldens();
afterAll(() => goldens.save());
const pictures = process.env['SLIPWAY_SCREENS_DIR'];

describe.each(screenSizes)('on %i×%i', (columns, rows) => {
  test('every screen in colour and without is as it was drawn before', async () => {
    const inColour = await everyScreen({columns, rows, colorDepth: 24}, 'colour');
    const {screens, writes} = await everyScreen({columns, rows, colorDepth: 1}, 'mono', inColour.screens);
    expect(screens.size).toBe(allScreens.length + guidedScreens.length);
    expect(writes).not.toMatch(/\u001B\[(?:\d+;)*(?:3[0-8]|4[0-8]|9\d|10\d)(?:;|m)/);
  }, 60_000);
});

test('every screen with sixteen colours asks for no more', async () => {
  const {writes} = await everyScreen({columns: 120, rows: 40, colorDepth: 4}, 'sixteen');
  expect(writes).toMatch(/\u001B\[3[1-6]m/);
  expect(writes).not.toMatch(/\u001B\[(?:\d+;)*[34]8;[25];/);
});

test('every screen in ASCII has nothing else', async () => {
  const {screens} = await everyScreen({columns: 120, rows: 40, colorDepth: 1, preferences: {ascii: true}}, 'ascii');
  for (const [name, cells] of screens)
    expect(
      cells.flat().filter(({text}) => /[^\u0020-\u007E]/.test(text)),
      name,
    ).toEqual([]);
});

type Walk = {readonly screens: ReadonlyMap<string, Cells>; readonly writes: string};

const guide = {
  title: 'What to try',
  steps: [
    'orders-api fails on purpose: its card says where; e in the log jumps there.',
    'A whole stack: 2, choose one, p, another run image. What happens to each image is shown before it does.',
    'z takes the last patch back. ? has every key.',
  ],
};

/** Goes through all screens, then those of somebody who is shown around. */
async function everyScreen(options: RobotOptions, looks: string, shared?: Walk['screens']): Promise<Walk> {
  const alone = await walk(allScreens, options, looks, shared);
  const guided = await walk(guidedScreens, {...options, guide}, looks, shared);
  return {screens: new Map([...alone.screens, ...guided.screens]), writes: alone.writes + guided.writes};
}

/** Holds each screen against its golden; gives what was drawn, and everything that was written. */
async function walk(
  stops: readonly ScreenStop[],
  options: RobotOptions,
  looks: string,
  shared?: Walk['screens'],
): Promise<Walk> {
  const robot = await openDashboard({...options, state: aPracticedFleet(), logs: false});
  robot.client.addLog(practicedBuild, petclinicLog);
  robot.client.addLog({namespace: 'default', image: 'orders-api', number: 2}, ordersLog);
  const section = `${options.columns}x${options.rows} ${looks}`;
  const screens = new Map<string, Cells>();
  try {
    for (const {name, keys} of stops) {
      for (const key of keys) await robot.press(key);
      const cells = robot.terminal.cells();
      screens.set(name, cells);
      await draw(`${name}-${section.replace(' ', '-')}`, cells);
      const now = screenText(cells, name, shared?.get(name));
      expect(now, `${name} ${section}: look at it, then SLIPWAY_UPDATE_SCREENS=1 npx vitest run test/ui/screens`).toBe(
        await goldens.kept(name, section, now),
      );
      expect(robot.terminal.wrapped, name).toBe(false);
    }
  } finally {
    await robot.press('\u001B', '\u001B');
    await robot.quit();
    vi.useRealTimers();
  }
  return {screens, writes: robot.terminal.writes.join('')};
}

async function draw(name: string, cells: Cells): Promise<void> {
  if (pictures === undefined) return;
  await writeFile(path.join(pictures, `${name}.svg`), terminalSvg(cells, {...darkLook, title: `slipway ${name}`}));
}
