// One call to a registry: let in as its challenge wants, retried, redirected without giving the credential away, bounded in time, its failure put
// into words.
import {quoted} from './quoted.ts';
import {type Authorization, type HostAccess, RegistryAccess} from './registry-access.ts';
import {collectBody} from './registry-body.ts';
import type {CredentialSource} from './registry-credentials.ts';
import {RegistryError} from './registry-error.ts';
import {parseRetryAfter, type RetryPolicy, type Waiting, withRetries} from './registry-retry.ts';
import {withoutSecrets} from './registry-secret.ts';
import {Slots} from './registry-slots.ts';
import type {HttpAnswer, HttpRequest, HttpTransport, RequestBody} from './registry-transport.ts';

/**
 * A call. `path` is below `/v2/`, or an absolute URL the registry gave; `accept` lists the statuses that `read` understands; `what` names the
 * thing in messages ("the manifest of …"). `within` bounds the whole exchange in milliseconds. `read` may be called again after a retry.
 */
export type Call<T> = {
  readonly host: string;
  readonly method: HttpRequest['method'];
  readonly path: string | URL;
  readonly scopes: readonly string[];
  readonly accept: readonly number[];
  readonly what: string;
  /** Asked anew for every attempt. */
  readonly headers?: () => Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  readonly within?: number;
  readonly retries?: boolean;
  /** Grows while the call gets somewhere; an attempt that got further does not count as failed. */
  readonly progress?: () => number;
  readonly signal?: AbortSignal | undefined;
  readonly read: (answer: HttpAnswer) => Promise<T>;
};

export type SessionOptions = {
  readonly credentials: CredentialSource;
  readonly insecure: readonly string[];
  readonly transport: HttpTransport;
  readonly policy: RetryPolicy;
  readonly waiting: Waiting;
  readonly now: () => number;
  readonly maxConcurrency: number;
};

