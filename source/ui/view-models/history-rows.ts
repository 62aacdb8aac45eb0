// The builds of an image as a table, newest first.
import type {Build, BuildState} from '../../domain/build.ts';
import {reasonText} from '../../domain/change.ts';
import {elapsedText, momentText, tookText} from './durations.ts';
import {shortDigest} from './names.ts';

export type HistoryRow = {
  readonly number: number;
  readonly state: BuildState;
  readonly status: string;
  readonly reason: string;
  readonly started: string;
  readonly took: string;
  readonly image: string;
};

/** The rows of BUILD STATUS REASON STARTED TOOK IMAGE. */
export function historyRows(builds: readonly Build[], now: number): readonly HistoryRow[] {
  return builds.toReversed().map((build) => ({
    number: build.number,
    state: build.state,
    status: statusWords[build.state],
    reason: reasonText(build.changes),
    started: momentText(build.startedAt, now),
    took:
      build.finishedAt === undefined
        ? elapsedText(now - build.startedAt)
        : tookText(build.finishedAt - build.startedAt),
    image: build.result ? shortDigest(build.result.digest) : '',
  }));
}

/** kp's words for the state of a build. */
const statusWords: Readonly<Record<BuildState, string>> = {
  running: 'BUILDING',
  interrupted: 'INTERRUPTED',
  succeeded: 'SUCCESS',
  failed: 'FAILURE',
  cancelled: 'CANCELLED',
};
