// Several pieces of work at the same time, as one: when one fails the others are told to stop, and nothing is left running behind.

/**
 * Runs `work` for every value, at most `limit` at once, and gives the results in order. The first failure aborts the others through the signal
 * they were given, is waited out, and is what this rejects with.
 */
export async function atOnce<T, R>(
  values: readonly T[],
  {limit, signal}: {readonly limit: number; readonly signal?: AbortSignal | undefined},
  work: (value: T, signal: AbortSignal) => Promise<R>,
): Promise<readonly R[]> {
  const stop = new AbortController();
  const combined = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
  const results: R[] = [];
  const failures: unknown[] = [];
  let next = 0;
  const run = async (): Promise<void> => {
    while (next < values.length && failures.length === 0) {
      const index = next++;
      try {
        combined.throwIfAborted();
        results[index] = await work(values[index] as T, combined);
      } catch (error) {
        failures.push(error);
        stop.abort(new Error('another part failed', {cause: error}));
      }
    }
  };
  await Promise.all(Array.from({length: Math.min(limit, values.length)}, run));
  signal?.throwIfAborted();
  if (failures.length > 0) throw failures[0];
  return results;
}
