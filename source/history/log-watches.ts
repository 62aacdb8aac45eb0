// Calls watchers of a log after it changed: never inside the write that changed it, and at most twenty times a second.

export type LogWatches = {
  add(path: string, changed: () => void): () => void;
  changed(path: string): void;
  close(): void;
};

const pause = 50;

/** The first change is told at once (in a later turn), those of the following 50 ms together after them. */
export function createLogWatches(): LogWatches {
  const watches = new Map<string, Watch>();

  const tell = (watch: Watch): void => {
    watch.timer = undefined;
    watch.toldAt = performance.now();
    for (const listener of watch.listeners) listener.changed();
  };

  return {
    add(path, changed) {
      const watch = watches.get(path) ?? {listeners: new Set(), toldAt: Number.NEGATIVE_INFINITY, timer: undefined};
      const listener = {changed};
      watches.set(path, watch);
      watch.listeners.add(listener);
      return () => {
        watch.listeners.delete(listener);
        if (watch.listeners.size > 0) return;
        clearTimeout(watch.timer);
        if (watches.get(path) === watch) watches.delete(path);
      };
    },
    changed(path) {
      const watch = watches.get(path);
      if (watch === undefined || watch.timer !== undefined) return;
      watch.timer = setTimeout(() => tell(watch), Math.max(0, watch.toldAt + pause - performance.now()));
    },
    close() {
      for (const watch of watches.values()) clearTimeout(watch.timer);
      watches.clear();
    },
  };
}

type Watch = {
  readonly listeners: Set<{readonly changed: () => void}>;
  toldAt: number;
  timer: NodeJS.Timeout | undefined;
};
