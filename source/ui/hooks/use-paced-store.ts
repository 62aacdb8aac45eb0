// Reads a store that may change hundreds of times a second, and draws at most once in an interval.
import {useMemo, useSyncExternalStore} from 'react';
import {paced} from './paced.ts';

export type Store<T> = {
  readonly read: () => T;
  readonly subscribe: (changed: () => void) => () => void;
};

/** The store's value; changes closer together than `interval` milliseconds are drawn together. */
export function usePacedStore<T>(store: Store<T>, interval: number): T {
  const slow = useMemo(() => pacedStore(store, interval), [store, interval]);
  return useSyncExternalStore(slow.subscribe, slow.read);
}

function pacedStore<T>(store: Store<T>, interval: number): Store<T> {
  let value = store.read();
  return {
    read: () => value,
    subscribe(changed) {
      const tell = paced(
        () => {
          const next = store.read();
          if (next === value) return;
          value = next;
          changed();
        },
        {interval},
      );
      const stop = store.subscribe(tell.call);
      tell.call();
      return () => {
        stop();
        tell.cancel();
      };
    },
  };
}
