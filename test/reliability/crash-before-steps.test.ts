// A controller killed just before a step that changes the disk, at points spread evenly over a build and a rebase.
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {killAtStep} from './support/kill-at-step.ts';
import {aCrashStory, type CrashStory, perPoint} from './support/crash-story.ts';

let story: CrashStory;

beforeAll(async () => {
  story = await aCrashStory();
}, perPoint);

afterAll(() => story.home.remove(), perPoint);

test('undisturbed, the story is one build and one rebase with different digests', () => {
  expect(story.undisturbed).toEqual([
    expect.stringMatching(/^1 CONFIG build True test\/one@sha256:/),
    expect.stringMatching(/^2 STACK rebase True test\/one@sha256:/),
  ]);
  expect(story.steps.length).toBeGreaterThan(40);
});

describe('killed before a step that changes the disk', () => {
  test.for([...Array(18).keys()])('point %i of 18', {timeout: 2 * perPoint}, async (point) => {
    await killAtStep(story, {point: 2 * point, of: 36, side: 'before'});
  });
});
