// When to look at a source next. Commits and archives of a git tag's kind do not move by themselves; branches, tags and
// local directories do (kpack polls branches and tags each minute, `sourceresolver/enqueuer.go`).
import type {Settings} from '../domain/event.ts';
import type {ImageRecord} from '../state/state.ts';

/** A look that failed is repeated after this long at the latest (milliseconds), whatever the polling interval. */
const retryAfterProblem = 10_000;

/**
 * The time of the next look (milliseconds since the epoch; at or before `now` means now), or undefined when the source
 * cannot change.
 */
export function nextLookAt(
  {image, source}: ImageRecord,
  look: {readonly generation: number; readonly at: number} | undefined,
  settings: Settings,
  now: number,
): number | undefined {
  const current = source?.generation === image.generation ? source : undefined;
  if (!look || look.generation !== image.generation) {
    // After a restart nothing has been looked at yet; a known commit needs no look.
    return current?.resolved?.type === 'Commit' && current.problem === undefined ? undefined : now;
  }
  const interval = image.spec.source.kind === 'git' ? settings.gitPollInterval : settings.localPollInterval;
  if (!current?.resolved || current.problem !== undefined) return look.at + Math.min(interval, retryAfterProblem);
  return current.resolved.type === 'Commit' ? undefined : look.at + interval;
}
