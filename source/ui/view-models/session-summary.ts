// What happened while the dashboard was open: printed on the primary screen after it closed.
import {reasonText} from '../../domain/change.ts';
import type {Build} from '../../domain/build.ts';
import type {State} from '../../state/state.ts';
import {failureText} from './failure-lines.ts';
import {tookText} from './durations.ts';
import {outcomeText} from './phase-bar.ts';

/** One line for each build that ended since `since` or still runs, and the failure card of those that failed. */
export function sessionSummary(state: State, since: number): readonly string[] {
  return Object.values(state.images)
    .flatMap(({builds}) => builds)
    .filter((build) => build.finishedAt === undefined || build.finishedAt >= since)
    .toSorted((a, b) => (a.finishedAt ?? Infinity) - (b.finishedAt ?? Infinity) || a.image.localeCompare(b.image, 'en'))
    .flatMap(buildSummary);
}

function buildSummary(build: Build): readonly string[] {
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
      return [`✗ ${head} ${outcomeText(build)}`, ...failureText(build).map((line) => `    ${line}`)];
    default:
      return build.state satisfies never;
  }
}
