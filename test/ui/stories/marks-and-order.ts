import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

export const story: Story = {
  title: 'images are filtered, marked, put in another order, and the marks are taken away',
  covers: [
    'images filter',
    'images mark',
    'images mark-range',
    'images clear-marks',
    'images sort',
    'images column-left',
    'images column-right',
    'images sort-column',
    'image copy',
  ],
  async tell(robot) {
    await robot.press('/', 'orders', keys.enter);
    expect(robot.screen()).toContain('/orders 1 of 9');
    await robot.press(keys.escape, ' ', 'jj', '\u0000');
    expect(robot.screen()).toContain('4 marked');
    await robot.press('c');
    expect(robot.screen()).toContain('4 images: copied');
    await robot.press('\u001C');
    expect(robot.screen()).not.toContain('marked');
    await robot.press('S');
    expect(robot.screen()).toContain('STATE↑');
    await robot.press('N', keys.right, 'O');
    expect(robot.screen()).toContain('BUILD↑');
    await robot.press('\u001B[D', 'O');
    expect(robot.screen()).toContain('IMAGE↑');
  },
};
