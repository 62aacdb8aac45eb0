// Prints the keys between the readme's markers.
import {readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {keymapMarkdown} from '../source/ui/keymap/keymap-markdown.ts';

const file = path.join(import.meta.dirname, '../README.md');
const readme = await readFile(file, 'utf8');
await writeFile(
  file,
  readme.replace(/(<!-- keys[^>]*-->\n)[^]*?(<!-- \/keys -->)/, (_all, begin: string, end: string) => {
    return begin + keymapMarkdown() + end;
  }),
);
