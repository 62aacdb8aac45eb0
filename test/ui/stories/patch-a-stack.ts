import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

export const story: Story = {
  title: 'a stack is looked at and patched, its fleet followed, and the patch taken back',
  covers: [
    'stacks open',
    'stacks yaml',
    'stacks copy',
    'stacks patch',
    'stacks rollback',
    'image rollback',
    'global fleet',
  ],
  async tell(robot) {
    await robot.press('2', keys.enter);
    expect(robot.screen()).toContain('stack default');
    await robot.press(keys.escape, 'y');
    expect(robot.screen()).toContain('default as YAML');
    await robot.press(keys.escape, 'c');
    expect(robot.screen()).toContain('stack default: copied');
    await robot.press('p', 'slim', keys.tab, keys.enter, keys.tab, 'default', keys.enter);
    expect(robot.client.sent.at(-1)).toMatchObject({kind: 'stack.save'});
    await robot.press(keys.escape, '0');
    expect(robot.screen()).toContain('patch-1 · stack default');
    await robot.press(keys.escape, '1', 'jj', 'z');
    expect(robot.client.dryRuns.at(-1)).toEqual({kind: 'patch.rollback', id: 'patch-1'});
    expect(robot.screen()).toContain('roll back patch patch-1');
    await robot.press(keys.escape, '2', 'z');
    expect(robot.screen()).toContain('roll back patch patch-1');
  },
};
