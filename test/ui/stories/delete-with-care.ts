import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

export const story: Story = {
  title: 'what is deleted is asked about, with the safe answer chosen; what is in use is not deleted',
  covers: ['images delete', 'stacks delete'],
  async tell(robot) {
    await robot.press(keys.ctrl('d'));
    expect(robot.screen()).toContain('delete image billing');
    await robot.press(keys.enter);
    expect(robot.client.sent).toEqual([]);
    await robot.press(keys.ctrl('d'), keys.tab, keys.enter);
    expect(robot.client.sent).toMatchObject([{kind: 'image.delete', name: 'billing'}]);
    await robot.press('2', keys.ctrl('d'));
    expect(robot.screen()).toContain('default is in use');
  },
};
