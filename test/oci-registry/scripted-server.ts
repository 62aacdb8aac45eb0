// A server on this machine that answers as a test tells it to, and remembers what it was asked.
import {once} from 'node:events';
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {onTestFinished} from 'vitest';

export type Asked = {
  readonly method: string;
  readonly url: string;
  readonly authorization: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
};

export type Answerer = (asked: Asked, answer: ServerResponse, number: number) => void;

/** `number` counts the requests that are not the first look at `/v2/`, from 1; that look is answered with 200 unless `ping` does it. */
export async function aServer(
  answerer: Answerer,
  {ping}: {readonly ping?: Answerer} = {},
): Promise<{readonly host: string; readonly asked: Asked[]}> {
  const asked: Asked[] = [];
  const server = createServer((incoming, answer) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('error', () => undefined);
    incoming.on('end', () => {
      const {method = '', url = '', headers} = incoming;
      const request = {method, url, headers, authorization: headers.authorization, body: Buffer.concat(chunks)};
      if (url === '/v2/') {
        if (ping) ping(request, answer, 0);
        else answer.writeHead(200).end();
        return;
      }
      asked.push(request);
      answerer(request, answer, asked.length);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return {host: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked};
}
