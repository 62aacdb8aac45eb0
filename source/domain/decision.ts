// What is to be done about one image, with the reasons that make it due.
import type {Change} from './change.ts';
import type {Hold} from './hold.ts';

/** A change and since when it has been due (milliseconds since the epoch): oldest first in the queue. */
export type DueChange = {readonly change: Change; readonly since: number};

export type Decision =
  | {readonly kind: 'build'; readonly due: readonly DueChange[]}
  | {readonly kind: 'rebase'; readonly due: readonly DueChange[]}
  | {readonly kind: 'up-to-date'}
  /** A build of the image runs; what changes meanwhile is looked at when it ends. */
  | {readonly kind: 'running'; readonly number: number}
  | {readonly kind: 'hold'; readonly hold: Hold; readonly due: readonly DueChange[]};
