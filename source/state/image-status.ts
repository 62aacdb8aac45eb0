// The state of an image in one word, with the hold that explains it: derived from the decision, never stored.
import {newestSourceBuild, openBuild} from '../domain/baselines.ts';
import type {Build} from '../domain/build.ts';
import type {Decision, DueChange} from '../domain/decision.ts';
import type {Hold} from '../domain/hold.ts';
import {imageDecision} from './image-decision.ts';
import {type SourceProblem, sourceProblem} from './source-problem.ts';
import type {ImageRecord, State} from './state.ts';

export type ImageStateName = 'ready' | 'building' | 'queued' | 'failed' | 'held' | 'out-of-date' | 'unknown';

export type ImageStatus = {
  readonly state: ImageStateName;
  readonly hold?: Hold;
  readonly due: readonly DueChange[];
  readonly decision: Decision;
  /** Why its source cannot be looked at any more, which changes nothing about what was built. */
  readonly sourceProblem?: SourceProblem;
};

/** What the image is doing now, and why not more. */
export function imageStatus(record: ImageRecord, state: State): ImageStatus {
  const problem = sourceProblem(record);
  const status = statusOfDecision(record, state);
  return problem === undefined ? status : {...status, sourceProblem: problem};
}

function statusOfDecision(record: ImageRecord, state: State): ImageStatus {
  const decision = imageDecision(record, state);
  switch (decision.kind) {
    case 'running':
      return openBuild(record.builds)?.state === 'interrupted'
        ? {state: 'queued', due: [], decision, hold: waitingForSlot}
        : {state: 'building', due: [], decision};
    case 'up-to-date':
      return {state: 'ready', due: [], decision};
    case 'build':
    case 'rebase':
      return {state: 'queued', due: decision.due, decision, hold: waitingForSlot};
    case 'hold':
      return {state: heldState(decision, record), due: decision.due, decision, hold: decision.hold};
    default:
      return decision satisfies never;
  }
}

/** The newest build, whatever became of it. */
export function latestBuild(record: ImageRecord): Build | undefined {
  return record.builds.at(-1);
}

/** The newest successful build: what runs. */
export function latestSuccess(record: ImageRecord): Build | undefined {
  return record.builds.findLast((build) => build.state === 'succeeded');
}

const waitingForSlot: Hold = {kind: 'waiting-for-a-slot', message: 'waiting for a slot; other builds run first'};

function heldState({hold}: Extract<Decision, {kind: 'hold'}>, record: ImageRecord): ImageStateName {
  switch (hold.kind) {
    case 'last-build-failed':
      return 'failed';
    case 'ask':
    case 'patch':
      return sourceBuildFailed(record) ? 'failed' : 'out-of-date';
    case 'source-not-ready':
      return record.source?.problem === undefined ? 'unknown' : 'held';
    case 'cancelled':
    case 'paused':
      return sourceBuildFailed(record) ? 'failed' : 'held';
    case 'builder-not-found':
    case 'builder-not-ready':
    case 'loop':
    case 'waiting-for-a-slot':
    case 'executor-not-ready':
      return 'held';
    default:
      return hold.kind satisfies never;
  }
}

function sourceBuildFailed({builds}: ImageRecord): boolean {
  return newestSourceBuild(builds)?.state === 'failed';
}
