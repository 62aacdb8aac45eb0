// Keys and themes of the user: laid over the list, and errors that say where.
import {mkdtemp, rm, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {describe, expect, test} from 'vitest';
import {preferenceError} from '../../source/preferences/preference-place.ts';
import {readPreferences} from '../../source/preferences/read-preferences.ts';
import {checkPreferences} from '../../source/ui/check-preferences.ts';
import {bindings} from '../../source/ui/keymap/bindings.ts';
import {bindingName, keysSchema, rebind} from '../../source/ui/keymap/rebind.ts';
import {resolveKey} from '../../source/ui/keymap/resolve-key.ts';

describe('keys of the user', () => {
  test('take the place of those of the list', () => {
    const {keymap, problems} = rebind({'images.rebuild': 'ctrl-y', 'image.pause': []});
    expect(problems).toEqual([]);
    expect(resolveKey('ctrl-y', 'images', keymap)?.action).toBe('rebuild');
    expect(resolveKey('r', 'images', keymap)).toBeUndefined();
    expect(resolveKey('P', 'images', keymap)).toBeUndefined();
  });

  test('may change places', () => {
    expect(rebind({'images.rebuild': 'b', 'image.describe': 'r'}).problems).toEqual([]);
  });

  test.each([
    [{'images.rebuild': 'q'}, 'q is taken by global.back'],
    [{'images.rebuild': 'hyper-x'}, 'expected a key'],
    [{'images.rebuild': 'ctrl-i'}, 'cannot be told from Tab'],
    [{'images.rebiuld': 'b'}, 'expected the name of an action, got "images.rebiuld"'],
    [{delete: 'b'}, '"delete" is more than one: say images.delete or stacks.delete'],
  ])('%j is refused', (keys, message) => {
    const {keymap, problems} = rebind(keys);
    expect(problems.map((problem) => problem.message).join()).toContain(message);
    expect(keymap).toBe(bindings);
  });

  test('have a schema with every action', () => {
    const {properties} = keysSchema() as {readonly properties: object};
    expect(Object.keys(properties)).toEqual(bindings.map(bindingName));
  });
});

test.each([
  ['{\n  "ui": "tty",\n  "keys": {\n    "images.rebuild": "b",\n    "images.delete": "q"\n  }\n}', '5:5'],
  ['{\n  "themes": {"mine": {\n    "colors": {"raedy": "#00ff00"}}}\n}', '3:16'],
  ['{"themes": {"mine": {"colors": {"ready": "green"}}}}', '1:33'],
])('what is wrong in %j is said with line and column', async (text, at) => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-keys-'));
  try {
    await writeFile(path.join(folder, 'preferences.json'), text);
    const [problem] = checkPreferences(readPreferences(folder));
    const {message} = preferenceError(folder, problem?.path ?? [], problem?.message ?? '');
    expect(message).toContain(`preferences.json:${at}:`);
  } finally {
    await rm(folder, {recursive: true});
  }
});
