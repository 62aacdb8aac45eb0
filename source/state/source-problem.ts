// A source that was read once and cannot be looked at any more: what it was found to be stays true, and what was built stays.
import type {ImageRecord} from './state.ts';

export type SourceProblem = {
  /** Why the newest look failed. */
  readonly problem: string;
  /** Since when no look worked (milliseconds since the epoch); absent in a record of a version that did not keep it. */
  readonly since?: number;
  /** A sentence for a person. */
  readonly message: string;
};

/**
 * Nothing while looks work, and nothing for a source that was never read: then the image is held, and the hold says why. kpack keeps the old
 * resolution in the same way (`pkg/git/remote_git_resolver.go`).
 */
export function sourceProblem({source}: ImageRecord): SourceProblem | undefined {
  if (source?.resolved === undefined || source.problem === undefined) return undefined;
  const {problem, problemSince: since} = source;
  const message = `source cannot be read: ${problem}; what was built stays`;
  return {problem, message, ...(since === undefined ? {} : {since})};
}
