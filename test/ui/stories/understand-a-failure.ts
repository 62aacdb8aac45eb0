import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

export const story: Story = {
  title: 'a failed build is understood: the first error, what changed, and another build to compare with',
  covers: ['log first-error', 'history open', 'history mark'],
  async tell(robot) {
    await robot.press('jjjj', 'l', 'e');
    expect(robot.screen()).toContain('ERROR: No buildpack groups passed detection.');
    expect(robot.screen()).toContain('since build 1, which succeeded:');
    await robot.press('5', 'j', ' ', 'k', '6', '+');
    expect(robot.screen()).toContain('build 1 → build 2');
    await robot.press('_', '5', 'j', keys.enter, '+');
    expect(robot.screen()).toContain('› b1 › Log');
  },
};
