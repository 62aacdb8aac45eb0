// Holds what comes to it until the test lets it through.

export type Gate = {
  /** Waits until the gate is opened for this name or for all. */
  pass(name: string): Promise<void>;
  /** Resolves when something of that name waits. */
  arrived(name: string): Promise<void>;
  open(name: string): void;
  openAll(): void;
  waiting(): readonly string[];
};

/** A closed gate. */
export function aGate(): Gate {
  const waiting = new Map<string, () => void>();
  const opened = new Set<string>();
  const watchers = new Set<() => void>();
  let all = false;
  return {
    async pass(name) {
      if (all || opened.has(name)) return;
      await new Promise<void>((resolve) => {
        waiting.set(name, resolve);
        for (const watcher of watchers) watcher();
      });
      waiting.delete(name);
    },
    arrived: (name) =>
      new Promise((resolve) => {
        const look = () => {
          if (!waiting.has(name)) return;
          watchers.delete(look);
          resolve();
        };
        watchers.add(look);
        look();
      }),
    open(name) {
      opened.add(name);
      waiting.get(name)?.();
    },
    openAll() {
      all = true;
      for (const resolve of waiting.values()) resolve();
    },
    waiting: () => [...waiting.keys()].toSorted(),
  };
}
