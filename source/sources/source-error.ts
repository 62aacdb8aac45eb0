// The one error class of the sources room.

/** What went wrong with a source, in a field that code can branch on. */
export type SourceErrorKind =
  | 'bad-url'
  | 'bad-revision'
  | 'unknown-revision'
  | 'unreachable'
  | 'authentication'
  | 'not-a-repository'
  | 'git-missing'
  | 'git-failed'
  | 'not-found'
  | 'bad-sub-path'
  | 'bad-descriptor'
  | 'bad-archive'
  | 'changed'
  | 'too-large'
  | 'unreadable'
  | 'special-file';

/** Kinds that may be gone the next time without anybody changing the image. */
const passing: ReadonlySet<SourceErrorKind> = new Set(['unreachable', 'changed']);

/**
 * An error of the sources room: the message says what was expected, what came and what to do next, and never holds a
 * credential; `kind` is for code; `retryable` says that trying again, with nothing else done, can succeed.
 */
export class SourceError extends Error {
  readonly kind: SourceErrorKind;
  readonly retryable: boolean;

  constructor(kind: SourceErrorKind, message: string, options?: {readonly cause?: unknown}) {
    super(message, options);
    this.name = 'SourceError';
    this.kind = kind;
    this.retryable = passing.has(kind);
  }
}
