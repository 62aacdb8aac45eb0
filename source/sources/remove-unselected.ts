// Applies a project descriptor's include and exclude to files that are already in place (kpack: `processFiles` in
// `pkg/cnb/project_descriptor.go`).
import {readdirSync, rmdirSync, unlinkSync} from 'node:fs';
import {decodePath, encodePath} from '../oci/path-bytes.ts';
import {createBreathe} from './breathe.ts';
import type {FileSelection} from './file-selection.ts';

/** Removes below `root` every file that is not selected, and every directory that is neither selected nor holds something. */
export async function removeUnselected(root: string, selection: FileSelection, signal: AbortSignal): Promise<void> {
  await removeIn(root, '', selection, createBreathe(signal));
}

/** Whether anything is left in the directory. */
async function removeIn(
  root: string,
  directory: string,
  selection: FileSelection,
  breathe: () => Promise<void> | undefined,
): Promise<boolean> {
  let holdsSomething = false;
  for (const entry of readdirSync(encodePath(`${root}/${directory}`), {withFileTypes: true, encoding: 'buffer'})) {
    await breathe();
    const path = directory + decodePath(entry.name);
    const place = encodePath(`${root}/${path}`);
    if (entry.isDirectory()) {
      const stays = (await removeIn(root, `${path}/`, selection, breathe)) || selection.selects(`${path}/`);
      if (stays) holdsSomething = true;
      else rmdirSync(place);
    } else if (selection.selects(path)) holdsSomething = true;
    else unlinkSync(place);
  }
  return holdsSomething;
}
