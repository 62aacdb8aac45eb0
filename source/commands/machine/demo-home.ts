// The demo's own state directory: made afresh each time, and never made out of somebody's data.
import {mkdir, readdir, rm, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {CommandError, failure} from '../command-error.ts';

const marker = '.slipway-demo';

/** Whether a directory may become the demo's: it is missing, empty, or was the demo's before. */
export async function isDemoHome(home: string): Promise<'new' | 'used' | 'foreign'> {
  try {
    const names = await readdir(home);
    if (names.length === 0) return 'new';
    return names.includes(marker) ? 'used' : 'foreign';
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return 'new';
    throw new CommandError('failed', `${home} cannot be the demo's home: ${(cause as Error).message}`, {cause});
  }
}

/** Empties and marks it. `stopController` ends the controller an earlier demo may have left. */
export async function freshDemoHome(home: string, stopController: () => Promise<void>): Promise<void> {
  const kind = await isDemoHome(home);
  if (kind === 'foreign') {
    throw failure(`${home} holds something that is not a demo's; give a new or empty directory with --home DIR`);
  }
  if (kind === 'used') {
    await stopController();
    await rm(home, {recursive: true, force: true});
  }
  await mkdir(home, {recursive: true, mode: 0o700});
  await writeFile(path.join(home, marker), 'This directory belongs to `slipway demo`, which empties it each time.\n');
}
