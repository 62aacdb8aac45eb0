// Calls a function at once and then at most once in an interval; the last call is never lost.

export type Paced = {readonly call: () => void; readonly cancel: () => void};

/** `run` at most once in `interval` milliseconds. */
export function paced(run: () => void, interval: number): Paced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let again = false;
  const rest = () => {
    timer = undefined;
    if (!again) return;
    again = false;
    call();
  };
  const call = () => {
    if (timer) {
      again = true;
      return;
    }
    timer = setTimeout(rest, interval);
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
