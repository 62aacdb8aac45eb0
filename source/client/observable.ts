// A value that can be watched.

export type Observable<T> = {
  readonly read: () => T;
  /** Returns the way to stop. */
  readonly subscribe: (changed: () => void) => () => void;
};

export type Settable<T> = Observable<T> & {readonly set: (value: T) => void};

/** Listeners are called after every `set` to another value. */
export function createObservable<T>(first: T): Settable<T> {
  let value = first;
  const listeners = new Set<{readonly changed: () => void}>();
  return {
    read: () => value,
    subscribe(changed) {
      const listener = {changed};
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const {changed} of listeners) changed();
    },
  };
}
