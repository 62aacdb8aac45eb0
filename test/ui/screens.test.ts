// Every screen at three sizes, in colour and without, as pictures that a person can look at. SLIPWAY_UPDATE_SCREENS=1 makes
// them anew after a change that is meant.
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {gunzipSync, gzipSync} from 'node:zlib';
import {describe, expect, test, vi} from 'vitest';
import {darkLook, terminalSvg} from '../support/terminal-svg.ts';
import {allScreens, screenSizes} from './support/all-screens.ts';
import {openDashboard} from './support/dashboard.ts';
import {ordersLog, petclinicLog} from './support/fleet-logs.ts';
import {aPracticedFleet, practicedBuild} from './support/practiced-fleet.ts';

const folder = path.join(import.meta.dirname, 'screens');
const update = process.env['SLIPWAY_UPDATE_SCREENS'] === '1';

describe.each(screenSizes)('on %i×%i', (columns, rows) => {
  test.each([
    ['colour', 24],
    ['mono', 1],
  ] as const)('every screen in %s is as it was drawn before', async (looks, colorDepth) => {
    const robot = await openDashboard({columns, rows, colorDepth, state: aPracticedFleet(), logs: false});
    robot.client.addLog(practicedBuild, petclinicLog);
    robot.client.addLog({namespace: 'default', image: 'orders-api', number: 2}, ordersLog);
    try {
      for (const {name, keys} of allScreens) {
        for (const key of keys) await robot.press(key);
        await compare(
          `${name}-${columns}x${rows}-${looks}`,
          terminalSvg(robot.terminal.cells(), {...darkLook, title: `slipway ${name}`}),
        );
        expect(robot.terminal.wrapped, name).toBe(false);
      }
    } finally {
      await robot.press('\u001B', '\u001B');
      await robot.quit();
      vi.useRealTimers();
    }
  });
});

/** Pictures are kept packed: a browser opens `*.svgz`, and the checkout stays small. */
async function compare(name: string, svg: string): Promise<void> {
  const file = path.join(folder, `${name}.svgz`);
  if (update) {
    await mkdir(folder, {recursive: true});
    await writeFile(file, gzipSync(svg, {level: 9}));
    return;
  }
  const kept = gunzipSync(await readFile(file)).toString('utf8');
  expect(
    svg === kept,
    `${name} looks different: look at it, then SLIPWAY_UPDATE_SCREENS=1 npx vitest run test/ui/screens`,
  ).toBe(true);
}
