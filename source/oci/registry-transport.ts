// HTTP for the registry client: one request, one answer, over kept connections. What a server sends is hostile until checked, so headers are
// bounded, an answer must begin in time, and a body must keep coming: a server that dribbles is given up.
import type {ClientRequest, Agent as HttpAgent, IncomingMessage} from 'node:http';
import type {Agent as HttpsAgent} from 'node:https';
import {connectionError, RegistryError} from './registry-error.ts';

/** A body that can be opened again for another try; `length` is in bytes. */
export type RequestBody = {
  readonly length: number;
  readonly open: () => AsyncIterable<Buffer> | Iterable<Buffer>;
};

export type HttpRequest = {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly signal?: AbortSignal;
};

/** An answer whose body is still to come. Read the body to its end, or discard it: its connection is held until then. */
export type HttpAnswer = {
  readonly status: number;
  readonly url: URL;
  header(name: string): string | undefined;
  readonly body: AsyncIterable<Buffer>;
  discard(): Promise<void>;
};

/** Sends requests. Rejects with RegistryErrors (`unreachable`, `untrusted`, `timed-out`, `bad-answer`) or the signal's reason. */
export type HttpTransport = {send(request: HttpRequest): Promise<HttpAnswer>; close(): void};

/**
 * Milliseconds and bytes: an answer begins within `answerWithin` of the last byte sent; of a body at least `leastBytes` come in every
 * `stalledAfter` spent waiting for it; `headerBytes` bounds an answer's headers.
 */
export type TransportLimits = {
  readonly answerWithin: number;
  readonly stalledAfter: number;
  readonly leastBytes: number;
  readonly headerBytes: number;
};

export const defaultTransportLimits: TransportLimits = {
  answerWithin: 60_000,
  stalledAfter: 30_000,
  leastBytes: 4096,
  headerBytes: 32 * 1024,
};

export type TransportOptions = {
  readonly limits?: Partial<TransportLimits>;
  /** PEM texts of certificate authorities to be trusted beside the system's own. */
  readonly certificateAuthorities?: readonly string[];
  /** Where HTTP_PROXY, HTTPS_PROXY and NO_PROXY are read; without it no proxy is used. */
  readonly env?: NodeJS.ProcessEnv;
};

