// When to look at a source next. Commits and archives of a git tag's kind do not move by themselves; branches, tags and
// local directories do (kpack polls branches and tags each minute, `sourceresolver/enqueuer.go`).
import type {Settings} from '../domain/event.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {ImageRecord} from '../state/state.ts';

/** A look that failed is repeated after this long at the latest (milliseconds), whatever the polling interval. */
const retryAfterProblem = 10_000;

/** A look at a source: for which spec, when it began, and how long it took once it ended (milliseconds). */
export type Look = {readonly generation: number; readonly at: number; readonly took?: number};

/** Scans of local directories may take one part in so many of the controller's time, however many images there are. */
const scanShare = 50;

/**
 * The interval between two scans of one local directory: what the settings say, stretched so that scanning all of them
 * stays cheap.
 */
export function localInterval(
  records: readonly ImageRecord[],
  looks: ReadonlyMap<string, Look>,
  settings: Settings,
): number {
  const local = records.filter(({image}) => image.spec.source.kind === 'local');
  const took = local.map(({image}) => looks.get(resourceKey(image.namespace, image.name))?.took ?? 0);
  const allScans = took.reduce((sum, milliseconds) => sum + milliseconds, 0);
  return Math.max(settings.localPollInterval, scanShare * allScans);
}

/**
 * The time of the next look (milliseconds since the epoch; at or before `now` means now), or undefined when the source
 * cannot change.
 */
export function nextLookAt(
  {image, source}: ImageRecord,
  look: Look | undefined,
  intervals: {readonly git: number; readonly local: number},
  now: number,
): number | undefined {
  const current = source?.generation === image.generation ? source : undefined;
  if (!look || look.generation !== image.generation) {
    // After a restart nothing has been looked at yet; a known commit needs no look.
    return current?.resolved?.type === 'Commit' && current.problem === undefined ? undefined : now;
  }
  const interval = intervals[image.spec.source.kind];
  if (!current?.resolved || current.problem !== undefined) return look.at + Math.min(interval, retryAfterProblem);
  return current.resolved.type === 'Commit' ? undefined : look.at + interval;
}
