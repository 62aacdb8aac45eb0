import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

export const story: Story = {
  title: 'help is filtered and runs a key; a command is completed and run',
  covers: ['global help', 'global palette'],
  async tell(robot) {
    await robot.press('?', 'describe the image', keys.enter);
    expect(robot.screen()).toContain('image billing');
    await robot.press(keys.escape, ':', 'go sto', keys.tab, keys.enter);
    expect(robot.screen()).toContain('storefront · build 1');
  },
};
