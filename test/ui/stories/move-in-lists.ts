import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

const chosen = (screen: string) => /▌. ([a-z-]+)/.exec(screen)?.[1];

export const story: Story = {
  title: 'a list is walked with letters, arrows, pages and both ends',
  covers: ['list up', 'list down', 'list first', 'list last', 'list page-up', 'list page-down'],
  options: {columns: 80, rows: 24},
  async tell(robot) {
    const steps = [
      ['j', 'catalog'],
      [keys.down, 'checkout'],
      ['k', 'catalog'],
      [keys.up, 'billing'],
      ['G', 'worker'],
      ['g', 'billing'],
      [keys.end, 'worker'],
      [keys.home, 'billing'],
    ] as const;
    for (const [key, image] of steps) {
      await robot.press(key);
      expect(chosen(robot.screen()), JSON.stringify(key)).toBe(image);
    }
    for (const [down, up] of [
      [keys.pageDown, keys.pageUp],
      [keys.ctrl('f'), keys.ctrl('b')],
    ] as const) {
      await robot.press(down);
      expect(chosen(robot.screen())).not.toBe('billing');
      await robot.press(up);
      expect(chosen(robot.screen())).toBe('billing');
    }
  },
};
