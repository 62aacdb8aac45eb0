// Reads a piece of a log's bytes as they came.
import {closeSync, openSync} from 'node:fs';
import {diskError} from './history-error.ts';
import {type LogFiles, readAt} from './log-files.ts';

const mostBytes = 256 * 1024;

/** Bytes from `from` on, at most 256 KiB and none beyond `size`. Throws HistoryError `disk`. */
export function readLogBytes(files: LogFiles, from: number, size: number): Uint8Array {
  const length = Math.min(mostBytes, size - from);
  if (length <= 0) return new Uint8Array(0);
  let log: number | undefined;
  try {
    log = openSync(files.log, 'r');
    return readAt(log, from, length);
  } catch (error) {
    throw diskError('read the log', files.log, error);
  } finally {
    if (log !== undefined) closeSync(log);
  }
}
