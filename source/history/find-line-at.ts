// Finds the line of a time in a log: the index holds the time of every line, in the order in which the lines were finished.
import {closeSync, openSync} from 'node:fs';
import {diskError} from './history-error.ts';
import {headerSize, recordSize} from './line-index.ts';
import {type LogFiles, readAt} from './log-files.ts';

/**
 * The first line at or after `at` (milliseconds since the epoch), or `total`. A line that began long before it was finished
 * may stand a little late. Throws HistoryError `disk`.
 */
export function findLineAt(files: LogFiles, total: number, at: number): number {
  if (total === 0) return 0;
  let index: number | undefined;
  try {
    index = openSync(files.index, 'r');
    let low = 0;
    let high = total;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (timeAt(index, middle) < at) low = middle + 1;
      else high = middle;
    }
    return low;
  } catch (error) {
    throw diskError('read the log', files.index, error);
  } finally {
    if (index !== undefined) closeSync(index);
  }
}

function timeAt(index: number, line: number): number {
  return readAt(index, headerSize + line * recordSize, recordSize).readUIntLE(6, 6);
}
