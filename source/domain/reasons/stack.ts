// STACK: the builder's stack has another run image than the one the newest successful image stands on.
import type {Build} from '../build.ts';
import type {DueChange} from '../decision.ts';

/** Due when the run image digests differ (kpack `stackChange`). A changed build image alone changes nothing. */
export function stackChange(baseline: Build | undefined, runImageDigest: string, since: number): DueChange | undefined {
  const old = baseline?.result?.runImage.digest;
  if (old === undefined || old === runImageDigest) return undefined;
  return {change: {reason: 'STACK', old, new: runImageDigest}, since};
}
