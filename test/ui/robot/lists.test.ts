// Stories of the lists: marks, sorting, the view before, YAML, copy.
import {afterEach, expect, test, vi} from 'vitest';
import {fleetNow} from '../support/a-fleet.ts';
import {keys, openDashboard, type Robot} from '../support/dashboard.ts';

let robot: Robot;
afterEach(async () => {
  if (robot.terminal.modes.alternate) await robot.press(keys.escape, keys.ctrl('c'), keys.ctrl('c'));
  vi.useRealTimers();
});

/** The names in the list of images, from top to bottom. */
function names(): readonly string[] {
  return robot
    .screen()
    .split('\n')
    .flatMap((row) => /^│.[■▌ ]?[✓✗◐‖↻○?] ([a-z-]+) /.exec(row)?.[1] ?? []);
}

test('Space marks, Ctrl-Space marks a range, r rebuilds what is marked, Ctrl-\\ takes the marks away', async () => {
  robot = await openDashboard();
  await robot.press('j', ' ', 'j', '\u0000');
  expect(robot.screen()).toContain('3 marked');
  await robot.press('r');
  expect(robot.client.sent.map((intent) => 'name' in intent && intent.name)).toEqual([
    'catalog',
    'checkout',
    'gateway',
  ]);
  await robot.press(' ', '\u001C');
  expect(robot.screen()).not.toContain('marked');
});

test('Shift-letters sort, again the other way; O sorts by the chosen column', async () => {
  robot = await openDashboard();
  const byName = names();
  await robot.press('S');
  expect(names()[0]).toBe('orders-api');
  await robot.press('N', 'N');
  expect(names()).toEqual(byName.toReversed());
  await robot.press(keys.right, keys.right, 'O');
  expect(robot.screen()).toContain('REASON↑');
});

test('keys that came in one read each count, Tab and Enter too', async () => {
  robot = await openDashboard();
  await robot.press('j\t\r');
  expect(robot.screen()).toContain('stack id');
});

test('- goes back to the view before', async () => {
  robot = await openDashboard();
  await robot.press('6', '2', '-');
  expect(robot.screen()).toContain('first build of the image');
});

test('y shows the resource, c copies it through the terminal and says so', async () => {
  robot = await openDashboard();
  await robot.press('y');
  expect(robot.screen()).toContain('billing as YAML');
  await robot.press('c');
  expect(robot.screen()).toContain('copied through the terminal (OSC 52)');
  expect(robot.terminal.writes.join('')).toContain('\u001B]52;c;');
});

test('a build that is marked in the history is compared with the chosen one', async () => {
  robot = await openDashboard({columns: 200, rows: 60});
  await robot.press('jjjjjj', 'h', ' ', 'j');
  expect(robot.screen()).toMatch(/build 2 → build 3/);
});

test('a failure rings the bell only when the terminal has lost the focus, and not again at once', async () => {
  robot = await openDashboard();
  const failed = {phase: 'build' as const, meaning: 'a buildpack failed', message: 'no', exitCode: 51};
  const fail = () =>
    robot.client.happen({
      kind: 'build.failed',
      at: fleetNow,
      namespace: 'default',
      image: 'spring-petclinic',
      number: 3,
      failure: failed,
    });
  const bells = () => robot.terminal.writes.filter((text) => text === '\u0007').length;
  await robot.after(fail);
  expect(bells()).toBe(0);
  await robot.press('\u001B[O');
  await robot.after(fail);
  await robot.after(fail);
  expect(bells()).toBe(1);
});
