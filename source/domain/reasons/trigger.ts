// TRIGGER: somebody asked for a build.
import type {DueChange} from '../decision.ts';

/** Due when a trigger is pending that no build has taken up (kpack: annotation `additionalBuildNeeded`). */
export function triggerChange(
  trigger: {readonly at: number; readonly message: string} | undefined,
): DueChange | undefined {
  if (!trigger) return undefined;
  return {change: {reason: 'TRIGGER', old: '', new: trigger.message}, since: trigger.at};
}
