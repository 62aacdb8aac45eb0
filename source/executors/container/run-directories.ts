// The work directories of container runs: marked while they are used, removed by the next controller when theirs died.
import {readdir, readFile, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {removeTree} from '../remove-tree.ts';

const fileName = 'run.json';
const record = '{"executor":"container"}\n';

/** Marks the directory as a container run's. */
export async function recordContainerRun(workDirectory: string): Promise<void> {
  await writeFile(path.join(workDirectory, fileName), record, {mode: 0o600, flag: 'wx'});
}

/** Removes every directory so marked below `worksRoot`, at most three levels down; links are not followed, others' are left alone. */
export async function sweepDirectories(worksRoot: string): Promise<void> {
  for (const directory of await markedDirectories(worksRoot, 3)) await removeTree(directory);
}

async function markedDirectories(directory: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(directory, {withFileTypes: true}).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  if (entries.some((entry) => entry.name === fileName && entry.isFile())) {
    return (await readFile(path.join(directory, fileName), 'utf8')) === record ? [directory] : [];
  }
  if (depth === 0) return [];
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) found.push(...(await markedDirectories(path.join(directory, entry.name), depth - 1)));
  }
  return found;
}
