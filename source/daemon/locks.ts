// One at a time per key: two writers of one layout would lose a name.

export type Locks = {
  /** Runs the task when every task held before it under the same key has ended. */
  hold<T>(key: string, task: () => Promise<T>): Promise<T>;
};

/** Locks within this process; the controller's lock file keeps other processes out. */
export function createLocks(): Locks {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async hold(key, task) {
      const before = tails.get(key) ?? Promise.resolve();
      const mine = before.then(task, task);
      const settled = mine.then(
        () => undefined,
        () => undefined,
      );
      tails.set(key, settled);
      try {
        return await mine;
      } finally {
        if (tails.get(key) === settled) tails.delete(key);
      }
    },
  };
}
