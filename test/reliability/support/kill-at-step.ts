// One point of the crash matrix: the controller dies right before or after one of its steps that change the disk.
import {existsSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {join} from 'node:path';
import {expect} from 'vitest';
import type {CrashStory} from './crash-story.ts';

/** The steps of the story are cut into `of` points; `point` counts from 0. */
export type KillPoint = {readonly point: number; readonly of: number; readonly side: 'before' | 'after'};

export async function killAtStep(story: CrashStory, {point, of, side}: KillPoint): Promise<void> {
  const index = Math.round((point / (of - 1)) * (story.steps.length - 1));
  const mark = join(story.home.files, `killed-${point}`);
  await story.reset();
  await story.startWith({KILL_AT: String(index + 1), KILL_SIDE: side, KILL_MARK: mark});
  await story.play();
  const where = existsSync(mark) ? await readFile(mark, 'utf8') : 'never';
  await story.expectGoodEnd(where);
  expect(where, 'the controller was killed').not.toBe('never');
}
