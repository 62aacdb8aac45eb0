// How a registry wants to be addressed and what it wants to see: https or http, no credential, basic, or bearer tokens from a token server
// (distribution spec; Docker's "Token Authentication" and "OAuth2" pages). Asked once per host, tokens kept until they expire.
import {type Challenge, parseChallenge} from './registry-challenge.ts';
import {
  basicAuthorization,
  type Credential,
  type CredentialSource,
  type FoundCredential,
  secretsOf,
} from './registry-credentials.ts';
import {RegistryError} from './registry-error.ts';
import type {HttpAnswer, HttpRequest} from './registry-transport.ts';
import {collectBody} from './registry-body.ts';
import {quoted} from './quoted.ts';

/** What to send along: the header's value, where its credential came from (in words), and the secrets it is made of. */
export type Authorization = {
  readonly header?: string;
  readonly origin: string;
  readonly secrets: readonly string[];
};

/** Sends one request, with retries unless told otherwise, and hands its answer over; gives what `read` gives. */
export type Exchange = <T>(
  request: HttpRequest,
  read: (answer: HttpAnswer) => Promise<T>,
  retries?: boolean,
) => Promise<T>;

export type AccessOptions = {
  readonly credentials: CredentialSource;
  readonly insecure: readonly string[];
  readonly now: () => number;
  readonly exchange: Exchange;
};

/** Knows each host's scheme and challenge, and keeps its tokens. One per client. */
export class RegistryAccess {
  readonly #options: AccessOptions;
  readonly #hosts = new Map<string, Promise<HostAccess>>();

  constructor(options: AccessOptions) {
    this.#options = options;
  }

  /** The registry at a host, asked with `GET /v2/` the first time. */
  async host(host: string, signal?: AbortSignal): Promise<HostAccess> {
    for (;;) {
      const known = this.#hosts.get(host);
      if (!known) return this.#discoverOnce(host, signal);
      try {
        return await untilAborted(known, signal);
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof RegistryError) throw error;
        // Whoever asked gave up in the middle; that is not our answer.
      }
    }
  }

  /** May this URL be asked without TLS? Only this machine's own, and hosts that were named for it. */
  mayBePlain(url: URL): boolean {
    return (
      isLoopback(url.hostname) ||
      this.#options.insecure.includes(url.host) ||
      this.#options.insecure.includes(url.hostname)
    );
  }

  #discoverOnce(host: string, signal: AbortSignal | undefined): Promise<HostAccess> {
    const found = this.#discover(host, signal);
    this.#hosts.set(host, found);
    // A host that could not be asked is asked again next time.
    found.catch(() => this.#hosts.delete(host));
    return found;
  }

  /** Where plain http is allowed it is tried first, and https when that finds no registry; with patience only where one of them did. */
  async #discover(host: string, signal: AbortSignal | undefined): Promise<HostAccess> {
    const secure = new URL(`https://${host}/v2/`);
    if (!this.mayBePlain(secure)) return this.#ping(secure, signal);
    const plain = new URL(`http://${host}/v2/`);
    for (const url of [plain, secure]) {
      try {
        return await this.#ping(url, signal, false);
      } catch (error) {
        if (!(error instanceof RegistryError)) throw error;
      }
    }
    return this.#ping(plain, signal);
  }

  #ping(url: URL, signal: AbortSignal | undefined, retries = true): Promise<HostAccess> {
    const request: HttpRequest = {method: 'GET', url, headers: {}, ...(signal && {signal})};
    const read = async (answer: HttpAnswer): Promise<HostAccess> => {
      await answer.discard();
      if (answer.status !== 200 && answer.status !== 401) throw noRegistry(url.host, answer.status);
      const challenge = parseChallenge(answer.header('www-authenticate'));
      return new HostAccess(url, answer.status === 401 ? challenge : undefined, this.#options, this);
    };
    return this.#options.exchange(request, read, retries);
  }
}

/** One registry: where it is and how to be let in. */
export class HostAccess {
  readonly base: URL;
  readonly #options: AccessOptions;
  readonly #access: RegistryAccess;
  readonly #tokens = new Map<string, Promise<Token>>();
  #challenge: Challenge | undefined;
  #basic: Promise<FoundCredential> | undefined;

  constructor(base: URL, challenge: Challenge | undefined, options: AccessOptions, access: RegistryAccess) {
    this.base = base;
    this.#challenge = challenge;
    this.#options = options;
    this.#access = access;
  }

