import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

const focused = (screen: string) => /slipway demo › (.+?) {2}/.exec(screen)?.[1];

export const story: Story = {
  title: 'panels are walked through, zoomed and given back; breadcrumbs say where one is',
  covers: [
    'global next-panel',
    'global previous-panel',
    'global go-to-panel',
    'global zoom',
    'global unzoom',
    'global last-view',
    'image logs',
    'image history',
    'images open',
    'global back',
  ],
  async tell(robot) {
    await robot.press('jjjjjj', keys.tab, '+');
    expect(focused(robot.screen())).toBe('Stacks & builders');
    await robot.press('_', keys.shiftTab, '+');
    expect(focused(robot.screen())).toBe('Images');
    await robot.press('_', '6', '+');
    expect(focused(robot.screen())).toBe('spring-petclinic › b3 › Why');
    await robot.press('7');
    expect(focused(robot.screen()), 'no guide, no panel').toBe('spring-petclinic › b3 › Why');
    await robot.press('-');
    expect(focused(robot.screen())).toBeUndefined();
    await robot.press('1', 'l', '+');
    expect(focused(robot.screen())).toBe('spring-petclinic › b3 › Log');
    await robot.press('q', '1', 'h', '+');
    expect(focused(robot.screen())).toBe('spring-petclinic › History');
    await robot.press('q', 'q', keys.enter, '+');
    expect(focused(robot.screen())).toBe('spring-petclinic › b3 › Log');
  },
};
