// Stories of the mouse: click, wheel, drag inside a pane, and giving it back.
import {afterEach, expect, test, vi} from 'vitest';
import {keys, openDashboard, type Robot} from '../support/dashboard.ts';

let robot: Robot;
afterEach(async () => {
  if (robot.terminal.modes.alternate) await robot.press(keys.escape, keys.ctrl('c'), keys.ctrl('c'));
  vi.useRealTimers();
});

/** An SGR report; cells count from 1. */
function mouse(code: number, x: number, y: number, end: 'M' | 'm' = 'M'): string {
  return `\u001B[<${code};${x};${y}${end}`;
}

test('a click focuses the pane and selects the row under it', async () => {
  robot = await openDashboard();
  await robot.press(mouse(0, 10, 7), mouse(0, 10, 7, 'm'));
  expect(robot.screen()).toMatch(/▌✓ gateway/);
});

test('a click on a heading sorts by its column, again the other way', async () => {
  robot = await openDashboard();
  await robot.press(mouse(0, 45, 3), mouse(0, 45, 3, 'm'));
  expect(robot.screen()).toContain('STATE↑');
  await robot.press(mouse(0, 45, 3), mouse(0, 45, 3, 'm'));
  expect(robot.screen()).toContain('STATE↓');
});

test('a click on a phase of the bar moves the log there', async () => {
  robot = await openDashboard({rows: 30});
  await robot.press('jjjjjj', mouse(0, 62, 3), mouse(0, 62, 3, 'm'));
  expect(robot.screen()).toContain('PAUSED');
});

test('the wheel scrolls what it is over', async () => {
  robot = await openDashboard();
  await robot.press('jjjjjj', mouse(64, 90, 25));
  expect(robot.screen()).toMatch(/PAUSED \+\d/);
});

test('a drag selects inside its pane only and copies that', async () => {
  robot = await openDashboard();
  await robot.press(mouse(0, 4, 4), mouse(32, 110, 5), mouse(0, 110, 5, 'm'));
  const copied = /\u001B\]52;c;([^\u0007]+)/.exec(robot.terminal.writes.join(''))?.[1] ?? '';
  const text = Buffer.from(copied, 'base64').toString('utf8');
  expect(text).toContain('billing');
  expect(text).not.toMatch(/[│╭]/);
  expect(text.split('\n')).toHaveLength(2);
});

test('a report that a read cut in two is one report', async () => {
  robot = await openDashboard();
  await robot.press('\u001B[<0;10', ';7M', mouse(0, 10, 7, 'm'));
  expect(robot.screen()).toMatch(/▌✓ gateway/);
});

test('% gives the mouse to the terminal and takes it back', async () => {
  robot = await openDashboard();
  await robot.press('%');
  expect(robot.terminal.writes.join('').endsWith('\u001B[?2026l')).toBe(true);
  expect(robot.terminal.writes.join('').lastIndexOf('\u001B[?1002l')).toBeGreaterThan(
    robot.terminal.writes.join('').lastIndexOf('\u001B[?1002h'),
  );
  await robot.press(mouse(0, 10, 7));
  expect(robot.screen()).not.toMatch(/▌✓ gateway/);
});
