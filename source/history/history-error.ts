// What can go wrong with the durable memory: a kind to branch on, the path it happened at, and what to do next.

export type HistoryErrorKind = 'disk' | 'newer-version' | 'corrupt' | 'busy' | 'invalid' | 'closed';

/** `kind` to branch on; `path` is the file concerned; `code` the system's word for it (ENOSPC, EIO, …) when there is one. */
export class HistoryError extends Error {
  readonly kind: HistoryErrorKind;
  readonly path: string;
  readonly code?: string;

  constructor(
    kind: HistoryErrorKind,
    path: string,
    message: string,
    options?: {readonly cause?: unknown; readonly code?: string},
  ) {
    super(message, options?.cause === undefined ? undefined : {cause: options.cause});
    this.name = 'HistoryError';
    this.kind = kind;
    this.path = path;
    this.code = options?.code;
  }
}

/** What the system refused (`doing` is a phrase such as "write the log"), in words; the cause is kept. */
export function diskError(doing: string, path: string, cause: unknown): HistoryError {
  if (cause instanceof HistoryError) return cause;
  const code = systemCode(cause) ?? 'EIO';
  return new HistoryError('disk', path, `cannot ${doing} ${path}: ${diskWords(code, cause)}`, {cause, code});
}

/** What SQLite refused, told apart by its result code (https://sqlite.org/rescode.html; the low byte is the primary code). */
export function databaseError(doing: string, path: string, cause: unknown): unknown {
  const result = resultCode(cause);
  if (result === undefined) return cause;
  if (result === sqlite.busy || result === sqlite.locked) {
    const message = `cannot ${doing} ${path}: another process has it open; stop that controller, then try again`;
    return new HistoryError('busy', path, message, {cause});
  }
  if (result === sqlite.corrupt || result === sqlite.notADatabase) return corruptError(path, String(cause), cause);
  const code = diskCodes[result];
  return code === undefined ? cause : diskError(doing, path, Object.assign(new Error(String(cause), {cause}), {code}));
}

/** A file that cannot be read as what it should be. It is left as it is; the words say what to do with it. */
export function corruptError(path: string, found: string, cause?: unknown): HistoryError {
  const message =
    `${path} cannot be read (${found}). It was left as it is. ` +
    'Restore it from a backup, or move it (with its -wal file, if there is one) out of the way and start again with an empty history';
  return new HistoryError('corrupt', path, message, {cause});
}

const sqlite = {busy: 5, locked: 6, corrupt: 11, notADatabase: 26} as const;

const diskCodes: Readonly<Record<number, string>> = {8: 'EROFS', 10: 'EIO', 13: 'ENOSPC', 14: 'EACCES', 22: 'EFBIG'};

function resultCode(cause: unknown): number | undefined {
  if (!(cause instanceof Error) || !('errcode' in cause) || typeof cause.errcode !== 'number') return undefined;
  return cause.errcode & 0xff;
}

function systemCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

function diskWords(code: string, cause: unknown): string {
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `the disk is full (${code}); free some space, then try again`;
    case 'EFBIG':
      return 'the file would become larger than this process may write (EFBIG); raise the limit, then try again';
    case 'EROFS':
      return 'the file system is read-only (EROFS)';
    case 'EACCES':
    case 'EPERM':
      return `it belongs to somebody else (${code}); check the owner of the state directory`;
    default:
      return cause instanceof Error ? cause.message : String(cause);
  }
}
