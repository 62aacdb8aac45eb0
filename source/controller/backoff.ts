// How long to leave a command alone after it broke: doubling, so that a full disk is not asked a thousand times a second.

const first = 500;
const longest = 60_000;

export type Backoff = {
  /** Milliseconds until the command may be given again; 0 when it may be given now. */
  remaining(key: string, now: number): number;
  failed(key: string, now: number): void;
  succeeded(key: string): void;
};

/** A backoff that starts at half a second and doubles up to a minute. */
export function createBackoff(): Backoff {
  const failures = new Map<string, {readonly times: number; readonly until: number}>();
  return {
    remaining: (key, now) => Math.max(0, (failures.get(key)?.until ?? 0) - now),
    failed(key, now) {
      const times = (failures.get(key)?.times ?? 0) + 1;
      failures.set(key, {times, until: now + Math.min(longest, first * 2 ** (times - 1))});
    },
    succeeded: (key) => void failures.delete(key),
  };
}
