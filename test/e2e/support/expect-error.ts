// One clear error: the exit code, exactly one `Error:` on stderr with the words that matter, no stack of the program's own.
import {expect} from 'vitest';
import type {Printed} from './program.ts';

export function expectError({code, stderr}: Printed, wantedCode: number, ...words: readonly (string | RegExp)[]): void {
  expect(code, stderr).toBe(wantedCode);
  expect(stderr.match(/Error: /g), stderr).toHaveLength(stderr.includes('its last lines:\nError: ') ? 2 : 1);
  for (const word of words) expect(stderr).toMatch(word);
  expect(stderr).not.toMatch(/^ +at .*:\d+:\d+\)?$/m);
}
