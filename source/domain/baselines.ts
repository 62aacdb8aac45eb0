// The two builds that a decision compares with, and the guards that look back a little further.
import {buildIsOpen, type Build} from './build.ts';
import {canonicalText} from './canonical-text.ts';
import {type Change, isUserMade} from './change.ts';

/**
 * The newest build that ran the source: a success, a failure or a cancelled build, never a rebase. COMMIT and CONFIG
 * compare with it.
 */
export function newestSourceBuild(builds: readonly Build[]): Build | undefined {
  return builds.findLast((build) => build.strategy === 'build' && !buildIsOpen(build));
}

/** The newest successful build, rebases included. BUILDPACK, STACK and LIFECYCLE compare with it. */
export function newestSuccess(builds: readonly Build[]): Build | undefined {
  return builds.findLast((build) => build.state === 'succeeded');
}

/** A build that runs, or that a crash interrupted and that will run again. */
export function openBuild(builds: readonly Build[]): Build | undefined {
  return builds.findLast(buildIsOpen);
}

/**
 * The maintenance change among `due` that the two newest successful builds both were made for: doing it again would be a
 * loop. What a person changes is never one, not even back and forth.
 */
export function repeatedChange(builds: readonly Build[], due: readonly Change[]): Change | undefined {
  const [newest, previous] = builds
    .filter((build) => build.state === 'succeeded')
    .slice(-2)
    .toReversed();
  if (!newest || !previous) return undefined;
  return due.find((change) => !isUserMade(change.reason) && carries(newest, change) && carries(previous, change));
}

/** Whether the build was made for exactly this change. */
export function carries(build: Build, change: Change): boolean {
  const wanted = canonicalText(change);
  return build.changes.some((candidate) => canonicalText(candidate) === wanted);
}
