// Messages over the controller's socket.
import {lstatSync, type Stats} from 'node:fs';
import {connect, type Socket} from 'node:net';
import {createDecoder, encodeMessage, mostBytesFromController} from '../protocol/codec.ts';
import {ClientError} from './client.ts';
import type {Transport} from './transport.ts';

/** Nobody listens there: a controller may be started. */
export class NobodyListens extends Error {
  constructor(path: string, cause: unknown) {
    super(`no controller listens on ${path}`, {cause});
    this.name = 'NobodyListens';
  }
}

/**
 * Connects to a socket or pipe. Rejects with NobodyListens when there is no socket or a dead one, with ClientError
 * `unavailable` when it may not be used: another user's, not a socket, no permission.
 */
export async function dialSocket(path: string): Promise<Transport> {
  refuseStranger(path);
  return createSocketTransport(await connected(path));
}

function refuseStranger(path: string): void {
  if (process.platform === 'win32') return;
  const found = entryAt(path);
  if (found === undefined || (found.isSocket() && found.uid === process.getuid?.())) return;
  const what = found.isSocket() ? `the socket of user ${found.uid}` : 'a file that is no socket';
  throw new ClientError('unavailable', `expected the controller's socket at ${path}, got ${what}; move it away`);
}

function entryAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, {throwIfNoEntry: false});
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    const why = cause instanceof Error ? cause.message : String(cause);
    const next = 'make its directory one that you can enter, or name another state directory (SLIPWAY_HOME or --home)';
    throw new ClientError('unavailable', `cannot look for the controller's socket: ${why}; ${next}`, {cause});
  }
}

async function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => reject(refusal(path, error)));
  });
}

function refusal(path: string, error: NodeJS.ErrnoException): Error {
  // EAGAIN: the backlog of a Unix socket is full; somebody is there, later there is room.
  if (['ENOENT', 'ENOTDIR', 'ECONNREFUSED', 'EAGAIN', 'ECONNRESET'].includes(error.code ?? ''))
    return new NobodyListens(path, error);
  const message = `cannot connect to the controller on ${path}: ${error.message}`;
  return new ClientError('unavailable', message, {cause: error});
}

function createSocketTransport(socket: Socket): Transport {
  const decoder = createDecoder(mostBytesFromController);
  let why = 'the controller closed the connection';
  // From the beginning: a transport that is closed without ever being listened to can be reset too.
  socket.on('error', (error) => {
    why = error.message;
  });
  return {
    listen({messages, closed}) {
      socket.on('data', (chunk: Buffer) => {
        const values: unknown[] = [];
        try {
          for (const value of decoder.push(chunk)) values.push(value);
        } catch (error) {
          why = `what came is no controller's message: ${error instanceof Error ? error.message : String(error)}`;
          socket.destroy();
        }
        if (values.length > 0) messages(values);
      });
      socket.once('close', () => closed(why));
    },
    send: (request) => void socket.write(encodeMessage(request)),
    close() {
      // Sends what is written, then ends; without reading on, the other side's end would not be seen.
      socket.end();
      socket.resume();
      const late = setTimeout(() => socket.destroy(), 500);
      socket.once('close', () => clearTimeout(late));
    },
  };
}
