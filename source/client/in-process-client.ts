// The client and its controller in one process, over memory: every message takes the same way as over a socket.
import {answerRequests} from '../protocol/answer-requests.ts';
import {createDecoder, encodeMessage, mostBytesFromClient, mostBytesFromController} from '../protocol/codec.ts';
import type {Message} from '../protocol/message.ts';
import type {Service} from '../protocol/service.ts';
import type {Client} from './client.ts';
import {openClient} from './open-client.ts';
import type {Transport, TransportEvents} from './transport.ts';

/** The controller's end: what `serveSocket` is for a socket. */
export type InProcessServer = {
  dial(): Promise<Transport>;
  clients(): number;
  /** Ends every connection, as if the process at the other end had gone. */
  drop(): void;
};

/** A client of a server in this process. Rejects and behaves as a socket's client. */
export async function openInProcessClient(server: InProcessServer, version: string): Promise<Client> {
  return openClient({version, dial: async () => server.dial(), redial: async () => server.dial()});
}

/** Serves a service to clients in this process. */
export function serveInProcess({
  service,
  log,
}: {
  readonly service: Service;
  readonly log: (line: string) => void;
}): InProcessServer {
  const pipes = new Set<Pipe>();
  let lastId = 0;
  return {
    async dial() {
      lastId += 1;
      const pipe = createPipe(lastId, service, log, () => pipes.delete(pipe));
      pipes.add(pipe);
      return pipe.transport;
    },
    clients: () => pipes.size,
    drop() {
      for (const pipe of pipes) pipe.end('the controller is gone');
    },
  };
}

type Pipe = {readonly transport: Transport; readonly end: (why: string) => void};

function createPipe(id: number, service: Service, log: (line: string) => void, gone: () => void): Pipe {
  const toController = createDecoder(mostBytesFromClient);
  const toClient = createDecoder(mostBytesFromController);
  let client: TransportEvents | undefined;
  let ended = false;

  /** In a later turn, as bytes that travel; what is on its way when the pipe ends is lost. */
  const later = (act: () => void): void => {
    setImmediate(() => {
      if (!ended) act();
    });
  };
  const end = (why: string): void => {
    if (ended) return;
    ended = true;
    connection.gone();
    gone();
    setImmediate(() => client?.closed(why));
  };
  const connection = answerRequests({
    id,
    service,
    log,
    send: (message) => {
      const line = lineOf(message);
      later(() => client?.messages([...toClient.push(line)]));
    },
    drained: async () => new Promise((resolve) => setImmediate(resolve)),
    end: () => later(() => end('the controller closed the connection')),
  });

  return {
    end,
    transport: {
      listen(events) {
        client = events;
      },
      send(request) {
        const line = lineOf(request);
        later(() => {
          for (const value of toController.push(line)) connection.receive(value);
        });
      },
      close: () => end('closed by the client'),
    },
  };
}

function lineOf(message: Message): Buffer {
  return Buffer.from(encodeMessage(message));
}