/** Milliseconds a small exchange may take as a whole. */
const documentTime = 120_000;
const mostRedirects = 5;
const mostErrorBytes = 64 * 1024;
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** Makes calls; at most `maxConcurrency` are on the wire at once. */
export class RegistrySession {
  readonly #options: SessionOptions;
  readonly #slots: Slots;
  readonly #access: RegistryAccess;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#slots = new Slots(options.maxConcurrency);
    this.#access = new RegistryAccess({
      credentials: options.credentials,
      insecure: options.insecure,
      now: options.now,
      exchange: (request, read, retries = true) => {
        const attempt = () => this.#plain(request, read);
        return retries ? this.retried(attempt, request) : attempt();
      },
    });
  }

  /** What `read` gives. Rejects with RegistryErrors, with what `read` throws, or with the signal's reason. */
  call<T>(call: Call<T>): Promise<T> {
    const attempt = (): Promise<T> => this.#attempt(call);
    return call.retries === false ? attempt() : this.retried(attempt, call);
  }

  /** Several calls that are one attempt: run again as a whole, by the session's policy. */
  retried<T>(attempt: () => Promise<T>, {signal, progress}: Pick<Call<T>, 'signal' | 'progress'>): Promise<T> {
    const {policy, waiting} = this.#options;
    return withRetries(attempt, {policy, waiting, ...(signal && {signal}), ...(progress && {progress})});
  }

  close(): void {
    this.#options.transport.close();
  }

  /** For pings and tokens: one small exchange, errors that pass told from those that stay. */
  #plain<T>(request: HttpRequest, read: (answer: HttpAnswer) => Promise<T>): Promise<T> {
    const {host} = request.url;
    return this.#onTheWire({host, what: 'an answer', within: documentTime, signal: request.signal}, async (signal) => {
      const answer = await this.#options.transport.send({...request, ...(signal && {signal})});
      return thenDiscard(answer, async () => {
        if (!isPassing(answer.status)) return read(answer);
        throw await this.#failure(answer, {host, what: 'its API'}, {origin: '', secrets: []});
      });
    });
  }

  /** One exchange, in a slot; its time begins when it has one. */
  #onTheWire<T>(
    {host, what, within, signal}: Pick<Call<T>, 'host' | 'what' | 'within' | 'signal'>,
    run: (signal: AbortSignal | undefined) => Promise<T>,
  ): Promise<T> {
    return this.#slots.use(signal, async () => {
      if (within === undefined) return run(signal);
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(tooLong(host, what, within)), within);
      try {
        return await run(signal ? AbortSignal.any([signal, deadline.signal]) : deadline.signal);
      } finally {
        clearTimeout(timer);
      }
    });
  }

  async #attempt<T>(call: Call<T>): Promise<T> {
    const registry = await this.#access.host(call.host, call.signal);
    const authorization = await registry.authorize(call.scopes, call.signal);
    const outcome = await this.#send(call, registry, authorization);
    if (outcome.kind === 'done') return outcome.value;
    const again = await registry.authorize(call.scopes, call.signal);
    const second = await this.#send(call, registry, again, false);
    if (second.kind === 'done') return second.value;
    throw new RegistryError('unauthorized', `Expected ${call.host} to accept a new credential.`, {host: call.host});
  }

  /** One exchange, redirects included. `renewed`: a 401 brought a new challenge, and the call is to be made again. */
  async #send<T>(
    call: Call<T>,
    registry: HostAccess,
    authorization: Authorization,
    mayRenew = true,
  ): Promise<Exclude<Step<T>, {readonly kind: 'redirected'}>> {
    let url = new URL(call.path, registry.base);
    this.#checkPlain(call.host, url, registry.base);
    for (let hops = 0; ; hops++) {
      const to = url;
      const {host, what, within, signal} = call;
      const step = await this.#onTheWire<Step<T>>({host, what, within, signal}, async (inTime) => {
        const request = requestFor({...call, signal: inTime}, to, registry.base, authorization);
        const answer = await this.#options.transport.send(request);
        return thenDiscard(answer, () => this.#judge(call, registry, authorization, answer, mayRenew && hops === 0));
      });
      if (step.kind !== 'redirected') return step;
      if (hops === mostRedirects) throw badRedirect(call.host, `redirected more than ${mostRedirects} times`);
      url = this.#redirectTarget(call.host, url, step.location);
    }
  }

  async #judge<T>(
    call: Call<T>,
    registry: HostAccess,
    authorization: Authorization,
    answer: HttpAnswer,
    mayRenew: boolean,
  ): Promise<Step<T>> {
    if (call.accept.includes(answer.status)) return {kind: 'done', value: await call.read(answer)};
    if (redirects.has(answer.status) && (call.method === 'GET' || call.method === 'HEAD')) {
      return {kind: 'redirected', location: answer.header('location')};
    }
    if (mayRenew && answer.status === 401 && registry.renew(call.scopes, answer.header('www-authenticate'))) {
      return {kind: 'renewed'};
    }
    throw await this.#failure(answer, call, authorization);
  }

  #redirectTarget(host: string, from: URL, location: string | undefined): URL {
    const target = location === undefined ? null : URL.parse(location, from.href);
    if (!target || (target.protocol !== 'https:' && target.protocol !== 'http:'))
      throw badRedirect(host, 'redirected to nowhere');
    this.#checkPlain(host, target, from);
    return target;
  }

  /** Once on https, always on https; and plain http only where that is allowed at all. */
  #checkPlain(host: string, target: URL, from: URL): void {
    if (target.protocol === 'https:') return;
    if (target.protocol === 'http:' && from.protocol === 'http:' && this.#access.mayBePlain(target)) return;
    throw new RegistryError(
      'untrusted',
      `Expected ${host} to send us on to an https address, got ${quoted(target.origin)}. Nothing was sent there.`,
      {host},
    );
  }

  async #failure(
    answer: HttpAnswer,
    {host, what}: Pick<Call<unknown>, 'host' | 'what'>,
    authorization: Authorization,
  ): Promise<RegistryError> {
    const {status} = answer;
    const retryAfter = parseRetryAfter(answer.header('retry-after'), this.#options.now());
    const said = withoutSecrets(await errorText(answer, host), authorization.secrets);
    const facts = {host, status, retryable: isPassing(status), ...(retryAfter !== undefined && {retryAfter})};
    const {kind, words} = describeStatus(status, host, what, authorization.origin, retryAfter);
    return new RegistryError(kind, said === '' ? words : `${words} It said: ${quoted(said, 200)}.`, facts);
  }
}

