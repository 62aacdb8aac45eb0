// The end of what a phase printed, kept to find the line that names the error.
import {stripVTControlCharacters} from 'node:util';

export type OutputTail = {
  add(bytes: Uint8Array): void;
  /** The last lines, without escapes, blank lines or invisible characters; the newest last. */
  lines(): readonly string[];
};

const kept = 16 * 1024;

/** Keeps the last 16 KiB. */
export function createOutputTail(): OutputTail {
  let tail = Buffer.alloc(0);
  return {
    add: (bytes) => {
      const fresh = bytes.length > kept ? bytes.subarray(bytes.length - kept) : bytes;
      const before = tail.subarray(Math.max(0, tail.length + fresh.length - kept));
      tail = Buffer.concat([before, fresh]);
    },
    lines: () =>
      tail
        .toString('utf8')
        .split(/[\r\n]+/)
        .map(plainLine)
        .filter((line) => line !== ''),
  };
}

/** A line as a person reads it: no escapes, no control characters, at most 800 characters. */
export function plainLine(line: string): string {
  return stripVTControlCharacters(line)
    .replaceAll(/[\u0000-\u001F\u007F-\u009F]+/g, ' ')
    .trim()
    .slice(0, 800);
}
