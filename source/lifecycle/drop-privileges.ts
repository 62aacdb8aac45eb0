/** Who runs a phase: detector and builder never root, the others as root only to become the user of the build (upstream's priv package). */
import {chown, lstat, readdir, stat} from 'node:fs/promises';
import {join} from 'node:path';
import {lchown} from 'node:fs/promises';
import {exitCodes} from './exit-codes.ts';
import type {Inputs, PhaseName} from './inputs.ts';
import {LifecycleFailure} from './lifecycle-failure.ts';
import {errorCode} from './read-regular-file.ts';

/** As root: refuses for detector and builder, else hands the directories over and becomes `-uid`:`-gid`. As anybody else: nothing. */
export async function dropPrivileges(phase: PhaseName, inputs: Inputs): Promise<void> {
  if (process.getuid?.() !== 0) return;
  if (phase === 'detector' || phase === 'builder') {
    throw new LifecycleFailure('refusing to run as root', {
      action: phase === 'detector' ? 'detect' : 'build',
      code: exitCodes.failed,
    });
  }
  const {uid, gid} = inputs;
  if (uid === 0 && gid === 0) return;
  for (const directory of [inputs.layersDir, inputs.cacheDir])
    if (directory !== '') await ensureOwner(directory, uid, gid);
  becomeUser(uid, gid);
}

async function ensureOwner(directory: string, uid: number, gid: number): Promise<void> {
  try {
    const found = await stat(directory);
    const writable =
      found.uid === uid || (found.gid === gid && (found.mode & 0o020) !== 0) || (found.mode & 0o002) !== 0;
    if (!writable) await chownTree(directory, uid, gid);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
}

async function chownTree(directory: string, uid: number, gid: number): Promise<void> {
  await chown(directory, uid, gid);
  for (const entry of await readdir(directory)) {
    const path = join(directory, entry);
    if ((await lstat(path)).isDirectory()) await chownTree(path, uid, gid);
    else await lchown(path, uid, gid);
  }
}

function becomeUser(uid: number, gid: number): void {
  try {
    process.setgroups?.([]);
    process.setgid?.(gid);
    process.setuid?.(uid);
  } catch (error) {
    throw new LifecycleFailure(String(error), {
      action: `exec as user ${uid}:${gid}`,
      code: exitCodes.failed,
      cause: error,
    });
  }
}
