// The robot user's stories, one short file each in `stories/`. Together they tell about every action of the key registry; and every
// line of the help does what its key does.
import {readdir} from 'node:fs/promises';
import path from 'node:path';
import {afterEach, describe, expect, test, vi} from 'vitest';
import {bindings} from '../../source/ui/keymap/bindings.ts';
import {keys, openDashboard, type Robot} from './support/dashboard.ts';
import type {Story} from './stories/story.ts';

const folder = path.join(import.meta.dirname, 'stories');
const files = (await readdir(folder)).filter((name) => name !== 'story.ts');
const stories = await Promise.all(
  files.map(async (name) => ((await import(path.join(folder, name))) as {readonly story: Story}).story),
);

let robot: Robot;
afterEach(async () => {
  for (let tries = 0; robot.terminal.modes.alternate && tries < 3; tries++)
    await robot.press(keys.escape, keys.ctrl('c'));
  vi.useRealTimers();
});

test.each(stories.map((story) => [story.title, story] as const))('%s', async (_title, {tell, options}) => {
  robot = await openDashboard(options);
  await tell(robot);
});

test('there is a story for every action, and none about what is no action', () => {
  const told = new Set<string>(stories.flatMap(({covers}) => covers));
  const all = new Set(bindings.map(({context, action}) => `${context} ${action}`));
  expect([...all].filter((one) => !told.has(one))).toEqual([]);
  expect([...told].filter((one) => !all.has(one))).toEqual([]);
});

describe('every line of the help', () => {
  test('is found by its sentence and runs its action', async () => {
    robot = await openDashboard({columns: 80, rows: 24});
    const ending = new Set(['quit', 'back']);
    for (const {action, help} of bindings.filter((one) => !ending.has(one.action))) {
      await robot.press('?', help);
      expect(robot.screen(), action).toContain(help.slice(0, 40));
      await robot.press(keys.enter);
      if (action !== 'help') expect(robot.screen(), action).not.toContain('─ Keys ─');
      expect(robot.terminal.modes.alternate, action).toBe(true);
      await robot.press(keys.escape, keys.escape);
    }
    await robot.press('?', 'quit; builds go on', keys.enter);
    expect(robot.terminal.modes.alternate).toBe(false);
  }, 60_000);
});
