// Serves the controller's socket: each connection on its own, none able to hold up another.
import {chmodSync, rmSync} from 'node:fs';
import {createServer, type Server, type Socket} from 'node:net';
import {join} from 'node:path';
import {answerRequests} from '../protocol/answer-requests.ts';
import {createDecoder, encodeMessage, mostBytesFromClient} from '../protocol/codec.ts';
import {type Message, protocolVersion} from '../protocol/message.ts';
import {ProtocolError} from '../protocol/protocol-error.ts';
import type {Service} from '../protocol/service.ts';
import {dropControllerRecord, keepControllerRecord} from './controller-record.ts';
import {Refusal} from './refusal.ts';
import {preparePlace, type SocketPlace, socketAt, socketPlace} from './socket-place.ts';

export type {Service, Session} from '../protocol/service.ts';

export type ServeSocketOptions = {
  /** The state directory: `controller.sock` and `controller.json`, which says where the socket really is, go into it. */
  readonly home: string;
  readonly service: Service;
  /** One line for the controller's log. */
  readonly log: (line: string) => void;
  readonly limits?: Partial<SocketLimits>;
};

export type SocketLimits = {
  /** A client with more bytes than this waiting to be read is disconnected. */
  readonly queuedBytes: number;
  /** So is one that has read nothing for so many milliseconds while something waited. */
  readonly stalledMilliseconds: number;
  /** And one that has not said hello for so many. */
  readonly handshakeMilliseconds: number;
};

export type SocketServer = {
  /** What it really listens on; another path than the wanted one when that is too long for a socket. */
  readonly path: string;
  /** Connections open now. */
  clients(): number;
  /** Tells every client the reason, sends what waits (for at most a second), ends every connection and removes the socket. */
  close(reason?: string): Promise<void>;
};

/**
 * Listens with mode 0600 in a directory of mode 0700. The caller holds the controller lock: a socket on which nobody
 * answers is taken to be left over and replaced. Throws Refusal: `conflict` when somebody answers there, `unavailable` when
 * the place is not safe or not a socket.
 */
export async function serveSocket({home, service, log, limits}: ServeSocketOptions): Promise<SocketServer> {
  const path = join(home, 'controller.sock');
  const place = socketPlace(path);
  preparePlace(path, place);
  await clearPlace(place);
  const connections = new Set<Connection>();
  const allLimits = {...defaultLimits, ...limits};
  let lastId = 0;
  const server = createServer((socket) => {
    lastId += 1;
    const connection = serveConnection({socket, id: lastId, service, log, limits: allLimits});
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
  });
  await listen(server, place.path);
  if (place.kind === 'socket') chmodSync(place.path, 0o600);
  keepControllerRecord(home, {pid: process.pid, protocol: protocolVersion, socket: place.path});

  return {
    path: place.path,
    clients: () => connections.size,
    async close(reason = 'the controller stops') {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      dropControllerRecord(home, process.pid);
      await Promise.all([...connections].map(async (connection) => connection.stop(reason)));
      await closed;
      if (place.kind === 'socket') rmSync(place.path, {force: true});
    },
  };
}

const defaultLimits: SocketLimits = {
  queuedBytes: 128 * 1024 * 1024,
  stalledMilliseconds: 30_000,
  handshakeMilliseconds: 10_000,
};

/** While more than this waits to be read by a client, no further request of it is taken. */
const pauseAtBytes = 8 * 1024 * 1024;

async function clearPlace(place: SocketPlace): Promise<void> {
  const found = await socketAt(place);
  switch (found) {
    case 'nothing':
      return;
    case 'stale':
      rmSync(place.path, {force: true});
      return;
    case 'answers':
      throw new Refusal(
        'conflict',
        `another controller answers on ${place.path}; stop it with "slipway controller stop"`,
      );
    case 'no-socket':
      throw new Refusal('unavailable', `expected nothing or a socket at ${place.path}, got another file; move it away`);
    default:
      found satisfies never;
  }
}

async function listen(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

type Connection = {stop(reason: string): Promise<void>};

type ConnectionOptions = {
  readonly socket: Socket;
  readonly id: number;
  readonly service: Service;
  readonly log: (line: string) => void;
  readonly limits: SocketLimits;
};

function serveConnection({socket, id, service, log, limits}: ConnectionOptions): Connection {
  const decoder = createDecoder(mostBytesFromClient);
  const sender = createSender({socket, id, log, limits});
  const connection = answerRequests({
    id,
    service,
    log,
    send: sender.send,
    drained: sender.drained,
    end: () => socket.end(),
  });
  const handshake = setTimeout(() => {
    if (connection.greeted()) return;
    log(`client ${id}: no hello within ${limits.handshakeMilliseconds} ms, disconnected`);
    socket.destroy();
  }, limits.handshakeMilliseconds);

  socket.on('data', (chunk: Buffer) => {
    try {
      for (const value of decoder.push(chunk)) connection.receive(value);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      socket.removeAllListeners('data').resume();
      connection.refuse(error);
    }
  });
  socket.on('error', (error) => log(`client ${id}: ${error.message}`));
  socket.once('close', () => {
    clearTimeout(handshake);
    sender.stop();
    connection.gone();
  });

  return {
    async stop(reason) {
      if (connection.greeted()) sender.send({method: 'stopping', params: {reason}});
      await endWithin(socket, 1000);
    },
  };
}

type Sender = {
  readonly send: (message: Message) => void;
  readonly drained: () => Promise<void>;
  readonly stop: () => void;
};

/** Sends messages of one turn together, and gives up on a client that does not read. */
function createSender({socket, id, log, limits}: Omit<ConnectionOptions, 'service'>): Sender {
  let gathering = false;
  let stalled: NodeJS.Timeout | undefined;

  const giveUp = (why: string): void => {
    if (socket.destroyed) return;
    log(`client ${id}: ${why}, disconnected (${socket.writableLength} bytes wait)`);
    socket.destroy();
  };
  const watchProgress = (): void => {
    clearTimeout(stalled);
    stalled = undefined;
    if (socket.destroyed || socket.writableLength === 0) return;
    const why = `read nothing for ${limits.stalledMilliseconds} ms`;
    stalled = setTimeout(() => giveUp(why), limits.stalledMilliseconds);
  };
  const gather = (): void => {
    if (gathering) return;
    gathering = true;
    socket.cork();
    process.nextTick(() => {
      gathering = false;
      socket.uncork();
    });
  };
  socket.on('drain', () => socket.resume());

  return {
    send(message) {
      if (socket.destroyed || socket.writableEnded) return;
      gather();
      socket.write(encodeMessage(message), watchProgress);
      if (socket.writableLength > limits.queuedBytes) giveUp('does not read');
      else if (socket.writableLength > pauseAtBytes) socket.pause();
      if (stalled === undefined) watchProgress();
    },
    drained: async () => {
      if (!socket.writableNeedDrain || socket.destroyed) return;
      await new Promise<void>((resolve) => {
        const done = (): void => {
          socket.off('drain', done);
          socket.off('close', done);
          resolve();
        };
        socket.on('drain', done);
        socket.on('close', done);
      });
    },
    stop: () => clearTimeout(stalled),
  };
}

async function endWithin(socket: Socket, milliseconds: number): Promise<void> {
  if (socket.destroyed) return;
  await new Promise<void>((resolve) => {
    const late = setTimeout(() => socket.destroy(), milliseconds);
    socket.once('close', () => {
      clearTimeout(late);
      resolve();
    });
    socket.end();
    // What the client still sends is not read any more; without reading, its end would not be seen.
    socket.removeAllListeners('data').resume();
  });
}
