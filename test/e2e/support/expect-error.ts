// One clear error: the exit code, exactly one `Error:` on stderr with the words that matter, no stack of the program's own.
import {expect} from 'vitest';
import type {Printed} from './program.ts';

export function expectError({code, stderr}: Printed, wantedCode: number, ...words: readonly (string | RegExp)[]): void {
  expect(code, stderr).toBe(wantedCode);
  // A controller that did not come up is quoted: its own error follows the one of the command.
  const [own = '', quoted] = stderr.split('its last lines:\n');
  expect(
    [own, quoted ?? own].map((part) => part.match(/^Error: /gm)?.length),
    stderr,
  ).toEqual([1, 1]);
  for (const word of words) expect(stderr).toMatch(word);
  expect(stderr).not.toMatch(/^ +at .*:\d+:\d+\)?$/m);
}
