// Which builds leave the history. Numbers never restart, and what decisions compare with is never pruned.
import {newestSourceBuild, newestSuccess, repeatedChange} from '../domain/baselines.ts';
import {type Build, buildIsOpen} from '../domain/build.ts';
import type {ImageRecord} from '../state/state.ts';

/**
 * Builds beyond the image's limits, oldest first: successes and failures (cancelled builds among them) are counted apart,
 * as kpack counts them. The newest success and the newest build that ran the source always stay, and so does the success
 * before while both were made for the same change: it is how a loop is seen.
 */
export function prunableBuilds(record: ImageRecord): readonly Build[] {
  const {successBuildHistoryLimit, failedBuildHistoryLimit} = record.image.spec;
  const kept = new Set([newestSourceBuild(record.builds), newestSuccess(record.builds), loopWitness(record.builds)]);
  const ended = record.builds.filter((build) => !buildIsOpen(build));
  const succeeded = ended.filter(({state}) => state === 'succeeded');
  const failed = ended.filter(({state}) => state !== 'succeeded');
  return [
    ...succeeded.slice(0, Math.max(0, succeeded.length - successBuildHistoryLimit)),
    ...failed.slice(0, Math.max(0, failed.length - failedBuildHistoryLimit)),
  ].filter((build) => !kept.has(build));
}

function loopWitness(builds: readonly Build[]): Build | undefined {
  const newest = newestSuccess(builds);
  if (!newest || !repeatedChange(builds, newest.changes)) return undefined;
  return newestSuccess(builds.filter((build) => build !== newest));
}
