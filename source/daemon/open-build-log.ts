// The log of one attempt, for its run: what the disk refuses must not end a build, nor leave it running for ever.
import type {BuildRef} from '../domain/build.ts';
import type {LogWriter} from '../ports/history.ts';
import {attempt} from './attempt.ts';
import type {Hands} from './hands.ts';

/** Never throws: a log that cannot be opened, written or closed is told to `onDefect`, and what it would hold is lost. */
export function openBuildLog(
  {history, onDefect}: Hands,
  ref: BuildRef,
  attemptNumber: number,
  options?: {readonly sync?: boolean},
): LogWriter {
  let log: LogWriter | undefined;
  attempt(() => (log = history.logs.open(ref, attemptNumber, options)), onDefect);
  return {
    write: (...line) => attempt(() => log?.write(...line), onDefect),
    section: (...section) => attempt(() => log?.section(...section), onDefect),
    close: () => attempt(() => log?.close(), onDefect),
  };
}
