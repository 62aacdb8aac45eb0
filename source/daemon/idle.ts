// When a controller that was started on demand may stop by itself.

/** What goes on, as numbers. */
export type Activity = {
  readonly clients: number;
  /** Builds and rebases that run, and other commands under way. */
  readonly running: number;
  /** Decisions that wait for a slot or a retry. */
  readonly due: number;
  /** Sources and stacks that are polled or watched: after stopping, their changes would go unnoticed. */
  readonly watched: number;
};

export type Idleness =
  | {readonly kind: 'busy'; readonly why: string}
  /** Idle since then; look again at `stopAt` (both milliseconds on the caller's clock). */
  | {readonly kind: 'idle'; readonly since: number; readonly stopAt: number}
  | {readonly kind: 'stop'; readonly since: number};

/**
 * Folds one look at the activity into the last one: `stop` once nothing went on for `idleMilliseconds`. Call it whenever the
 * activity may have changed and at `stopAt`. Once it said `stop` it does so until something goes on again.
 */
export function decideIdle(
  last: Idleness | undefined,
  activity: Activity,
  now: number,
  idleMilliseconds: number,
): Idleness {
  const why = reasonToStay(activity);
  if (why !== undefined) return {kind: 'busy', why};
  const since = last === undefined || last.kind === 'busy' ? now : last.since;
  const stopAt = since + idleMilliseconds;
  return now >= stopAt ? {kind: 'stop', since} : {kind: 'idle', since, stopAt};
}

function reasonToStay({clients, running, due, watched}: Activity): string | undefined {
  if (clients > 0) return counted(clients, 'client is', 'clients are', 'connected');
  if (running > 0) return counted(running, 'build is', 'builds are', 'running');
  if (due > 0) return counted(due, 'image is', 'images are', 'waiting to be built');
  if (watched > 0) return counted(watched, 'source or stack is', 'sources and stacks are', 'watched');
  return undefined;
}

function counted(count: number, one: string, many: string, what: string): string {
  return `${count} ${count === 1 ? one : many} ${what}`;
}
