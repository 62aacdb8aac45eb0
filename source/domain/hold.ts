// Why nothing happens yet, and on what it waits. Every image that is neither building nor up to date has one.

export type HoldKind =
  | 'paused'
  | 'cancelled'
  | 'last-build-failed'
  | 'builder-not-found'
  | 'builder-not-ready'
  | 'source-not-ready'
  | 'loop'
  | 'ask'
  | 'patch'
  | 'waiting-for-a-slot'
  | 'executor-not-ready';

export type Hold = {
  readonly kind: HoldKind;
  /** A sentence a person reads: what it waits on and what would end the wait. */
  readonly message: string;
};
