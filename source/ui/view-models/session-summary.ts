// What happened while the dashboard was open: printed on the primary screen after it closed.
import {reasonText} from '../../domain/change.ts';
import type {Build} from '../../domain/build.ts';
import type {State} from '../../state/state.ts';
import {cleanLogText} from './log-text.ts';
import {failureText} from './failure-lines.ts';
import {tookText} from './durations.ts';
import {outcomeText} from './phase-bar.ts';

export type SessionSummary = {
  readonly lines: readonly string[];
  /** A build that ended meanwhile is its image's newest, and failed. */
  readonly failed: boolean;
};

/**
 * One line for each build that ended since `since` or still runs, and the failure card of those that failed, with the end of
 * their logs by `namespace/image/number`.
 */
export function sessionSummary(
  state: State,
  since: number,
  tails: ReadonlyMap<string, readonly string[]> = new Map(),
): SessionSummary {
  const builds = endedOrRunning(state, since);
  const failed = summarizedFailures(state, since).some(
    ({namespace, image, number}) => state.images[`${namespace}/${image}`]?.builds.at(-1)?.number === number,
  );
  return {lines: builds.flatMap((build) => buildSummary(build, tails)), failed};
}

/** The builds that failed since `since`. */
export function summarizedFailures(state: State, since: number): readonly Build[] {
  return endedOrRunning(state, since).filter((build) => build.state === 'failed');
}

function endedOrRunning(state: State, since: number): readonly Build[] {
  return Object.values(state.images)
    .flatMap(({builds}) => builds)
    .filter((build) => build.finishedAt === undefined || build.finishedAt >= since)
    .toSorted(
      (a, b) => (a.finishedAt ?? Infinity) - (b.finishedAt ?? Infinity) || a.image.localeCompare(b.image, 'en'),
    );
}

function buildSummary(build: Build, tails: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const tail = tails.get(`${build.namespace}/${build.image}/${build.number}`) ?? [];
  const head = `${build.image} build ${build.number} ${reasonText(build.changes)}`;
  const took = build.finishedAt === undefined ? '' : tookText(build.finishedAt - build.startedAt);
  switch (build.state) {
    case 'running':
    case 'interrupted':
      return [`… ${head} goes on in the controller`];
    case 'succeeded':
      return [`✓ ${head} ${took} ${build.result?.digest ?? ''}`.trimEnd()];
    case 'cancelled':
      return [`■ ${head} cancelled after ${took}`];
    case 'failed':
      return [
        `✗ ${head} ${outcomeText(build)}`,
        ...failureText(build).map((line) => `    ${line}`),
        ...tail.map((line) => `    │ ${cleanLogText(line, false)}`),
      ];
    default:
      return build.state satisfies never;
  }
}
