// The least that a rebase in a registry can cost: the very requests of one, sent again by nothing but Node's HTTP, and no answer looked at.
import {Agent, request as httpRequest} from 'node:http';
import type {HttpTransport} from '../../source/oci/registry-transport.ts';

export type SentRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
};

/** A transport that passes everything on and keeps what was sent, in the order of sending. */
export function recordingTransport(transport: HttpTransport): HttpTransport & {readonly sent: SentRequest[]} {
  const sent: SentRequest[] = [];
  return {
    sent,
    send: (request) => {
      const {method, url, headers} = request;
      const body = request.body ? Buffer.concat([...(request.body.open() as Iterable<Buffer>)]) : undefined;
      sent.push({method, path: url.pathname + url.search, headers, body});
      return transport.send(request);
    },
    close: () => transport.close(),
  };
}

/** Sends the requests of one rebase one after the other; an upload's address is taken from the answer before. */
export async function sendChain(host: string, agent: Agent, chain: readonly SentRequest[]): Promise<void> {
  let location = '';
  for (const {method, path, headers, body} of chain) {
    const isUpload = method === 'PUT' && path.includes('/blobs/uploads/');
    const digest = /digest=[^&]*/.exec(path)?.[0] ?? '';
    const url = isUpload ? `${location}&${digest}` : `http://${host}${path}`;
    location = await send(url, agent, {method, path, headers, body});
  }
}

/** Gives where the answer sends one on, if anywhere. */
function send(url: string, agent: Agent, {method, headers, body}: SentRequest): Promise<string> {
  return new Promise((resolve, reject) => {
    const length = body ? {'content-length': String(body.length)} : {};
    const outgoing = httpRequest(url, {method, agent, headers: {...headers, ...length}}, (answer) => {
      const {statusCode = 0} = answer;
      if (statusCode >= 400) reject(new Error(`${method} ${url}: status ${statusCode}`));
      answer.on('data', () => undefined);
      answer.on('end', () => resolve(answer.headers.location ?? ''));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
