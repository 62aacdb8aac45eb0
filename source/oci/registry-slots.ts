// A number of places, taken and given back: how many exchanges are on the wire at once.

/** At most `size` users at a time; the others wait in the order they came. */
export class Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(size: number) {
    this.#free = Math.max(1, size);
  }

  /** Runs `work` in a slot. A signal that fires while waiting ends the wait with its reason. */
  async use<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.#take(signal);
    try {
      return await work();
    } finally {
      this.#release();
    }
  }

  #take(signal: AbortSignal | undefined): Promise<void> | void {
    signal?.throwIfAborted();
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    return new Promise((resolve, reject) => {
      const taken = (): void => {
        signal?.removeEventListener('abort', aborted);
        resolve();
      };
      const aborted = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(taken), 1);
        reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted', {cause: signal?.reason}));
      };
      signal?.addEventListener('abort', aborted, {once: true});
      this.#waiting.push(taken);
    });
  }

  /** Hands the slot on, or puts it back. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}
