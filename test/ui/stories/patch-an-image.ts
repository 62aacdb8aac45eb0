import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

export const story: Story = {
  title: 'an image gets another builder, after a look at what that does',
  covers: ['images patch'],
  async tell(robot) {
    await robot.press('jj', 'p');
    expect(robot.screen()).toContain('patch image checkout: another builder');
    await robot.press('j', keys.enter);
    expect(robot.screen()).toContain('What will happen');
    await robot.press(keys.tab, keys.enter, keys.escape);
    expect(robot.client.sent.at(-1)).toMatchObject({kind: 'image.save', name: 'checkout'});
  },
};
