// Errors on their way to a client.
import type {WireError, WireErrorKind} from './message.ts';

/** The error as the client is told: its `kind` when that is one of the wire's, else `internal`. The message travels, nothing else. */
export function wireError(error: unknown): WireError {
  const message = error instanceof Error ? error.message : String(error);
  const kind = typeof error === 'object' && error !== null && 'kind' in error ? error.kind : undefined;
  return {kind: isWireErrorKind(kind) ? kind : 'internal', message};
}

export function isWireErrorKind(kind: unknown): kind is WireErrorKind {
  return typeof kind === 'string' && Object.hasOwn(kinds, kind);
}

const kinds: Readonly<Record<WireErrorKind, true>> = {
  'not-found': true,
  'already-exists': true,
  invalid: true,
  conflict: true,
  'version-skew': true,
  unavailable: true,
  disk: true,
  internal: true,
};
