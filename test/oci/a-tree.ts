// Builds directory trees for the tests, from the entries of the conformance cases or from plain text.
import {
  chmodSync,
  chownSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {tmpdir} from 'node:os';
import {dirname, join} from 'node:path';
import {onTestFinished} from 'vitest';

/** A directory that is gone when the test ends. */
export function aTemporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'slipway-oci-'));
  onTestFinished(() => {
    rmSync(directory, {recursive: true, force: true});
  });
  return directory;
}

/** A tree entry of layer-tars.json. */
export type CaseEntry = {
  readonly Path: string;
  readonly Type: 'dir' | 'file' | 'symlink' | 'hardlink';
  readonly Mode: string;
  readonly Text: string;
  readonly Target: string;
  readonly Repeat: number;
  readonly UID: number;
  readonly GID: number;
};

export const isRoot = process.getuid?.() === 0;

/** Writes the entries of a case under `root`. Owners are set only where this process may. */
export function writeCaseTree(root: string, entries: readonly CaseEntry[]): void {
  for (const entry of entries) writeCaseEntry(root, entry);
  for (const entry of entries.toReversed()) {
    if (entry.Type === 'file' || entry.Type === 'dir') chmodSync(root + entry.Path, Number.parseInt(entry.Mode, 8));
  }
}

function writeCaseEntry(root: string, entry: CaseEntry): void {
  const path = root + entry.Path;
  mkdirSync(dirname(path), {recursive: true});
  switch (entry.Type) {
    case 'dir':
      mkdirSync(path, {recursive: true});
      break;
    case 'file':
      writeFileSync(path, entry.Text.repeat(entry.Repeat || 1));
      break;
    case 'symlink':
      symlinkSync(entry.Target, path);
      break;
    case 'hardlink':
      linkSync(root + entry.Target, path);
      return;
    default:
      entry.Type satisfies never;
  }
  if (!isRoot) return;
  if (entry.Type === 'symlink') lchownSync(path, entry.UID, entry.GID);
  else chownSync(path, entry.UID, entry.GID);
}

/** Writes files given as `{path: text}`; a path that ends in a slash is an empty directory, text `-> target` a link. */
export function writeTree(root: string, files: Readonly<Record<string, string>>): string {
  for (const [path, text] of Object.entries(files)) {
    const place = join(root, path);
    mkdirSync(dirname(place), {recursive: true});
    if (path.endsWith('/')) mkdirSync(place, {recursive: true});
    else if (text.startsWith('-> ')) symlinkSync(text.slice(3), place);
    else writeFileSync(place, text);
  }
  return root;
}
