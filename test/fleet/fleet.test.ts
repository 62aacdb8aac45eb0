// A stack patch on a fleet, with the real controller as a process that is killed in the middle; 1,000 images are in
// test/reliability.
import {test} from 'vitest';
import {playFleetStory} from './support/fleet-story.ts';

test('150 images: planned, killed in the middle, each patched once, all rolled back', async () => {
  const {planMilliseconds, interruptedAttempts} = await playFleetStory(150);
  console.log(`150 images: plan ${planMilliseconds} ms, ${interruptedAttempts} attempts interrupted by the kill`);
}, 90_000);
