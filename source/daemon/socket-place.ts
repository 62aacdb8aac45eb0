// Where the controller's socket lies, and making sure that only its owner can reach it.
import {createHash} from 'node:crypto';
import {chmodSync, lstatSync, mkdirSync, type Stats, statSync} from 'node:fs';
import {connect} from 'node:net';
import {tmpdir, userInfo} from 'node:os';
import {dirname, join} from 'node:path';
import {Refusal} from './refusal.ts';

export type SocketPlace = {
  readonly kind: 'socket' | 'pipe';
  /** What to listen on. */
  readonly path: string;
};

/** The longest path a Unix socket can have everywhere: macOS allows 104 bytes with the closing NUL, Linux 108. */
const longestPath = 103;

/**
 * The wanted path, or a short one when the system could not bind it: in a directory of the user's own under the temporary
 * directory, or a named pipe on Windows. Made from the wanted path by a hash, so that it is the same every time.
 */
export function socketPlace(wanted: string, platform: NodeJS.Platform = process.platform): SocketPlace {
  const name = createHash('sha256').update(wanted).digest('hex').slice(0, 20);
  if (platform === 'win32') return {kind: 'pipe', path: `\\\\.\\pipe\\slipway-${name}`};
  if (Buffer.byteLength(wanted) <= longestPath) return {kind: 'socket', path: wanted};
  return {kind: 'socket', path: join(tmpdir(), `slipway-${userInfo().uid}`, `${name}.sock`)};
}

/**
 * Makes the directory of a socket with mode 0700 and refuses one that others could write to or put in its place. Throws
 * Refusal `unavailable`.
 */
export function preparePrivateDirectory(directory: string): void {
  mkdirSync(directory, {recursive: true, mode: 0o700});
  if (process.platform === 'win32') return;
  const found = statSync(directory);
  refuseStranger(directory, found);
  if ((found.mode & 0o077) !== 0) chmodSync(directory, 0o700);
}

/** The same for a directory in a place where everybody may create names: nothing found there is trusted or repaired. */
export function prepareSharedPlace(directory: string): void {
  mkdirSync(directory, {recursive: true, mode: 0o700});
  const found = lstatSync(directory);
  refuseStranger(directory, found);
  if (found.isDirectory() && (found.mode & 0o077) === 0) return;
  throw new Refusal(
    'unavailable',
    `expected ${directory} to be a directory with mode 0700, got something else; remove it`,
  );
}

/** Makes the directory that the place needs. */
export function preparePlace(wanted: string, place: SocketPlace): void {
  preparePrivateDirectory(dirname(wanted));
  if (place.kind === 'socket' && place.path !== wanted) prepareSharedPlace(dirname(place.path));
}

/**
 * What is at a socket's path: `nothing`, a socket on which somebody `answers`, one that a process left behind (`stale`), or
 * something that is no socket.
 */
export async function socketAt(place: SocketPlace): Promise<'nothing' | 'answers' | 'stale' | 'no-socket'> {
  const found = place.kind === 'socket' ? lstatSync(place.path, {throwIfNoEntry: false}) : undefined;
  if (place.kind === 'socket' && found === undefined) return 'nothing';
  if (found !== undefined && !found.isSocket()) return 'no-socket';
  const code = await tryToConnect(place.path);
  if (code === undefined) return 'answers';
  if (code === 'ENOENT') return 'nothing';
  if (code === 'ECONNREFUSED') return 'stale';
  throw new Refusal('unavailable', `cannot tell who listens on ${place.path}: connecting failed with ${code}`);
}

function refuseStranger(directory: string, found: Stats): void {
  if (found.uid === process.getuid?.()) return;
  const message = `${directory} belongs to user ${found.uid}, not to the user of this process; name another state directory (SLIPWAY_HOME or --home)`;
  throw new Refusal('unavailable', message);
}

/** Undefined when somebody answered, else the system's code. */
async function tryToConnect(path: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'EIO'));
  });
}
