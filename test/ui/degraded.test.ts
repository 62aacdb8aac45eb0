// Less of a terminal: no colour, sixteen colours, ASCII only. Every screen stays readable and every state can be told apart.
import {afterEach, expect, test, vi} from 'vitest';
import {allScreens} from './support/all-screens.ts';
import {openDashboard, type Robot} from './support/dashboard.ts';

let robot: Robot;
afterEach(async () => {
  await robot.press('\u001B', '\u001B');
  await robot.quit();
  vi.useRealTimers();
});

async function everyScreen(look: (name: string) => void): Promise<void> {
  for (const {name, keys} of allScreens) {
    for (const key of keys) await robot.press(key);
    look(name);
  }
}

test('ASCII: no screen has anything else', async () => {
  robot = await openDashboard({preferences: {ascii: true}, logs: false});
  await everyScreen((name) => expect(robot.screen(), name).toMatch(/^[\u0000-\u007E]*$/));
});

test('sixteen colours: no screen asks for more', async () => {
  robot = await openDashboard({colorDepth: 4, logs: false});
  await everyScreen(() => undefined);
  expect(robot.terminal.writes.join('')).not.toMatch(/\u001B\[(?:\d+;)*[34]8;[25];/);
});

test('no colour: no screen has one', async () => {
  robot = await openDashboard({colorDepth: 1, logs: false});
  await everyScreen((name) => {
    const painted = robot.terminal
      .cells()
      .flat()
      .filter((cell) => cell.color !== undefined || cell.background !== undefined);
    expect(painted, name).toEqual([]);
  });
});
