// A stack patch on 1,000 images, with the real controller as a process that is killed in the middle.
import {expect, test} from 'vitest';
import {playFleetStory} from '../fleet/support/fleet-story.ts';

test('1,000 images: planned, killed in the middle, each patched once, all rolled back', async () => {
  const {planMilliseconds, interruptedAttempts} = await playFleetStory(1_000);
  console.log(`1,000 images: plan ${planMilliseconds} ms, ${interruptedAttempts} attempts interrupted by the kill`);
  expect(interruptedAttempts, 'rebases that ran when the controller was killed').toBeGreaterThan(0);
}, 600_000);
