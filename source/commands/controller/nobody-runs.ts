// Tells a home without a controller from one whose controller cannot be talked to.
import {ClientError} from '../../client/client.ts';
import {CommandError} from '../command-error.ts';

/** Whether an error of `withClient` says that no controller runs; one of another version, or a program that is none, is somebody. */
export function nobodyRuns(error: unknown): boolean {
  if (!(error instanceof CommandError && error.kind === 'no-controller')) return false;
  return !isOtherVersion(error) && !(error.cause instanceof ClientError && error.cause.cause instanceof ClientError);
}

/** Whether an error of `withClient` says that the controller speaks another protocol. */
export function isOtherVersion({cause}: Error): boolean {
  return cause instanceof ClientError && cause.kind === 'version-skew';
}
