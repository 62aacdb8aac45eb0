// A small tree with the project's layout and configuration, in a temporary folder, for rules to be tried on.
import {cp, mkdir, mkdtemp, rm, symlink, writeFile} from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

/** The root of the checkout. */
export const root = path.resolve(import.meta.dirname, '../..');

const configuration = ['package.json', 'tsconfig.json', '.oxlintrc.json', '.dependency-cruiser.cjs'];

/** Writes `files` (path to text) beside the project's own configuration, hands the folder to `visit`, and removes it. */
export async function inPlantedTree<Result>(
  files: Readonly<Record<string, string>>,
  visit: (folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'slipway-planted-'));
  try {
    for (const name of configuration) await cp(path.join(root, name), path.join(folder, name));
    await symlink(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(folder, name)), {recursive: true});
      await writeFile(path.join(folder, name), text);
    }
    return await visit(folder);
  } finally {
    await rm(folder, {recursive: true, force: true});
  }
}
