// Lets a number of jobs run at a time: the cases are processes of their own, and the machine that runs them may have two cores.

/** A function that runs what it is given, `size` at a time, the others waiting in order. */
export function createLimit(size: number): <T>(job: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (job) => {
    if (running >= size) await new Promise<void>((resolve) => waiting.push(resolve));
    running += 1;
    try {
      return await job();
    } finally {
      running -= 1;
      waiting.shift()?.();
    }
  };
}
