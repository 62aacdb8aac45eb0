// Where a value stands in the file of the preferences, for errors that only another room can find.
import {readFileSync} from 'node:fs';
import {preferencesFile} from './read-preferences.ts';
import {PreferencesError} from './preferences-error.ts';

/** An error that names file, line and column of the value at `path` (`keys`, then the action …). */
export function preferenceError(directory: string, path: readonly string[], message: string): PreferencesError {
  const file = preferencesFile(directory);
  const text = readFileSync(file, 'utf8');
  const before = text.slice(0, offsetOf(text, path)).split('\n');
  const at = `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
  return new PreferencesError('invalid', file, `${file}:${at}: ${message}; correct it or remove the line`);
}

/** The offset of the name of the last part, each part looked for after the one before; the text is JSON. */
function offsetOf(text: string, path: readonly string[]): number {
  let at = 0;
  for (const part of path) {
    const name = JSON.stringify(part);
    let found = text.indexOf(name, at);
    // A value may read like a name: a name is followed by a colon.
    while (found >= 0 && !/^\s*:/.test(text.slice(found + name.length))) found = text.indexOf(name, found + 1);
    if (found < 0) return at;
    at = found;
  }
  return at;
}
