// Waits until the disk has what was written.
import {closeSync, constants, fsync, openSync} from 'node:fs';
import {promisify} from 'node:util';

const flushDescriptor = promisify(fsync);

/** Resolves when the open files are on the disk, all of them having been tried; rejects with the first refusal. */
export async function flushFiles(files: readonly number[]): Promise<void> {
  const outcomes = await Promise.allSettled(files.map((file) => flushDescriptor(file)));
  const refused = outcomes.find(({status}) => status === 'rejected');
  if (refused?.status === 'rejected') throw refused.reason;
}

/** Resolves when the names in a directory are on the disk. */
export async function flushDirectory(path: string): Promise<void> {
  const directory = openSync(path, constants.O_RDONLY);
  try {
    await flushDescriptor(directory);
  } catch (cause) {
    // Some file systems cannot flush a directory; the names have been given.
    if ((cause as NodeJS.ErrnoException).code !== 'EINVAL') throw cause;
  } finally {
    closeSync(directory);
  }
}
