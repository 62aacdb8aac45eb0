// When a request is tried again: after a broken connection, 429 and the 5xx that pass, later each time and never all at once (RFC 9110 10.2.3
// Retry-After; jitter keeps a fleet from coming back in step).
import {RegistryError} from './registry-error.ts';

/** Milliseconds. A server that asks for more than `longestWait` is not waited for: the error says how long it asked for. */
export type RetryPolicy = {
  readonly attempts: number;
  readonly firstDelay: number;
  readonly longestDelay: number;
  readonly longestWait: number;
};

export const defaultRetryPolicy: RetryPolicy = {
  attempts: 5,
  firstDelay: 250,
  longestDelay: 10_000,
  longestWait: 60_000,
};

/** What waiting needs from outside: `sleep` ends early, with the signal's reason, when the signal fires; `random` gives 0 up to 1. */
export type Waiting = {
  readonly sleep: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
  readonly random: () => number;
};

/** Runs `attempt` until it succeeds, fails for good, or has had all its attempts; then the last error is thrown. */
export async function withRetries<T>(
  attempt: () => Promise<T>,
  {policy, waiting, signal}: {readonly policy: RetryPolicy; readonly waiting: Waiting; readonly signal?: AbortSignal},
): Promise<T> {
  for (let number = 1; ; number++) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      if (!isWorthRetrying(error, policy) || number >= policy.attempts) throw error;
      await waiting.sleep(delayBefore(number, error, policy, waiting.random), signal);
    }
  }
}

/** The wait in a Retry-After header in milliseconds, whether given in seconds or as a date; nothing when it cannot be read. */
export function parseRetryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const at = /[A-Za-z]/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

function isWorthRetrying(error: unknown, policy: RetryPolicy): error is RegistryError {
  return error instanceof RegistryError && error.retryable && (error.retryAfter ?? 0) <= policy.longestWait;
}

/** Between half and all of a delay that doubles, or what the server asked for and up to a tenth more. */
function delayBefore(number: number, error: RegistryError, policy: RetryPolicy, random: () => number): number {
  if (error.retryAfter !== undefined) return error.retryAfter * (1 + random() / 10);
  const whole = Math.min(policy.longestDelay, policy.firstDelay * 2 ** (number - 1));
  return whole * (0.5 + random() / 2);
}
