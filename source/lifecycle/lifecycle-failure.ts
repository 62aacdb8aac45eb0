/** The one error a phase ends with: a message for a person, an exit code and a phase for code to branch on. */
import type {ExitCode} from './exit-codes.ts';

export type FailureDetail = {
  /** What the lifecycle was doing, in upstream's words: `detect`, `resolve inputs`, `build`. */
  readonly action: string;
  readonly code: ExitCode;
  /** `id@version` of the buildpack that caused it, where one did. */
  readonly buildpack?: string;
  readonly cause?: unknown;
};

export class LifecycleFailure extends Error {
  readonly code: ExitCode;
  readonly action: string;
  readonly buildpack: string | undefined;
  /** The message without "failed to …". */
  readonly reason: string;

  /** `reason` is what went wrong; the printed message is `failed to <action>: <reason>`, as upstream prints it. */
  constructor(reason: string, detail: FailureDetail) {
    super(reason === '' ? `failed to ${detail.action}` : `failed to ${detail.action}: ${reason}`, {
      cause: detail.cause,
    });
    this.name = 'LifecycleFailure';
    this.reason = reason;
    this.code = detail.code;
    this.action = detail.action;
    this.buildpack = detail.buildpack;
  }
}

/** Runs `work`; an error that is no LifecycleFailure yet becomes one with this action and code. */
export async function failingAs<T>(detail: FailureDetail, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFailure(error, detail);
  }
}

/** The error as a LifecycleFailure: itself if it is one, else wrapped with this action and code. */
export function asFailure(error: unknown, detail: FailureDetail): LifecycleFailure {
  if (error instanceof LifecycleFailure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new LifecycleFailure(reason, {...detail, cause: error});
}
