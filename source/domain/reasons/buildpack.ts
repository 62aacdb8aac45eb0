// BUILDPACK: the builder no longer has, at that version, a buildpack that the newest successful image was built with.
import type {Build} from '../build.ts';
import type {BuildpackRef} from '../buildpack.ts';
import type {DueChange} from '../decision.ts';

/**
 * Due when a buildpack the baseline used is missing from the builder (kpack `buildpackChange`). New or unused buildpacks
 * change nothing. `old` is sorted by id; `new` is literally null.
 */
export function buildpackChange(
  baseline: Build | undefined,
  available: readonly BuildpackRef[],
  since: number,
): DueChange | undefined {
  const missing = (baseline?.result?.buildpacks ?? []).filter(
    (used) => !available.some(({id, version}) => id === used.id && version === used.version),
  );
  if (missing.length === 0) return undefined;
  const old = missing.map(({id, version}) => ({id, version})).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return {change: {reason: 'BUILDPACK', old, new: null}, since};
}
