// A gate in the middle of a build: a buildpack knocks on a port of this machine and waits there until the test lets it pass.
import {once} from 'node:events';
import {type AddressInfo, createServer, type Socket} from 'node:net';

export type Visitor = {
  /** Lets it go on. */
  pass(): void;
  /** Resolves when its end of the connection is closed: it went on, or died. */
  readonly gone: Promise<void>;
};

export type Gate = {
  readonly port: number;
  /** The next one to knock. */
  visitor(): Promise<Visitor>;
  /** From now on everybody passes at once. */
  stayOpen(): void;
  close(): Promise<void>;
};

/** Shell code that knocks and waits, for a script run by bash. */
export function knock({port}: Pick<Gate, 'port'>): string {
  return `exec 9<>/dev/tcp/127.0.0.1/${port}; read -r word <&9; exec 9>&-; [ "$word" = pass ]\n`;
}

/** A gate that is shut. */
export async function aGate(): Promise<Gate> {
  const waiting: Socket[] = [];
  const arrivals: ((socket: Socket) => void)[] = [];
  let open = false;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy()).resume();
    if (open) return void socket.write('pass\n');
    const arrival = arrivals.shift();
    if (arrival) arrival(socket);
    else waiting.push(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    port: (server.address() as AddressInfo).port,
    async visitor() {
      const socket = waiting.shift() ?? (await new Promise<Socket>((resolve) => arrivals.push(resolve)));
      return {
        pass: () => void socket.write('pass\n'),
        gone: new Promise<void>((resolve) => {
          if (socket.closed) resolve();
          else socket.once('close', () => resolve());
        }),
      };
    },
    stayOpen() {
      open = true;
      for (const socket of waiting.splice(0)) socket.write('pass\n');
    },
    async close() {
      for (const socket of waiting) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
