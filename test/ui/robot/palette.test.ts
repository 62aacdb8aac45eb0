// Stories of the palette: every action by its name, completion, commands with targets and numbers.
import {afterEach, expect, test, vi} from 'vitest';
import {bindings} from '../../../source/ui/keymap/bindings.ts';
import {aFleet} from '../support/a-fleet.ts';
import {keys, openDashboard, type Robot} from '../support/dashboard.ts';
import {firstUiState} from '../../../source/ui/ui-state/ui-state.ts';
import {paletteRows} from '../../../source/ui/view-models/palette-rows.ts';
import {makeScene} from '../../../source/ui/view-models/scene.ts';

let robot: Robot;
afterEach(async () => {
  if (robot?.terminal.modes.alternate) await robot.press(keys.escape, keys.ctrl('c'), keys.ctrl('c'));
  vi.useRealTimers();
});

test('an image is rebuilt by its name, completed with Tab', async () => {
  robot = await openDashboard();
  await robot.press(':', 'rebuild cat', keys.tab);
  expect(robot.screen()).toContain('rebuild catalog');
  await robot.press(keys.enter);
  expect(robot.client.sent).toEqual([{kind: 'image.trigger', namespace: 'default', name: 'catalog'}]);
});

test('what is destructive asks, whoever calls it', async () => {
  robot = await openDashboard();
  await robot.press(':', 'delete catalog', keys.enter);
  expect(robot.screen()).toContain('This cannot be taken back.');
  await robot.press(keys.enter);
  expect(robot.client.sent).toEqual([]);
});

test('numbers are arguments, and what is no command is said to be none', async () => {
  robot = await openDashboard();
  await robot.press(':', 'builds-at-once 4', keys.enter);
  expect(robot.client.sent).toEqual([{kind: 'settings.change', settings: {maxConcurrentBuilds: 4}}]);
  await robot.press(':', 'zzzz', keys.enter);
  expect(robot.screen()).toContain('there is no command "zzzz"');
});

test('a theme is put on while it runs', async () => {
  robot = await openDashboard();
  await robot.press(':', 'theme none', keys.enter);
  expect(
    robot.terminal
      .cells()
      .flat()
      .filter(({color}) => color !== undefined),
  ).toEqual([]);
});

test('the palette has every action that the keys have', () => {
  const scene = makeScene(aFleet().state(), firstUiState, 0);
  const words = paletteRows('', scene, bindings).map(({run}) => (run.kind === 'action' ? run.action : ''));
  const left = new Set(bindings.map(({action}) => action).filter((action) => !words.includes(action)));
  expect([...left].toSorted()).toEqual(['down', 'escape', 'page-down', 'page-up', 'palette', 'sort', 'up']);
});
