// The golden of a screen: one text file, a section for each size and look. SLIPWAY_UPDATE_SCREENS=1 writes them anew.
import {mkdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';

const folder = path.join(import.meta.dirname, '../screens');
const update = process.env['SLIPWAY_UPDATE_SCREENS'] === '1';

export type Goldens = {
  /** What the section says; with updating on, what it says from now on. */
  readonly kept: (screen: string, section: string, now: string) => Promise<string>;
  /** Writes what is new; to be called at the end. */
  readonly save: () => Promise<void>;
};

export function openGoldens(): Goldens {
  const read = new Map<string, Promise<Map<string, string>>>();
  const sectionsOf = (screen: string) => {
    const known = read.get(screen) ?? sections(path.join(folder, `${screen}.txt`));
    read.set(screen, known);
    return known;
  };
  return {
    async kept(screen, section, now) {
      const all = await sectionsOf(screen);
      if (update) all.set(section, now);
      return all.get(section) ?? '(there is no such golden)';
    },
    async save() {
      if (!update) return;
      await mkdir(folder, {recursive: true});
      for (const [screen, all] of read) {
        const text = [...(await all)].map(([name, body]) => `${mark}${name}\n${body}\n`).join('\n');
        await writeFile(path.join(folder, `${screen}.txt`), text);
      }
    },
  };
}

const mark = '######## ';

async function sections(file: string): Promise<Map<string, string>> {
  if (update) return new Map();
  const parts = (await readFile(file, 'utf8')).split(new RegExp(`^${mark}`, 'm')).slice(1);
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n');
      return [part.slice(0, end), part.slice(end + 1).trimEnd()] as const;
    }),
  );
}
