// LIFECYCLE: the executor's lifecycle has another version than the one that made the newest successful image.
import type {Build} from '../build.ts';
import type {ExecutorKind} from '../builder.ts';
import type {DueChange} from '../decision.ts';

/** Due when versions of one executor differ; a change of executor is CONFIG, not LIFECYCLE. */
export function lifecycleChange(
  baseline: Build | undefined,
  lifecycle: {readonly executor: ExecutorKind; readonly version: string},
  since: number,
): DueChange | undefined {
  if (!baseline?.result || baseline.inputs.executor !== lifecycle.executor) return undefined;
  const old = baseline.result.lifecycleVersion;
  if (old === lifecycle.version) return undefined;
  return {change: {reason: 'LIFECYCLE', old, new: lifecycle.version}, since};
}
