/** Who runs a phase: detector and builder never root, the others as root only to become the user of the build (upstream's priv package). */
import {chown, lchown, lstat, readdir, stat} from 'node:fs/promises';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {exitCodes} from './exit-codes.ts';
import type {HostEnvironment, Inputs, PhaseName} from './inputs.ts';
import {failingAs, LifecycleFailure} from './lifecycle-failure.ts';
import {errorCode} from './read-regular-file.ts';

/**
 * Detector and builder refuse root. The others hand the directories over and become `-uid`:`-gid`, which only root can do; gives the environment
 * that goes with the user. The controller runs phases as a user of its own and says with the ids only whose the layers will be.
 */
export async function dropPrivileges(phase: PhaseName, inputs: Inputs, env: HostEnvironment): Promise<HostEnvironment> {
  const isRoot = process.getuid?.() === 0;
  const action = hermetic[phase];
  if (action !== undefined) {
    if (isRoot) throw new LifecycleFailure('refusing to run as root', {action, code: exitCodes.failed});
    return env;
  }
  const {runImageLayout, outputLayout} = inputs.own;
  const isControllers = [runImageLayout, outputLayout, env['SLIPWAY_EVENTS_FD']].some((given) => given !== undefined);
  if (!isRoot && isControllers) return env;
  const {uid, gid} = inputs;
  await failingAs({action: 'chown volumes', code: exitCodes.failed}, async () => {
    for (const directory of handedOver(phase, inputs)) await ensureOwner(directory, uid, gid);
  });
  if (uid !== process.getuid?.() || gid !== process.getgid?.()) becomeUser(uid, gid);
  return phase === 'creator' ? {...env, ...environmentOf(uid)} : env;
}

const hermetic: Readonly<Partial<Record<PhaseName, string>>> = {detector: 'detect', builder: 'build'};

function readPasswords(): string {
  try {
    return readFileSync('/etc/passwd', 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}

function handedOver(phase: PhaseName, {layersDir, cacheDir, launchCacheDir}: Inputs): readonly string[] {
  switch (phase) {
    case 'analyzer':
    case 'creator':
      return [layersDir, cacheDir, launchCacheDir].filter((directory) => directory !== '');
    case 'restorer':
      return [layersDir, cacheDir].filter((directory) => directory !== '');
    case 'exporter':
      return [cacheDir, launchCacheDir].filter((directory) => directory !== '');
    default:
      return [];
  }
}

/** HOME and USER as /etc/passwd has them. Upstream ends for a user that is not in it; here the environment stays as it is. */
function environmentOf(uid: number): Readonly<Record<string, string>> {
  const line = readPasswords()
    .split('\n')
    .find((entry) => entry.split(':')[2] === String(uid));
  if (line === undefined) return {};
  const [name = '', , , , , home = ''] = line.split(':');
  return {HOME: home, USER: name};
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
    const refused = errorCode(error) === 'EPERM';
    throw new LifecycleFailure(refused ? 'operation not permitted' : String(error), {
      action: `exec as user ${uid}:${gid}`,
      code: exitCodes.failed,
      cause: error,
    });
  }
}
