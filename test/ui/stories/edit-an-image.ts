import {expect} from 'vitest';
import {keys} from '../support/dashboard.ts';
import type {Story} from './story.ts';

let edited = '';

export const story: Story = {
  title: 'an image is edited as YAML; leaving it as it is changes nothing',
  covers: ['image edit'],
  options: {
    ports: {
      yaml: () => 'spec: {}\n',
      async edit(name) {
        edited = name;
        throw new Error('expected YAML with a spec, got none; open it again with e');
      },
    },
  },
  async tell(robot) {
    await robot.press('jj', 'e');
    expect(edited).toBe('checkout.yaml');
    expect(robot.screen()).toContain('expected YAML with a spec');
    expect(robot.client.sent).toEqual([]);
    await robot.press(keys.escape);
  },
};
