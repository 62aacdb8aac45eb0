// Does something that may fail without ending what goes on around it.

/** Runs the task; what it throws goes to `onDefect`. A log that cannot be written must not end a build. */
export function attempt(task: () => void, onDefect: (error: unknown) => void): void {
  try {
    task();
  } catch (error) {
    onDefect(error);
  }
}
