// How long to leave a command alone that broke or changed nothing: doubling, so that a full disk is not asked a thousand
// times a second.

const first = 500;
const longest = 60_000;

export type Backoff = {
  /** The commands that are to be left alone now, with the time until which (milliseconds since the epoch). */
  resting(now: number): ReadonlyMap<string, number>;
  failed(key: string, now: number): void;
  succeeded(key: string): void;
};

/** A backoff that starts at half a second and doubles up to a minute. */
export function createBackoff(): Backoff {
  const failures = new Map<string, {readonly times: number; readonly until: number}>();
  return {
    resting: (now) => new Map([...failures].filter(([, {until}]) => until > now).map(([key, {until}]) => [key, until])),
    failed(key, now) {
      for (const [other, {until}] of failures) if (until + longest < now) failures.delete(other);
      const times = (failures.get(key)?.times ?? 0) + 1;
      failures.set(key, {times, until: now + Math.min(longest, first * 2 ** (times - 1))});
    },
    succeeded: (key) => void failures.delete(key),
  };
}
