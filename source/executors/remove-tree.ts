// Removes a directory that a build has written into: deeper than a path may be long, with modes that forbid it, full of links.
import {execFile} from 'node:child_process';
import {lstat} from 'node:fs/promises';
import {promisify} from 'node:util';

const run = promisify(execFile);

/** Removes `directory` and all in it; follows no link; content with the module graph's read-only modes goes too. Absent is fine. */
export async function removeTree(directory: string): Promise<void> {
  if (await removed(directory)) return;
  // without read and search permission the owner cannot empty a directory: take the permission, then try again
  await run('chmod', ['-R', 'u+rwX', '--', directory]).catch(() => undefined);
  await run('rm', ['-rf', '--', directory]);
}

async function removed(directory: string): Promise<boolean> {
  try {
    await run('rm', ['-rf', '--', directory]);
    await lstat(directory);
    return false;
  } catch (error) {
    return (
      error instanceof Error &&
      'code' in error &&
      error.code === 'ENOENT' &&
      'syscall' in error &&
      error.syscall === 'lstat'
    );
  }
}
