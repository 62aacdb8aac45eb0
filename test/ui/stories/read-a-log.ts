import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

const saved: string[] = [];

export const story: Story = {
  title: 'a log is followed, searched, filtered, folded, marked, copied and saved',
  covers: [
    'log follow',
    'log search',
    'log next-match',
    'log previous-match',
    'log filter-log',
    'log wrap',
    'log times',
    'log full-screen',
    'log next-phase',
    'log previous-phase',
    'log fold',
    'log fold-all',
    'log mark-line',
    'log copy',
    'log save-log',
  ],
  options: {
    ports: {
      async saveBytes(name, bytes) {
        for await (const piece of bytes) saved.push(String(piece.length));
        return `/home/user/${name}`;
      },
    },
  },
  async tell(robot) {
    await robot.press('jjjjjj', 'l', 'f');
    expect(robot.screen()).not.toContain('Images');
    await robot.press('s');
    expect(robot.screen()).toContain('PAUSED');
    await robot.press('/', 'layer', keys.enter);
    expect(robot.screen()).toContain('/layer 1/3');
    await robot.press('n');
    expect(robot.screen()).toContain('/layer 2/3');
    await robot.press('N');
    expect(robot.screen()).toContain('/layer 1/3');
    await robot.press(keys.escape, '&', 'packages', keys.enter);
    expect(robot.screen()).toContain('&packages');
    await robot.press(keys.escape, 'w', 't');
    expect(robot.screen()).toContain('wrap times');
    expect(robot.screen()).toMatch(/│ 12:0\d:\d\d /);
    await robot.press('w', 't', 'Z');
    expect(robot.screen()).toContain('===> DETECT');
    await robot.press('g', ']', 'z');
    expect(robot.screen()).toMatch(/✓ [A-Z]+ .* lines?/);
    await robot.press('z', '[', 'm', 'j', 'c');
    expect(robot.screen()).toContain('copied');
    await robot.press(keys.ctrl('s'));
    expect(robot.screen()).toContain('the log is saved as /home/user/spring-petclinic-3.log');
    expect(saved.length).toBeGreaterThan(0);
  },
};