/** What one exchange came to. */
type Step<T> =
  | {readonly kind: 'done'; readonly value: T}
  | {readonly kind: 'renewed'}
  | {readonly kind: 'redirected'; readonly location: string | undefined};

/** What `read` gives; whatever it left of the answer is thrown away, so that no connection is held by a body nobody reads. */
async function thenDiscard<T>(answer: HttpAnswer, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } finally {
    await answer.discard();
  }
}

/** Statuses that may be different a moment later. */
function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status === 500 || (status >= 502 && status <= 504);
}

function requestFor<T>(call: Call<T>, url: URL, base: URL, authorization: Authorization): HttpRequest {
  const {header} = authorization;
  const trusted = url.origin === base.origin && header !== undefined;
  return {
    method: call.method,
    url,
    headers: {'user-agent': 'slipway', ...call.headers?.(), ...(trusted && {authorization: header})},
    ...(call.body && {body: call.body}),
    ...(call.signal && {signal: call.signal}),
  };
}

function badRedirect(host: string, what: string): RegistryError {
  return new RegistryError('bad-answer', `Expected ${host} to send us to what was asked for, but it ${what}.`, {host});
}

function tooLong(host: string, what: string, within: number): RegistryError {
  return new RegistryError(
    'timed-out',
    `Expected ${what} from ${host} within ${Math.round(within / 1000)} s, but it took longer. Try again later.`,
    {host, retryable: true},
  );
}

/** What the registry itself says went wrong: code and message of the first error (distribution spec, "Error Codes"). */
async function errorText(answer: HttpAnswer, host: string): Promise<string> {
  try {
    const bytes = await collectBody(answer, mostErrorBytes, {host, what: 'an error'});
    const {errors} = JSON.parse(bytes.toString('utf8')) as {
      readonly errors?: readonly {readonly code?: unknown; readonly message?: unknown}[];
    };
    const [first] = Array.isArray(errors) ? errors : [];
    return [first?.code, first?.message].filter((part) => typeof part === 'string' && part !== '').join(': ');
  } catch (error) {
    // Without readable words of its own the status has to do.
    if (error instanceof SyntaxError || error instanceof RegistryError || error instanceof TypeError) return '';
    throw error;
  }
}

function describeStatus(
  status: number,
  host: string,
  what: string,
  origin: string,
  retryAfter: number | undefined,
): {readonly kind: RegistryError['kind']; readonly words: string} {
  const got = `(status ${status})`;
  switch (status) {
    case 401:
      return {
        kind: 'unauthorized',
        words: `Expected ${host} to let us at ${what}, but it wants to know who asks ${got}. Credential asked for in: ${origin}. Log in: docker login ${host}.`,
      };
    case 403:
      return {
        kind: 'denied',
        words: `Expected to be allowed at ${what} on ${host}, but it is denied ${got} for the credential from: ${origin}. Ask its owner for access.`,
      };
    case 404:
      return {kind: 'not-found', words: `Expected ${what} on ${host}, but it is not there ${got}. Check the name.`};
    case 405:
    case 501:
      return {kind: 'unsupported', words: `Expected ${host} to offer this for ${what}, but it does not ${got}.`};
    case 408:
      return {
        kind: 'timed-out',
        words: `Expected ${host} to wait for ${what}, but it gave up ${got}. Try again later.`,
      };
    case 413:
      return {kind: 'limit', words: `Expected ${host} to take ${what}, but it is too large for it ${got}.`};
    case 429: {
      const wait = retryAfter === undefined ? '' : ` It asks to wait ${Math.ceil(retryAfter / 1000)} s.`;
      return {
        kind: 'rate-limited',
        words: `Expected ${host} to serve ${what}, but there were too many requests ${got}.${wait} Log in for a higher limit, or wait.`,
      };
    }
    default: {
      const kind = status >= 500 ? 'server-failed' : 'bad-answer';
      return {kind, words: `Expected ${host} to serve ${what}, but it failed ${got}. Try again later.`};
    }
  }
}
