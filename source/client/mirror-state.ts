// The client's copy of the state: a snapshot, then every event folded in by the same reducer as the controller's.
import type {RecordedEvent} from '../domain/event.ts';
import {reduceAll} from '../state/reduce.ts';
import {emptyState, type State} from '../state/state.ts';
import {createObservable, type Observable} from './observable.ts';

export type StateMirror = {
  readonly state: Observable<State>;
  replace(state: State): void;
  /** Folds events in; those it has already are passed over. Throws LostEvents when some are missing before them. */
  apply(events: readonly RecordedEvent[]): void;
  /** Resolves when the state contains the event of this number. */
  reached(sequence: number): Promise<void>;
  /** Rejects everyone who waits. */
  rejectAll(error: Error): void;
};

/** What came cannot be folded in: the mirror needs a new snapshot. */
export class LostEvents extends Error {
  constructor(cause: unknown) {
    super(`the events that came do not follow on: ${cause instanceof Error ? cause.message : String(cause)}`, {cause});
    this.name = 'LostEvents';
  }
}

export function createStateMirror(): StateMirror {
  const state = createObservable(emptyState);
  let waiting: Waiter[] = [];

  const set = (next: State): void => {
    state.set(next);
    const reached = waiting.filter(({sequence}) => sequence <= next.sequence);
    if (reached.length === 0) return;
    waiting = waiting.filter(({sequence}) => sequence > next.sequence);
    for (const {resolve} of reached) resolve();
  };

  return {
    state,
    replace: set,
    apply: (events) => set(folded(state.read(), events)),
    async reached(sequence) {
      if (sequence <= state.read().sequence) return;
      await new Promise<void>((resolve, reject) => {
        waiting = [...waiting, {sequence, resolve, reject}];
      });
    },
    rejectAll(error) {
      const all = waiting;
      waiting = [];
      for (const {reject} of all) reject(error);
    },
  };
}

function folded(state: State, events: readonly RecordedEvent[]): State {
  try {
    return reduceAll(state, events);
  } catch (error) {
    throw new LostEvents(error);
  }
}

type Waiter = {
  readonly sequence: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
};
