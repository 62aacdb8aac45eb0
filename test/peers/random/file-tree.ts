// A tree of files as data, and the drawing of one with the names and kinds that layers trip over.
import {mkdir, link, symlink, writeFile, chmod, utimes} from 'node:fs/promises';
import path from 'node:path';
import type {Random} from './random.ts';

export type TreeEntry =
  | {readonly kind: 'file'; readonly path: string; readonly text: string; readonly mode: number}
  | {readonly kind: 'directory'; readonly path: string; readonly mode: number}
  | {readonly kind: 'link' | 'hard link'; readonly path: string; readonly target: string};

const plainNames = [
  'a',
  'a-b',
  'a.b',
  'b',
  'lib',
  'Z',
  '0',
  '.hidden',
  'app.sh',
  'static',
  'x.css',
  'y.css',
  'README.md',
];
const oddNames = [
  'ä ö',
  '日本語',
  'two words',
  'new\nline',
  'tab\tbed',
  "a'b",
  'q"uote',
  String.raw`back\slash`,
  '[ab]',
  'star*',
  '-dash',
  '~',
  'a+b=c',
  '%41',
  'e\u0301',
  '😀',
  'x'.repeat(99),
  'y'.repeat(101),
  'z'.repeat(200),
  'ü'.repeat(60),
];
const modes = [0o644, 0o644, 0o644, 0o755, 0o600, 0o444, 0o664, 0o777, 0o4755, 0o2755, 0o640, 0o1644];
const directoryModes = [0o755, 0o755, 0o755, 0o700, 0o775, 0o777, 0o1777, 0o2755];

/** Draws a tree of at most `size` entries; `odd` is how often a name is an unusual one. */
export function drawTree(random: Random, size: number, odd: number): readonly TreeEntry[] {
  const directories = [''];
  const files: string[] = [];
  const entries = new Map<string, TreeEntry>();
  const count = random.below(size + 1);
  for (let index = 0; index < count; index += 1) {
    const name = random.chance(odd) ? random.pick(oddNames) : random.pick(plainNames);
    const place = path.posix.join(random.pick(directories), name);
    if (entries.has(place) || Buffer.byteLength(place) > 700) continue;
    const drawn = drawEntry(random, place, files, index);
    entries.set(place, drawn);
    if (drawn.kind === 'directory') directories.push(place);
    if (drawn.kind === 'file') files.push(place);
  }
  return [...entries.values()];
}

function drawEntry(random: Random, place: string, files: readonly string[], index: number): TreeEntry {
  const roll = random.below(20);
  if (roll < 6) return {kind: 'directory', path: place, mode: random.pick(directoryModes)};
  if (roll < 8) return {kind: 'link', path: place, target: drawTarget(random)};
  if (roll === 8 && files.length > 0) return {kind: 'hard link', path: place, target: random.pick(files)};
  const text = random.pick([
    '',
    'x\n',
    `text ${index}\n`,
    'z'.repeat(511),
    'z'.repeat(512),
    'z'.repeat(513),
    'line\n'.repeat(3000),
  ]);
  return {kind: 'file', path: place, text, mode: random.pick(modes)};
}

function drawTarget(random: Random): string {
  return random.pick(['a', '../a', '/etc/passwd', './nowhere', 'l'.repeat(101), 'ö', '.', 'a/', 'two words']);
}

/** Makes the tree below `directory`, in order; modes of directories last, so that closed ones can be filled. */
export async function writeTree(directory: string, entries: readonly TreeEntry[]): Promise<void> {
  await mkdir(directory, {recursive: true});
  for (const entry of entries) {
    const place = path.join(directory, entry.path);
    await mkdir(path.dirname(place), {recursive: true});
    switch (entry.kind) {
      case 'file':
        await writeFile(place, entry.text);
        await chmod(place, entry.mode);
        await utimes(place, 2 ** 33, 2 ** 33);
        break;
      case 'directory':
        await mkdir(place, {recursive: true});
        break;
      case 'link':
        await symlink(entry.target, place);
        break;
      case 'hard link':
        await link(path.join(directory, entry.target), place);
        break;
      default: {
        const unreachable: never = entry;
        throw new Error(`unexpected entry ${JSON.stringify(unreachable)}`);
      }
    }
  }
  for (const entry of entries)
    if (entry.kind === 'directory') await chmod(path.join(directory, entry.path), entry.mode);
}

/** A file of text. */
export function file(place: string, text: string, mode = 0o644): TreeEntry {
  return {kind: 'file', path: place, text, mode};
}
