// Reads the preferences file and checks it, without the library that writes it: every command does this.
import {readFileSync} from 'node:fs';
import path from 'node:path';
import {jsonErrorOffset} from './json-error-offset.ts';
import {parsePreference} from './parse-preference.ts';
import {PreferencesError} from './preferences-error.ts';
import {preferenceNames, preferenceSchema, type PreferenceValues} from './preference-values.ts';

/** The file of a directory's preferences. */
export function preferencesFile(directory: string): string {
  return path.join(directory, 'preferences.json');
}

/**
 * What the file says, defaults not filled in; nothing when there is no file. A file that is no JSON, or breaks a rule,
 * throws a PreferencesError that names file, line and column.
 */
export function readPreferences(directory: string): Partial<PreferenceValues> {
  const file = preferencesFile(directory);
  const text = readExisting(file);
  if (text === undefined) return {};
  const values = parseObject(file, text);
  for (const [name, value] of Object.entries(values)) {
    const problem = problemOf(name, value, values['themes']);
    if (problem === undefined) continue;
    const at = position(text, Math.max(text.indexOf(JSON.stringify(name)), 0));
    throw new PreferencesError('invalid', file, `${file}:${at}: ${problem}; correct it or remove the line`);
  }
  return values;
}

function readExisting(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    // ENOTDIR: the directory is a file; who needs the directory says so.
    if (['ENOENT', 'ENOTDIR'].includes((cause as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw new PreferencesError('unreadable', file, `${file} cannot be read: ${(cause as Error).message}`, {cause});
  }
}

function parseObject(file: string, text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    const at = position(text, jsonErrorOffset(text));
    const message = `${file}:${at}: expected JSON, got something else (${(cause as Error).message}); correct or remove the file`;
    throw new PreferencesError('corrupt', file, message, {cause});
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new PreferencesError('corrupt', file, `${file}:1:1: expected an object {…}; correct or remove the file`);
}

function position(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

function problemOf(name: string, value: unknown, themes: unknown): string | undefined {
  const known = preferenceNames.find((candidate) => candidate === name);
  if (known === undefined) return `unknown preference "${name}"; expected one of ${preferenceNames.join(', ')}`;
  const written = typeof value === 'string' ? value : JSON.stringify(value);
  const rightType =
    typeof value === (preferenceSchema[known].type === 'integer' ? 'number' : preferenceSchema[known].type);
  try {
    if (rightType) parsePreference(known, written, typeof themes === 'object' ? Object.keys(themes ?? {}) : []);
  } catch (cause) {
    return (cause as Error).message;
  }
  return rightType ? undefined : `expected ${name} to be a ${preferenceSchema[known].type}, got ${written}`;
}
