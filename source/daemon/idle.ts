// When a controller that was started on demand stops by itself: after nothing went on for a while.
import type {Clock} from '../ports/clock.ts';

export type Idleness =
  | {readonly kind: 'busy'}
  /** Nothing goes on since then; `stopAt` is when that has been long enough (both in milliseconds since the epoch). */
  | {readonly kind: 'idle'; readonly since: number; readonly stopAt: number}
  | {readonly kind: 'stop'; readonly since: number};

export type IdleWatch = {
  readonly clock: Clock;
  /** Milliseconds with nothing to do after which to stop. */
  readonly idleAfter: number;
  /** Whether a client is connected, something runs or is due, or a source or stack is polled or watched. */
  readonly isBusy: () => boolean;
  /** Called once. */
  readonly onIdle: () => void;
};

/** Looks at the activity now and then, and calls `onIdle` when there was none at any look for `idleAfter`; returns the way to stop. */
export function watchIdle({clock, idleAfter, isBusy, onIdle}: IdleWatch): () => void {
  const pause = Math.min(Math.max(idleAfter / 10, 50), 5000);
  let last: Idleness = {kind: 'busy'};
  let cancel: () => void;
  const look = (): void => {
    last = decideIdle(last, isBusy(), clock.now(), idleAfter);
    if (last.kind === 'stop') onIdle();
    else cancel = clock.after(last.kind === 'idle' ? Math.min(pause, last.stopAt - clock.now()) : pause, look);
  };
  cancel = clock.after(0, look);
  return () => cancel();
}

/** Folds one look into the last one. A clock that went back begins the wait anew. */
export function decideIdle(last: Idleness, busy: boolean, now: number, idleAfter: number): Idleness {
  if (busy) return {kind: 'busy'};
  const since = last.kind === 'busy' || last.since > now ? now : last.since;
  const stopAt = since + idleAfter;
  return now >= stopAt ? {kind: 'stop', since} : {kind: 'idle', since, stopAt};
}
