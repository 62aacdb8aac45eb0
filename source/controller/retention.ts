// Which builds leave the history. Numbers never restart, and what decisions compare with is never pruned.
import {newestSourceBuild, newestSuccess} from '../domain/baselines.ts';
import {type Build, buildIsOpen} from '../domain/build.ts';
import type {ImageRecord} from '../state/state.ts';

/**
 * Builds beyond the image's limits, oldest first: successes and failures (cancelled builds among them) are counted apart,
 * as kpack counts them. The newest success and the newest build that ran the source always stay.
 */
export function prunableBuilds(record: ImageRecord): readonly Build[] {
  const {successBuildHistoryLimit, failedBuildHistoryLimit} = record.image.spec;
  const kept = new Set([newestSourceBuild(record.builds), newestSuccess(record.builds)]);
  const ended = record.builds.filter((build) => !buildIsOpen(build));
  const succeeded = ended.filter(({state}) => state === 'succeeded');
  const failed = ended.filter(({state}) => state !== 'succeeded');
  return [
    ...succeeded.slice(0, Math.max(0, succeeded.length - successBuildHistoryLimit)),
    ...failed.slice(0, Math.max(0, failed.length - failedBuildHistoryLimit)),
  ].filter((build) => !kept.has(build));
}
