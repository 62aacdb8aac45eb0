// The user's preferences: real files, real conf.
import {existsSync} from 'node:fs';
import {mkdtemp, readFile, rm, stat, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import {afterEach, beforeEach, describe, expect, test} from 'vitest';
import {jsonErrorOffset} from '../../source/preferences/json-error-offset.ts';
import {openPreferences} from '../../source/preferences/preferences.ts';
import {PreferencesError} from '../../source/preferences/preferences-error.ts';
import {userDirectories} from '../../source/preferences/user-directories.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'slipway-preferences-'));
});
afterEach(() => rm(directory, {recursive: true, force: true}));

const file = () => path.join(directory, 'preferences.json');

describe('preferences', () => {
  test('have defaults, and reading them writes no file', () => {
    const preferences = openPreferences(directory);
    expect(preferences.read()).toEqual({theme: 'dark', ascii: false, ui: 'auto', mouse: true, notices: 'bell'});
    expect(preferences.own()).toEqual({});
    expect(existsSync(file())).toBe(false);
  });

  test('are kept in one file that only the user can read', async () => {
    openPreferences(directory).set('maxConcurrentBuilds', '3');
    openPreferences(directory).set('ascii', 'true');
    expect(JSON.parse(await readFile(file(), 'utf8'))).toEqual({maxConcurrentBuilds: 3, ascii: true});
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(openPreferences(directory).read()).toMatchObject({maxConcurrentBuilds: 3, ascii: true});
  });

  test('go back to their default', () => {
    const preferences = openPreferences(directory);
    preferences.set('theme', 'light');
    preferences.unset('theme');
    expect(preferences.read().theme).toBe('dark');
  });

  test.each([
    ['maxConcurrentBuilds', '0', 'expected maxConcurrentBuilds to be a whole number from 1 to 256, got "0"'],
    ['maxConcurrentBuilds', 'two', 'expected maxConcurrentBuilds to be a whole number from 1 to 256, got "two"'],
    ['ascii', 'yes', 'expected ascii to be true or false, got "yes"'],
    ['ui', 'loud', 'expected ui to be one of auto, tty, plain, json, quiet, got "loud"'],
    ['defaultRepository', ' ', 'expected defaultRepository to be a text, got " "'],
  ] as const)('refuse %s = %j', (name, value, message) => {
    expect(() => openPreferences(directory).set(name, value)).toThrow(message);
    expect(existsSync(file())).toBe(false);
  });

  test.each([
    ['{"theme": "dark",\n  oops}', 'corrupt', '2:3: expected JSON'],
    ['{"theme": "dark"', 'corrupt', '1:17: expected JSON'],
    ['{"theme": "dark"}}', 'corrupt', '1:18: expected JSON'],
    ['[]', 'corrupt', '1:1: expected an object'],
    ['', 'corrupt', '1:1: expected JSON'],
    ['{\n  "theme": "pink"\n}', 'invalid', '2:3: expected theme to be one of'],
    ['{"ascii": "true"}', 'invalid', '1:2: expected ascii to be a boolean, got true'],
    ['{\n\n "thme": "dark"}', 'invalid', '3:2: unknown preference "thme"; expected one of theme, ascii'],
    ['{"maxConcurrentBuilds": 1.5}', 'invalid', '1:2: expected maxConcurrentBuilds to be a whole number'],
  ])('say where %j is wrong, and leave it as it is', async (text, kind, message) => {
    await writeFile(file(), text);
    const error = captured(() => openPreferences(directory));
    expect(error).toBeInstanceOf(PreferencesError);
    expect(error).toMatchObject({kind, file: file(), message: expect.stringContaining(`${file()}:${message}`)});
    expect(await readFile(file(), 'utf8')).toBe(text);
  });
});

describe('the place where a text stops being JSON', () => {
  test('is the end of every text that is JSON', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom('', ' ', '\n'), (json, space) => {
        const text = `${space}${json}${space}`;
        expect(jsonErrorOffset(text)).toBe(text.length);
      }),
    );
  });

  test('is before the end when something follows', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(jsonErrorOffset(`${json} x`)).toBe(json.length + 1);
      }),
    );
  });
});

test('a home of its own holds state and preferences', () => {
  const home = path.join(directory, 'home');
  expect(userDirectories(home, 'linux')).toEqual({state: home, preferences: home});
  expect(path.isAbsolute(userDirectories(undefined, 'linux').state)).toBe(true);
});

function captured(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  throw new Error('expected it to throw');
}
