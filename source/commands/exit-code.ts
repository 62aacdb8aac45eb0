// How commands end.

/** `noController`: none could be reached or started. `interrupted`: the user pressed Ctrl-C. */
export const exitCode = {done: 0, failed: 1, usage: 2, noController: 3, interrupted: 130} as const;

export type ExitCode = number;
