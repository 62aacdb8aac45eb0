// COMMIT: the source is at another revision than the newest build that ran it.
import type {Build} from '../build.ts';
import type {DueChange} from '../decision.ts';
import type {ResolvedSource} from '../source.ts';

/**
 * Due when baseline and source are of one kind and their revisions differ (kpack `commitChange`); a local directory's
 * content digest is a revision too. A source of another kind is CONFIG.
 */
export function commitChange(
  baseline: Build | undefined,
  source: ResolvedSource,
  since: number,
): DueChange | undefined {
  if (!baseline || baseline.inputs.source.kind !== source.kind) return undefined;
  const old = baseline.inputs.source.revision;
  if (old === source.revision) return undefined;
  return {change: {reason: 'COMMIT', old, new: source.revision}, since};
}
