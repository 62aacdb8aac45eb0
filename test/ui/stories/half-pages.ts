import {expect} from 'vitest';
import {keys, petclinic} from '../support/dashboard.ts';
import {of} from '../support/fleet-logs.ts';
import type {Story} from './story.ts';

export const story: Story = {
  title: 'a long log is read by half pages',
  covers: ['scroll half-page-down', 'scroll half-page-up'],
  options: {columns: 80, rows: 24},
  async tell(robot) {
    const lines = Array.from({length: 300}, (_, at) => `number ${at}.`);
    await robot.after(() => robot.client.addLog(petclinic, of('build', lines)));
    await robot.press('jjjjjj', 'l', 'f');
    const top = () => Number(/number (\d+)\./.exec(robot.screen())?.[1]);
    const end = top();
    await robot.press(keys.ctrl('u'));
    const above = top();
    expect(above).toBeLessThan(end);
    await robot.press(keys.ctrl('u'), keys.ctrl('d'));
    expect(top()).toBe(above);
  },
};
