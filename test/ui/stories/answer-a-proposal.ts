import {expect} from 'vitest';
import {fleetNow} from '../support/a-fleet.ts';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

const to = {runImage: `sha256:${'5'.repeat(64)}`, buildImage: `sha256:${'6'.repeat(64)}`};

export const story: Story = {
  title: 'what a stack proposes is looked at, rejected, proposed anew and accepted',
  covers: ['stacks accept', 'stacks reject'],
  async tell(robot) {
    const moved = () => robot.client.happen({kind: 'stack.tag-moved', at: fleetNow, name: 'default', to});
    await robot.press('2', 'a');
    expect(robot.screen()).toContain('default proposes nothing');
    await robot.after(moved);
    await robot.press('x');
    expect(robot.screen()).toContain('reject what stack default proposes');
    await robot.press(keys.escape);
    expect(robot.client.sent).toEqual([]);
    await robot.press('x', keys.tab, keys.enter);
    expect(robot.client.sent.at(-1)).toEqual({kind: 'stack.reject', name: 'default'});
    await robot.press('a');
    expect(robot.client.dryRuns.at(-1)).toEqual({kind: 'stack.accept', name: 'default'});
    expect(robot.screen()).toContain('patch stack default to where its tag points');
    await robot.press(keys.escape, ':', 'accept stack default', keys.enter);
    expect(robot.screen()).toContain('patch stack default to where its tag points');
  },
};
