// The one error class of the oci room.

/** What went wrong in the oci room, in a field that code can branch on. */
export type OciErrorKind =
  | 'bad-digest'
  | 'bad-reference'
  | 'bad-path'
  | 'bad-pattern'
  | 'bad-tar'
  | 'bad-layout'
  | 'bad-manifest'
  | 'digest-mismatch'
  | 'file-changed'
  | 'limit'
  | 'not-found'
  | 'unsafe-entry'
  | 'unsupported';

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
