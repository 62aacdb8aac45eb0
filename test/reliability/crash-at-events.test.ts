// A controller killed as soon as a client hears of an event, at every kind of event of a build and a rebase.
import {afterAll, beforeAll, describe, expect, test} from 'vitest';
import {aCrashStory, type CrashStory, perPoint} from './support/crash-story.ts';

let story: CrashStory;

beforeAll(async () => {
  story = await aCrashStory();
}, perPoint);

afterAll(() => story.home.remove(), perPoint);

describe('killed when an event is seen', () => {
  const kinds = [
    ['image.saved', 1],
    ['source.resolved', 1],
    ['build.started', 1],
    ['phase.started', 1],
    ['phase.finished', 1],
    ['buildpacks.detected', 1],
    ['phase.started', 3],
    ['buildpack.started', 1],
    ['buildpack.finished', 1],
    ['phase.started', 6],
    ['layer.recorded', 1],
    ['layer.recorded', 6],
    ['phase.finished', 6],
    ['build.succeeded', 1],
    ['image.saved', 2],
    ['build.started', 2],
    ['phase.finished', 7],
    ['phase.started', 8],
    ['build.succeeded', 2],
  ] as const;
  test.for(kinds)('%s number %i', {timeout: 2 * perPoint}, async ([kind, which]) => {
    await story.reset();
    await story.startWith({});
    const killing = story.killAt(kind, which);
    await story.play();
    expect(await killing, 'the controller was killed').toBe(true);
    await story.expectGoodEnd(`after ${kind} ${which}`);
  });
});
