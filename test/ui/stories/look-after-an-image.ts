import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

export const story: Story = {
  title: 'an image is looked at, paused, let go on, built, and looked at in full',
  covers: [
    'images rebuild',
    'image pause',
    'image describe',
    'image yaml',
    'image refresh',
    'global escape',
    'image cancel',
  ],
  async tell(robot) {
    await robot.press('jj', 'd');
    expect(robot.screen()).toContain('image checkout');
    await robot.press(keys.escape, 'y');
    expect(robot.screen()).toContain('checkout as YAML');
    await robot.press(keys.escape, 'P');
    expect(robot.client.sent.at(-1)).toMatchObject({kind: 'image.pause', name: 'checkout'});
    await robot.press('r');
    expect(robot.client.sent.at(-1)).toMatchObject({kind: 'image.trigger', name: 'checkout'});
    await robot.press(keys.ctrl('r'));
    expect(robot.client.sent.at(-1)).toMatchObject({kind: 'image.refresh', name: 'checkout'});
    await robot.press('jjjj', 'x');
    expect(robot.screen()).toContain('cancel build 3 of spring-petclinic');
    await robot.press(keys.escape);
    expect(robot.screen()).not.toContain('cancel build 3');
  },
};
