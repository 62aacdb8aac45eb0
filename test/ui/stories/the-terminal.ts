import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

let suspended = 0;

export const story: Story = {
  title: 'the terminal is drawn again, lent, given the mouse and left',
  covers: ['global mouse', 'global suspend', 'global redraw', 'global quit'],
  options: {
    ports: {
      async suspend() {
        suspended += 1;
      },
    },
  },
  async tell(robot) {
    await robot.press('%');
    expect(robot.screen()).toContain("the mouse is the terminal's");
    await robot.press('%');
    expect(robot.screen()).toContain('the mouse is taken');
    await robot.press(keys.ctrl('z'));
    expect(suspended).toBe(1);
    const before = robot.terminal.writes.join('').length;
    await robot.press(keys.ctrl('l'));
    expect(robot.terminal.writes.join('').length - before).toBeGreaterThan(1000);
    await robot.press(keys.ctrl('c'));
    expect(robot.terminal.modes.alternate).toBe(false);
  },
};