  /** What to send with a request that needs these scopes (`repository:NAME:pull,push`). */
  async authorize(scopes: readonly string[], signal?: AbortSignal): Promise<Authorization> {
    switch (this.#challenge?.kind) {
      case undefined:
        return {origin: 'none was asked for', secrets: []};
      case 'basic':
        return this.#basicAuthorization(signal);
      case 'bearer':
        return this.#bearerAuthorization(this.#challenge, scopes, signal);
      default:
        return this.#challenge satisfies never;
    }
  }

  /** After a 401: forgets what did not do and takes the new challenge. False when there is nothing better to try. */
  renew(scopes: readonly string[], header: string | undefined): boolean {
    const challenge = parseChallenge(header);
    if (!challenge) return false;
    this.#challenge = challenge;
    this.#basic = undefined;
    for (const key of this.#tokens.keys()) if (covers(key.split(' '), scopes)) this.#tokens.delete(key);
    return true;
  }

  async #basicAuthorization(signal: AbortSignal | undefined): Promise<Authorization> {
    this.#basic ??= this.#options.credentials.find(this.base.host, {signal});
    try {
      const {credential, origin} = await this.#basic;
      const {header} = headerFor(credential);
      const secrets = [
        ...secretsOf(credential),
        ...(header === undefined ? [] : [header.slice(header.indexOf(' ') + 1)]),
      ];
      return {...(header !== undefined && {header}), origin, secrets};
    } catch (error) {
      this.#basic = undefined;
      throw error;
    }
  }

  async #bearerAuthorization(
    challenge: Challenge & {kind: 'bearer'},
    scopes: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Authorization> {
    const {value, origin} = await this.#token(challenge, scopes, signal);
    return {...(value !== '' && {header: `Bearer ${value}`}), origin, secrets: value === '' ? [] : [value]};
  }

  /** A token that allows as much and is still good, or is on its way; else a new one. A failure of somebody else's attempt is not ours. */
  async #token(
    challenge: Challenge & {kind: 'bearer'},
    scopes: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Token> {
    for (;;) {
      const [key, kept] = [...this.#tokens].find(([known]) => covers(known.split(' '), scopes)) ?? [];
      if (key === undefined || !kept) return this.#keep(tokenKey(scopes), this.#fetchToken(challenge, scopes, signal));
      const token = await untilAborted(
        kept.catch(() => undefined),
        signal,
      );
      if (token && token.expiresAt > this.#options.now()) return token;
      if (this.#tokens.get(key) === kept) this.#tokens.delete(key);
    }
  }

  #keep(key: string, token: Promise<Token>): Promise<Token> {
    if (this.#tokens.size >= mostTokens) this.#tokens.clear();
    this.#tokens.set(key, token);
    token.catch(() => this.#tokens.delete(key));
    return token;
  }

  async #fetchToken(
    challenge: Challenge & {kind: 'bearer'},
    scopes: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<Token> {
    const found = await this.#options.credentials.find(this.base.host, {signal});
    if (found.credential.kind === 'bearer') {
      return {
        value: found.credential.token.reveal(),
        origin: found.origin,
        expiresAt: this.#options.now() + shortestLife,
      };
    }
    const realm = this.#realmUrl(challenge.realm);
    const asked = [...new Set([...scopes, ...(challenge.scope?.split(' ') ?? [])])].filter((scope) => scope !== '');
    const request = tokenRequest(realm, challenge.service, asked, found.credential, signal);
    return this.#options.exchange(request, (answer) => this.#readToken(answer, found));
  }

  #realmUrl(realm: string): URL {
    const url = URL.parse(realm);
    if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '' || url.password !== '') {
      throw new RegistryError(
        'bad-answer',
        `Expected the address of a token server from ${this.base.host}, got ${quoted(realm)}.`,
        {host: this.base.host},
      );
    }
    if (url.protocol === 'http:' && !this.#access.mayBePlain(url)) {
      throw new RegistryError(
        'untrusted',
        `Expected ${this.base.host} to name a token server that speaks https, got ${quoted(url.origin)}. No credential was sent there.`,
        {host: this.base.host},
      );
    }
    return url;
  }

  async #readToken(answer: HttpAnswer, {credential, origin}: FoundCredential): Promise<Token> {
    const {host} = this.base;
    if (answer.status !== 200) {
      await answer.discard();
      throw refusedToken(host, answer, credential, origin);
    }
    const document = parseToken(await collectBody(answer, mostTokenBytes, {host, what: 'a token'}));
    if (!document) {
      throw new RegistryError(
        'bad-answer',
        `Expected a token from ${answer.url.host} for ${host}, got something else.`,
        {host},
      );
    }
    const life = Math.max(shortestLife, document.seconds * 1000);
    return {value: document.token, origin, expiresAt: this.#options.now() + life - Math.min(10_000, life / 5)};
  }
}

type Token = {readonly value: string; readonly origin: string; readonly expiresAt: number};

const mostTokenBytes = 256 * 1024;
/** Milliseconds: the specification's life of a token that does not say. */
const shortestLife = 60_000;
/** A fleet has many repositories, a controller lives long: beyond this many they are all asked for again. */
const mostTokens = 1000;
const clientId = 'slipway';

/** The promise's outcome, or the signal's reason when that fires first. */
function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const aborted = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) aborted();
    signal.addEventListener('abort', aborted, {once: true});
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
  });
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}

