// A command that cannot go on: a sentence for a person, a kind for the exit code.

/** `usage`: the command line is wrong. `failed`: the operation is. */
export type CommandErrorKind = 'usage' | 'failed' | 'no-controller' | 'interrupted';

/** The message says what was expected, what came and the next step. */
export class CommandError extends Error {
  readonly kind: CommandErrorKind;
  constructor(kind: CommandErrorKind, message: string, options?: {readonly cause?: unknown}) {
    super(message, options);
    this.name = 'CommandError';
    this.kind = kind;
  }
}

/** The command line is wrong. */
export function usageError(message: string): CommandError {
  return new CommandError('usage', message);
}

/** The operation did not work. */
export function failure(message: string): CommandError {
  return new CommandError('failed', message);
}

/** The user pressed Ctrl-C. */
export function interruption(): CommandError {
  return new CommandError('interrupted', 'interrupted');
}
