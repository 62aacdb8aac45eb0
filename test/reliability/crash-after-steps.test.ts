// A controller killed just after a step that changes the disk, at points spread evenly over a build and a rebase.
import {afterAll, beforeAll, describe, test} from 'vitest';
import {killAtStep} from './support/kill-at-step.ts';
import {aCrashStory, type CrashStory, perPoint} from './support/crash-story.ts';

let story: CrashStory;

beforeAll(async () => {
  story = await aCrashStory();
}, perPoint);

afterAll(() => story.home.remove(), perPoint);

describe('killed after a step that changes the disk', () => {
  test.for([...Array(18).keys()])('point %i of 18', {timeout: 2 * perPoint}, async (point) => {
    await killAtStep(story, {point: 2 * point + 1, of: 36, side: 'after'});
  });
});
