// What kpack would say about an image: its Ready condition, derived from the decision (kpack `reconcile_build.go`).
import type {Build} from '../../domain/build.ts';
import type {Hold} from '../../domain/hold.ts';
import {imageStatus, latestBuild} from '../../state/image-status.ts';
import type {ImageRecord, State} from '../../state/state.ts';

export type ReadyCondition = {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
};

/** The condition as the image stands now. */
export function readyCondition(record: ImageRecord, state: State): ReadyCondition {
  const {decision} = imageStatus(record, state);
  switch (decision.kind) {
    case 'running':
      return unknown('BuildRunning', `Build '${record.image.name}-build-${decision.number}' is executing`);
    case 'build':
    case 'rebase':
      return unknown('BuildRunning', 'a build is about to start');
    case 'up-to-date':
      return {status: 'True', reason: 'UpToDate', message: 'Last build succeeded'};
    case 'hold':
      return heldCondition(decision.hold, record);
    default:
      return decision satisfies never;
  }
}

function heldCondition(hold: Hold, record: ImageRecord): ReadyCondition {
  switch (hold.kind) {
    case 'builder-not-found':
      return no('BuilderNotFound', hold.message);
    case 'builder-not-ready':
    case 'executor-not-ready':
      return no('BuilderNotReady', hold.message);
    case 'source-not-ready':
      return unknown('ResolverNotReady', hold.message);
    case 'last-build-failed':
    case 'cancelled':
      return no('BuildFailed', hold.message);
    case 'paused':
    case 'ask':
    case 'patch':
    case 'loop':
    case 'waiting-for-a-slot':
      return asLastBuild(hold, latestBuild(record));
    default:
      return hold.kind satisfies never;
  }
}

/** What waits for consent changes nothing about what runs. */
function asLastBuild(hold: Hold, build: Build | undefined): ReadyCondition {
  if (build === undefined) return unknown('UnknownState', hold.message);
  if (build.state === 'succeeded') return {status: 'True', reason: 'UpToDate', message: hold.message};
  return no('BuildFailed', hold.message);
}

function unknown(reason: string, message: string): ReadyCondition {
  return {status: 'Unknown', reason, message};
}

function no(reason: string, message: string): ReadyCondition {
  return {status: 'False', reason, message};
}
