// Synchronous file calls are several times cheaper than asynchronous ones for trees of small files; this keeps them from holding the
// event loop.
import {setImmediate} from 'node:timers/promises';

/** How long synchronous work may hold the event loop, in milliseconds. */
const slice = 8;

/** A function to await between two small pieces of work: it lets the event loop turn when it is time, and throws when aborted. */
export function createBreathe(signal: AbortSignal): () => Promise<void> | undefined {
  signal.throwIfAborted();
  let since = performance.now();
  return () => {
    if (performance.now() - since < slice) return undefined;
    return (async () => {
      await setImmediate();
      signal.throwIfAborted();
      since = performance.now();
    })();
  };
}
