// Lets work on one thing happen one after another, and work on different things side by side.

export type InTurn = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** A function that runs `work` once everything given earlier for the same key has ended, however it ended. */
export function createInTurn(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const before = last.get(key);
    const mine = (async () => {
      await before;
      return work();
    })();
    // What waits for this one waits for its end only; its failure belongs to whoever asked for it.
    const ended = mine.then(nothing, nothing);
    last.set(key, ended);
    try {
      return await mine;
    } finally {
      if (last.get(key) === ended) last.delete(key);
    }
  };
}

function nothing(): void {}