/** Node's own HTTP, with connections kept open between requests. */
export function createHttpTransport(options: TransportOptions = {}): HttpTransport {
  const limits = {...defaultTransportLimits, ...options.limits};
  const agentOptions = {keepAlive: true, ...(options.env && {proxyEnv: options.env})};
  const agents = {
    http: new (http().Agent)(agentOptions),
    https: new (https().Agent)({
      ...agentOptions,
      ...(options.certificateAuthorities && {ca: [...options.certificateAuthorities]}),
    }),
  };
  return {
    send: (request) => sendOverLiveConnection(request, agents, limits),
    close: () => {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

/**
 * Node's modules, when they are needed: imported, they would load all of fetch and WebSocket for their names' sake, in every phase of every build,
 * which takes longer than starting Node.
 */
const http = () => process.getBuiltinModule('node:http');
const https = () => process.getBuiltinModule('node:https');

type Agents = {readonly http: HttpAgent; readonly https: HttpsAgent};

/**
 * A kept connection may have been closed by the server just now: that says nothing about the request, which goes out again. One with a body may
 * have been acted upon; whoever sends it knows what to do then.
 */
async function sendOverLiveConnection(
  request: HttpRequest,
  agents: Agents,
  limits: TransportLimits,
): Promise<HttpAnswer> {
  for (;;) {
    const exchange = new Exchange(request, agents, limits);
    try {
      return await exchange.answer();
    } catch (error) {
      request.signal?.throwIfAborted();
      if (!exchange.metStaleConnection(error)) throw error;
    }
  }
}

class Exchange {
  readonly #request: HttpRequest;
  readonly #limits: TransportLimits;
  readonly #outgoing: ClientRequest;
  #answered = false;
  #sourceFailure: unknown;

  constructor(request: HttpRequest, agents: Agents, limits: TransportLimits) {
    this.#request = request;
    this.#limits = limits;
    const {url, method, headers, body, signal} = request;
    const options = {
      method,
      headers: body ? {...headers, 'content-length': String(body.length)} : headers,
      maxHeaderSize: limits.headerBytes,
      ...(signal && {signal}),
    };
    this.#outgoing =
      url.protocol === 'https:'
        ? https().request(url, {...options, agent: agents.https})
        : http().request(url, {...options, agent: agents.http});
  }

  async answer(): Promise<HttpAnswer> {
    const {url, signal} = this.#request;
    try {
      return this.#answerFrom(await this.#message());
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof RegistryError || this.#sourceFailure === error ? error : connectionError(url.host, error);
    }
  }

  metStaleConnection(error: unknown): boolean {
    const isSafe = this.#request.body === undefined && !this.#answered;
    return isSafe && this.#outgoing.reusedSocket && error instanceof RegistryError && error.kind === 'unreachable';
  }

  #message(): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.#outgoing.destroy(this.#tooSlow('begin to answer')),
        this.#limits.answerWithin,
      );
      this.#outgoing.once('response', (message) => {
        this.#answered = true;
        resolve(message);
      });
      this.#outgoing.on('error', reject);
      for (const event of ['response', 'close']) this.#outgoing.once(event, () => clearTimeout(timer));
      this.#writeBody(timer).catch((error: unknown) => {
        this.#sourceFailure = error;
        this.#outgoing.destroy(error instanceof Error ? error : new Error(String(error)));
      });
    });
  }

  /** Stops when the server answers before it has everything: it has made up its mind. */
  async #writeBody(timer: NodeJS.Timeout): Promise<void> {
    const {body} = this.#request;
    if (!body) {
      this.#outgoing.end();
      return;
    }
    for await (const chunk of body.open()) {
      if (this.#isOver()) return;
      if (!this.#outgoing.write(chunk)) await this.#drained();
      timer.refresh();
    }
    if (!this.#isOver()) this.#outgoing.end();
  }

  #isOver(): boolean {
    return this.#answered || this.#outgoing.destroyed;
  }

  #drained(): Promise<void> {
    const events = ['drain', 'response', 'close'];
    return new Promise((resolve) => {
      const done = (): void => {
        for (const event of events) this.#outgoing.off(event, done);
        resolve();
      };
      if (this.#isOver()) resolve();
      else for (const event of events) this.#outgoing.on(event, done);
    });
  }

  #answerFrom(message: IncomingMessage): HttpAnswer {
    const body = this.#read(message);
    return {
      status: message.statusCode ?? 0,
      url: this.#request.url,
      header: (name) => headerOf(message, name),
      body: {[Symbol.asyncIterator]: () => body},
      discard: () => this.#discard(message, body),
    };
  }

  /** Reads a short rest away, so that the connection can be kept; a long or slow one costs the connection. */
  async #discard(message: IncomingMessage, body: AsyncIterable<Buffer>): Promise<void> {
    if (message.readableEnded) return;
    const timer = setTimeout(() => message.destroy(), longestDiscard);
    try {
      if (Number(message.headers['content-length'] ?? 0) > mostDiscarded && this.#request.method !== 'HEAD')
        message.destroy();
      let bytes = 0;
      for await (const chunk of body) {
        bytes += chunk.length;
        if (bytes > mostDiscarded) break;
      }
    } catch (error) {
      // What is thrown away may as well be cut off; only giving up is passed on.
      this.#request.signal?.throwIfAborted();
      if (!(error instanceof RegistryError)) throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  async *#read(message: IncomingMessage): AsyncGenerator<Buffer, undefined> {
    const {url, signal} = this.#request;
    const chunks = message[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    const patience = new Patience(this.#limits, () => message.destroy(this.#tooSlow('send at least a trickle')));
    try {
      for (;;) {
        const next = await patience.during(chunks.next());
        if (next.done) return undefined;
        patience.received(next.value.length);
        yield next.value;
      }
    } catch (error) {
      signal?.throwIfAborted();
      throw error instanceof RegistryError ? error : connectionError(url.host, error);
    } finally {
      if (!message.complete || !this.#outgoing.writableFinished) this.#outgoing.destroy();
    }
  }

  #tooSlow(what: string): RegistryError {
    const {host} = this.#request.url;
    return new RegistryError('timed-out', `Expected ${host} to ${what}, but it did not in time. Try again later.`, {
      host,
      retryable: true,
    });
  }
}

const mostDiscarded = 64 * 1024;
/** Milliseconds. */
const longestDiscard = 2000;

/** Counts the time spent waiting for a body, and loses patience when too little of it comes. What the reader does between chunks is not counted. */
class Patience {
  readonly #limits: TransportLimits;
  readonly #lose: () => void;
  #waited = 0;
  #bytes = 0;

  constructor(limits: TransportLimits, lose: () => void) {
    this.#limits = limits;
    this.#lose = lose;
  }

  async during<T>(waiting: Promise<T>): Promise<T> {
    const began = performance.now();
    const timer = setTimeout(this.#lose, Math.max(0, this.#limits.stalledAfter - this.#waited));
    try {
      return await waiting;
    } finally {
      clearTimeout(timer);
      this.#waited += performance.now() - began;
    }
  }

  received(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < this.#limits.leastBytes) return;
    this.#bytes = 0;
    this.#waited = 0;
  }
}

function headerOf(message: IncomingMessage, name: string): string | undefined {
  const value = message.headers[name];
  return Array.isArray(value) ? value.join(', ') : value;
}
