// How many images are in which state: the header, and the card of a screen too small for anything else.
import {type ImageStateName, imageStatus} from '../../state/image-status.ts';
import type {State} from '../../state/state.ts';
import type {Glyphs, Role} from '../theme/theme.ts';

export type StateCount = {readonly state: ImageStateName; readonly count: number; readonly words: string};

/** The counts that are not zero, the most urgent first. */
export function imageCounts(state: State): readonly StateCount[] {
  const counts = new Map<ImageStateName, number>();
  for (const record of Object.values(state.images)) {
    const name = imageStatus(record, state).state;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return stateOrder.flatMap((name) => {
    const count = counts.get(name) ?? 0;
    return count === 0 ? [] : [{state: name, count, words: stateWords[name]}];
  });
}

/** The most urgent first. */
export const stateOrder: readonly ImageStateName[] = [
  'failed',
  'building',
  'queued',
  'out-of-date',
  'held',
  'unknown',
  'ready',
];

export const stateWords: Readonly<Record<ImageStateName, string>> = {
  ready: 'ready',
  building: 'building',
  queued: 'queued',
  failed: 'failed',
  held: 'held',
  'out-of-date': 'out of date',
  unknown: 'unknown',
};

/** The role that an image's state is painted in. */
export function stateRole(state: ImageStateName): Role {
  switch (state) {
    case 'building':
      return 'running';
    case 'unknown':
      return 'held';
    case 'ready':
    case 'queued':
    case 'failed':
    case 'held':
    case 'out-of-date':
      return state;
    default:
      return state satisfies never;
  }
}

/** The glyph that says an image's state without colour. */
export function stateGlyph(state: ImageStateName, glyphs: Glyphs): string {
  switch (state) {
    case 'building':
      return glyphs.running;
    case 'out-of-date':
      return glyphs.outOfDate;
    case 'ready':
    case 'queued':
    case 'failed':
    case 'held':
    case 'unknown':
      return glyphs[state];
    default:
      return state satisfies never;
  }
}
