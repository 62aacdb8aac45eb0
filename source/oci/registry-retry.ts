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

export type RetryOptions = {
  readonly policy: RetryPolicy;
  readonly waiting: Waiting;
  readonly signal?: AbortSignal;
  readonly progress?: () => number;
};

/**
 * Runs `attempt` until it succeeds, fails for good, or has failed too often; then the last error is thrown. An attempt after which `progress`
 * has grown starts the count anew.
 */
export async function withRetries<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const {policy, waiting, signal, progress = () => 0} = options;
  for (let failures = 0, reached = progress(); ; reached = progress()) {
    signal?.throwIfAborted();
    try {
      return await attempt();
    } catch (error) {
      failures = progress() > reached ? 1 : failures + 1;
      if (!isWorthRetrying(error, policy) || failures >= policy.attempts) throw error;
      await waiting.sleep(delayBefore(failures, error, policy, waiting.random), signal);
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
