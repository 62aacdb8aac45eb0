// The files that the program is made of.
import {existsSync} from 'node:fs';
import {readdir} from 'node:fs/promises';
import path from 'node:path';

/** Every .ts and .tsx file under source/ and cli.tsx, as sorted paths with slashes, relative to `folder`. */
export async function sourceFiles(folder: string): Promise<readonly string[]> {
  const entries = await readdir(path.join(folder, 'source'), {recursive: true, withFileTypes: true});
  const files = entries
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'));
  const entryPoint = existsSync(path.join(folder, 'cli.tsx')) ? ['cli.tsx'] : [];
  return [...files, ...entryPoint].toSorted();
}
