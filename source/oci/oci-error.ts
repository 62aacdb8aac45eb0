// The one error class of the oci room.

/** What went wrong in the oci room, in a field that code can branch on. */
export type OciErrorKind =
  | 'bad-answer'
  | 'bad-archive'
  | 'bad-credentials'
  | 'bad-digest'
  | 'bad-reference'
  | 'bad-path'
  | 'bad-pattern'
  | 'bad-tar'
  | 'bad-layout'
  | 'bad-manifest'
  | 'denied'
  | 'digest-mismatch'
  | 'file-changed'
  | 'limit'
  | 'not-found'
  | 'rate-limited'
  | 'server-failed'
  | 'timed-out'
  | 'unauthorized'
  | 'unreachable'
  | 'unsafe-entry'
  | 'unsupported'
  | 'untrusted';

/**
 * An error of the oci room: the message says what was expected, what came and what to do next; `kind` is for code; `cause` keeps what was
 * underneath.
 */
export class OciError extends Error {
  readonly kind: OciErrorKind;

  constructor(kind: OciErrorKind, message: string, options?: {readonly cause?: unknown}) {
    super(message, options);
    this.name = 'OciError';
    this.kind = kind;
  }
}
