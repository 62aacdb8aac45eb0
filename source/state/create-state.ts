// Holds the one state: dispatch events into it, read it, subscribe to it.
import type {RecordedEvent} from '../domain/event.ts';
import {reduceAll} from './reduce.ts';
import type {State} from './state.ts';

export type StateHolder = {
  read(): State;
  /** Folds events in and tells the subscribers once. */
  dispatch(events: readonly RecordedEvent[]): void;
  /** Puts a whole state in its place (a snapshot received after a reconnect). */
  replace(state: State): void;
  subscribe(changed: () => void): () => void;
};

/** A holder that starts from the given state. */
export function createState(initial: State): StateHolder {
  let state = initial;
  const subscribers = new Set<() => void>();
  const change = (next: State) => {
    if (next === state) return;
    state = next;
    for (const subscriber of subscribers) subscriber();
  };
  return {
    read: () => state,
    dispatch: (events) => change(reduceAll(state, events)),
    replace: change,
    subscribe(changed) {
      subscribers.add(changed);
      return () => subscribers.delete(changed);
    },
  };
}
