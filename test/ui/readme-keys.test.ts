// The readme prints the keys from the one list; when they differ, put the expected text between its markers.
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {expect, test} from 'vitest';
import {keymapMarkdown} from '../../source/ui/keymap/keymap-markdown.ts';

test('the readme lists the keys as they are', async () => {
  const readme = await readFile(path.join(import.meta.dirname, '../../README.md'), 'utf8');
  const between = /<!-- keys[^>]*-->\n([^]*?)<!-- \/keys -->/.exec(readme)?.[1];
  expect(between).toBe(keymapMarkdown());
});
