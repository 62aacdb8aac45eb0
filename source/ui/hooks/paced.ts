// Calls a function at once and then at most once in an interval; the last call is never lost.

export type Paced = {readonly call: () => void; readonly cancel: () => void};

export type Pace = {
  /** Milliseconds between two calls at least. */
  readonly interval: number;
  /** What follows from a call may keep the program busy for at most this share of the time; calls come further apart then. */
  readonly share?: number;
};

/** Nobody waits longer than this for what is new. */
const longestInterval = 200;

/** `run` at most once in an interval. */
export function paced(run: () => void, {interval, share}: Pace): Paced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  let cost = 0;
  const rest = () => {
    timer = undefined;
    if (!again) return;
    again = false;
    call();
  };
  /** What a call sets going is drawn before the next turn: until then the program is busy with it. */
  const measure = () => {
    const began = performance.now();
    setTimeout(() => {
      cost = (cost + performance.now() - began) / 2;
    }, 0);
  };
  const call = () => {
    if (timer) {
      again = true;
      return;
    }
    const pause = share === undefined ? interval : Math.min(longestInterval, Math.max(interval, cost / share));
    timer = setTimeout(rest, pause);
    if (share !== undefined) measure();
    run();
  };
  return {
    call,
    cancel() {
      clearTimeout(timer);
      timer = undefined;
      again = false;
    },
  };
}
