// What kpack would say about a build: its Succeeded condition.
import type {Build} from '../../domain/build.ts';
import type {BuildFailure} from '../../domain/failure.ts';

export type SucceededCondition = {
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string | undefined;
  readonly message: string | undefined;
};

/** The condition as the build stands now. */
export function buildCondition(build: Build): SucceededCondition {
  switch (build.state) {
    case 'succeeded':
      return {status: 'True', reason: 'Completed', message: build.remark};
    case 'failed':
      return {status: 'False', reason: 'Failed', message: build.failure && failureText(build.failure)};
    case 'cancelled':
      return {status: 'False', reason: 'Cancelled', message: 'cancelled by the user'};
    case 'interrupted':
      return {status: 'Unknown', reason: 'Interrupted', message: 'its attempt was interrupted; it runs again'};
    case 'running':
      return {status: 'Unknown', reason: undefined, message: build.remark};
    default:
      return build.state satisfies never;
  }
}

/** One line: the phase, the buildpack when one broke, what it said and what it means. */
export function failureText(failure: BuildFailure): string {
  const who = failure.buildpack ? ` in ${failure.buildpack.id}@${failure.buildpack.version}` : '';
  const code = failure.exitCode === undefined ? '' : ` (exit code ${failure.exitCode}: ${failure.meaning})`;
  const next = failure.next === undefined ? '' : `; ${failure.next}`;
  return `phase ${failure.phase} failed${who}: ${failure.message}${code}${next}`;
}

/** The word in `build list` and `build status` (kpack-cli `getStatus`; CANCELLED is Slipway's). */
export function buildStatusWord(build: Build): string {
  switch (build.state) {
    case 'succeeded':
      return 'SUCCESS';
    case 'failed':
      return 'FAILURE';
    case 'cancelled':
      return 'CANCELLED';
    case 'running':
    case 'interrupted':
      return 'BUILDING';
    default:
      return build.state satisfies never;
  }
}
