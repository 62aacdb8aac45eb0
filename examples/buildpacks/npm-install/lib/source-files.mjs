// The files of a vendored package, sorted; what npm never packs (node_modules, .git, .npmrc, lock files) is left out.
import {readdirSync} from 'node:fs';
import {join} from 'node:path';
import {fail} from './read-lock.mjs';

const neverPacked = new Set(['node_modules', '.git', '.npmrc', '.DS_Store', '.gitignore', '.npmignore', 'package-lock.json']);

export function sourceFiles(folder) {
  return readdirSync(folder, {withFileTypes: true})
    .filter((entry) => !neverPacked.has(entry.name))
    .sort((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return sourceFiles(path);
      if (!entry.isFile()) fail(`${path} is neither a file nor a folder: a vendored package holds nothing else`);
      return [path];
    });
}
