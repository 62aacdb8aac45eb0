// Where a build's log and its line index lie, and reading and writing them at a position.
import {readSync, writeSync} from 'node:fs';
import {join} from 'node:path';
import type {BuildRef} from '../domain/build.ts';
import {nameProblem} from '../domain/resource-name.ts';
import {HistoryError} from './history-error.ts';

export type LogFiles = {
  readonly directory: string;
  readonly log: string;
  readonly index: string;
  readonly sections: string;
};

/** `<root>/<namespace>/<image>/<number>.log`, `.index` and `.sections`. Throws HistoryError `invalid` for a name that is none. */
export function logFiles(root: string, {namespace, image, number}: BuildRef): LogFiles {
  const problem = nameProblem(namespace) ?? nameProblem(image);
  if (problem !== undefined) throw new HistoryError('invalid', root, problem);
  if (!Number.isSafeInteger(number) || number < 1) {
    throw new HistoryError('invalid', root, `expected a build number of 1 or more, got ${number}`);
  }
  const directory = join(root, namespace, image);
  const file = (kind: string) => join(directory, `${number}.${kind}`);
  return {directory, log: file('log'), index: file('index'), sections: file('sections')};
}

/** Writes all of `bytes` at `position`, or throws what the system said. */
export function writeAt(file: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(file, bytes, written, bytes.length - written, position + written);
  }
}

/** Reads up to `length` bytes at `position`; fewer only at the end of the file. */
export function readAt(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  let read = 0;
  while (read < length) {
    const count = readSync(file, bytes, read, length - read, position + read);
    if (count === 0) break;
    read += count;
  }
  return bytes.subarray(0, read);
}