/** Does a token for `known` allow all of `asked`? A scope is `repository:NAME:ACTIONS`, actions separated by commas. */
function covers(known: readonly string[], asked: readonly string[]): boolean {
  return asked.every((scope) => known.some((other) => coversScope(other, scope)));
}

function coversScope(known: string, asked: string): boolean {
  const [knownName, knownActions] = splitScope(known);
  const [name, actions] = splitScope(asked);
  return knownName === name && actions.every((action) => knownActions.includes(action));
}

function splitScope(scope: string): readonly [string, readonly string[]] {
  const at = scope.lastIndexOf(':');
  return [scope.slice(0, at), scope.slice(at + 1).split(',')];
}

function tokenKey(scopes: readonly string[]): string {
  return scopes.join(' ');
}

function headerFor(credential: Credential): {readonly header?: string} {
  switch (credential.kind) {
    case 'anonymous':
      return {};
    case 'basic':
      return {header: basicAuthorization(credential.username, credential.password.reveal())};
    case 'identity-token':
    case 'bearer':
      return {header: `Bearer ${credential.token.reveal()}`};
    default:
      return credential satisfies never;
  }
}

/** GET with basic or nothing; an identity token goes by POST, as OAuth 2 wants it, so that it stands in no URL. */
function tokenRequest(
  realm: URL,
  service: string | undefined,
  scopes: readonly string[],
  credential: Credential,
  signal: AbortSignal | undefined,
): HttpRequest {
  const common = {...(signal && {signal})};
  if (credential.kind === 'identity-token') {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      refresh_token: credential.token.reveal(),
      client_id: clientId,
      ...(service !== undefined && {service}),
      scope: scopes.join(' '),
    });
    const bytes = Buffer.from(form.toString());
    const headers = {'content-type': 'application/x-www-form-urlencoded'};
    return {...common, method: 'POST', url: realm, headers, body: {length: bytes.length, open: () => [bytes]}};
  }
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  const {header} = headerFor(credential);
  return {...common, method: 'GET', url, headers: header === undefined ? {} : {authorization: header}};
}

function parseToken(bytes: Buffer): {readonly token: string; readonly seconds: number} | undefined {
  try {
    const {
      token,
      access_token: other,
      expires_in: seconds,
    } = JSON.parse(bytes.toString('utf8')) as Readonly<Record<string, unknown>>;
    const value = typeof token === 'string' && token !== '' ? token : other;
    if (typeof value !== 'string' || !/^[\u0021-\u007E]{1,65536}$/.test(value)) return undefined;
    return {token: value, seconds: typeof seconds === 'number' && seconds > 0 ? Math.min(seconds, 86_400) : 60};
  } catch {
    // No JSON is no token; what came instead may hold one, so it is not shown.
    return undefined;
  }
}

function refusedToken(host: string, {status, url}: HttpAnswer, credential: Credential, origin: string): RegistryError {
  const isRefusal = status === 400 || status === 401 || status === 403;
  if (!isRefusal) {
    return new RegistryError(
      'bad-answer',
      `Expected a token from ${url.host} for the registry ${host}, got status ${status}. Try again later.`,
      {host, status},
    );
  }
  const what = credential.kind === 'anonymous' ? `no credential (asked: ${origin})` : `the credential from ${origin}`;
  return new RegistryError(
    'unauthorized',
    `Expected the token server ${url.host} to let us into ${host}, but it refused ${what}. Log in again: docker login ${host}.`,
    {host, status},
  );
}

function noRegistry(host: string, status: number): RegistryError {
  return new RegistryError(
    'bad-answer',
    `Expected a registry at ${host} (GET /v2/ with status 200 or 401), got status ${status}. Check the name and port.`,
    {host, status},
  );
}
