// A controller killed again and again by the clock, while a build and a rebase try to get through.
import {setTimeout as pause} from 'node:timers/promises';
import {afterAll, beforeAll, describe, test} from 'vitest';
import {aCrashStory, type CrashStory, perPoint} from './support/crash-story.ts';

let story: CrashStory;

beforeAll(async () => {
  story = await aCrashStory();
}, perPoint);

afterAll(() => story.home.remove(), perPoint);

describe('killed again and again by the clock', () => {
  test.for([3, 17, 40, 90, 150, 230, 310, 420])(
    'every %i ms after its start, longer each time',
    {timeout: 2 * perPoint},
    async (first) => {
      await story.reset();
      await story.home.ok('controller', 'start');
      const over = new AbortController();
      const killing = (async () => {
        for (let after = first; !over.signal.aborted && after < 20_000; after = after * 1.6 + 60) {
          await pause(after);
          if (!over.signal.aborted) await story.home.killController();
        }
      })();
      await story.play();
      over.abort();
      await killing;
      await story.expectGoodEnd(`by the clock, ${first} ms`);
    },
  );
});
