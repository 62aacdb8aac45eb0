// Puts blobs into a repository (distribution spec, "Pushing blobs"): mounted from a neighbour, in one piece, or in chunks. A broken upload goes
// on where the registry says it stopped, or begins again where it does not say.
import type {Digest} from './digest.ts';
import {quoted} from './quoted.ts';
import {RegistryError} from './registry-error.ts';
import type {Call, RegistrySession} from './registry-session.ts';
import type {HttpAnswer} from './registry-transport.ts';

type Repository = {readonly host: string; readonly repository: string};
type CallOptions = {readonly signal?: AbortSignal | undefined};

/** A blob to be uploaded. `open` gives the bytes from `start` up to, not including, `end`, and may be called several times. */
export type BlobContent = {
  readonly digest: Digest;
  readonly size: number;
  readonly open: (start: number, end: number) => AsyncIterable<Buffer> | Iterable<Buffer>;
};

export type UploadOptions = {readonly chunkSize: number};

/** See RegistryClient.mountBlob. */
export async function mountBlob(
  session: RegistrySession,
  repository: Repository,
  digest: Digest,
  from: Repository,
  {signal}: CallOptions = {},
): Promise<boolean> {
  const started = await tryMount(session, repository, digest, from, signal);
  if (started === 'mounted') return true;
  if (started) await abandon(session, repository, started.location, signal);
  return false;
}

/** See RegistryClient.checkPush. */
export async function checkPush(
  session: RegistrySession,
  repository: Repository,
  {signal}: CallOptions = {},
): Promise<void> {
  const {location} = await start(session, repository, signal);
  await abandon(session, repository, location, signal);
}

/** See RegistryClient.uploadBlob. */
export async function uploadBlob(
  session: RegistrySession,
  repository: Repository,
  content: BlobContent,
  {chunkSize}: UploadOptions,
  {signal, mountFrom = []}: CallOptions & {readonly mountFrom?: readonly Repository[]} = {},
): Promise<'mounted' | 'uploaded'> {
  let started: Started | undefined;
  for (const from of mountFrom) {
    const outcome = await tryMount(session, repository, content.digest, from, signal);
    if (outcome === 'mounted') return 'mounted';
    started = outcome ?? started;
  }
  const upload = new Upload(session, repository, content, chunkSize, signal, started);
  if (content.size > chunkSize && (await upload.inChunks())) return 'uploaded';
  await upload.inOnePiece();
  return 'uploaded';
}

/** Milliseconds for the small exchanges around an upload. */
const documentTime = 120_000;

/** An upload the registry waits for. `chunk` is the least size of a chunk it takes, in bytes. */
type Started = {readonly location: URL; readonly chunk: number};

async function tryMount(
  session: RegistrySession,
  repository: Repository,
  digest: Digest,
  from: Repository,
  signal: AbortSignal | undefined,
): Promise<'mounted' | Started | undefined> {
  if (from.host !== repository.host || from.repository === repository.repository) return undefined;
  const query = new URLSearchParams({mount: digest, from: from.repository});
  try {
    return await session.call({
      ...uploadCall(repository, signal),
      method: 'POST',
      path: `/v2/${repository.repository}/blobs/uploads/?${query.toString()}`,
      scopes: [`repository:${repository.repository}:pull,push`, `repository:${from.repository}:pull`],
      accept: [201, 202],
      what: `a mount of ${digest} in ${repository.repository}`,
      within: documentTime,
      read: async (answer) => {
        await answer.discard();
        return answer.status === 201 ? 'mounted' : startedAt(answer, repository);
      },
    });
  } catch (error) {
    // A registry that does not mount, or not from there, still takes an upload; if it takes nothing at all, that will say why.
    if (error instanceof RegistryError && error.status !== undefined && error.status < 500 && !error.retryable)
      return undefined;
    throw error;
  }
}

async function start(
  session: RegistrySession,
  repository: Repository,
  signal: AbortSignal | undefined,
): Promise<Started> {
  return session.call({
    ...uploadCall(repository, signal),
    method: 'POST',
    path: `/v2/${repository.repository}/blobs/uploads/`,
    accept: [202],
    within: documentTime,
    read: async (answer) => {
      await answer.discard();
      return startedAt(answer, repository);
    },
  });
}

/** Tells the registry that nothing will come; that it cannot be told is no harm, it forgets by itself. */
async function abandon(
  session: RegistrySession,
  repository: Repository,
  location: URL,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await session.call({
      ...uploadCall(repository, signal),
      method: 'DELETE',
      path: location,
      accept: [200, 202, 204, 404],
      within: documentTime,
      retries: false,
      read: (answer) => answer.discard(),
    });
  } catch (error) {
    if (!(error instanceof RegistryError)) throw error;
  }
}

function uploadCall({host, repository}: Repository, signal: AbortSignal | undefined) {
  return {
    host,
    scopes: [`repository:${repository}:pull,push`],
    what: `uploads to ${repository}`,
    signal,
  } satisfies Partial<Call<unknown>>;
}

function startedAt(answer: HttpAnswer, {host}: Repository): Started {
  const chunk = Number(answer.header('oci-chunk-min-length') ?? 0);
  return {
    location: locationOf(answer, host),
    chunk: Number.isSafeInteger(chunk) && chunk > 0 ? Math.min(chunk, mostChunk) : 0,
  };
}

const mostChunk = 1024 ** 3;

function locationOf(answer: HttpAnswer, host: string): URL {
  const header = answer.header('location');
  const url = header === undefined ? null : URL.parse(header, answer.url.href);
  if (url && (url.protocol === 'https:' || url.protocol === 'http:')) return url;
  throw new RegistryError(
    'bad-answer',
    `Expected ${host} to say where to upload to, got ${quoted(header ?? 'nothing')}.`,
    {host},
  );
}

/** One blob on its way up. */
class Upload {
  readonly #session: RegistrySession;
  readonly #repository: Repository;
  readonly #content: BlobContent;
  readonly #chunkSize: number;
  readonly #signal: AbortSignal | undefined;
  #started: Started | undefined;
  #offset = 0;
  #furthest = 0;
  #failed = false;
  #refusals = 0;

  constructor(
    session: RegistrySession,
    repository: Repository,
    content: BlobContent,
    chunkSize: number,
    signal: AbortSignal | undefined,
    started: Started | undefined,
  ) {
    this.#session = session;
    this.#repository = repository;
    this.#content = content;
    this.#chunkSize = chunkSize;
    this.#signal = signal;
    this.#started = started;
  }

  /** POST, then PUT with the whole body; both again when that breaks. */
  inOnePiece(): Promise<void> {
    return this.#retried(async () => {
      const {location} = await this.#begin();
      this.#started = undefined;
      await this.#put(location, 0);
    });
  }

  /** POST, PATCH for each chunk, PUT. False when this registry takes no chunks. */
  async inChunks(): Promise<boolean> {
    await this.#retried(async () => {
      while (this.#offset < this.#content.size && this.#refusals < mostRefusals) await this.#nextChunk();
      if (this.#refusals < mostRefusals) await this.#close();
    });
    return this.#refusals < mostRefusals;
  }

  /** After a failure the blob may be there all the same: the answer got lost, or somebody else brought it. */
  #retried(attempt: () => Promise<void>): Promise<void> {
    const run = async (): Promise<void> => {
      if (this.#failed && (await this.#isThere())) return;
      try {
        await attempt();
      } catch (error) {
        this.#failed = true;
        throw error;
      }
    };
    return this.#session.retried(run, {signal: this.#signal, progress: () => this.#furthest});
  }

  async #begin(): Promise<Started> {
    this.#started ??= await start(this.#session, this.#repository, this.#signal);
    return this.#started;
  }

  async #nextChunk(): Promise<void> {
    const {location, chunk} = await this.#begin();
    const end = Math.min(this.#content.size, this.#offset + Math.max(chunk, this.#chunkSize));
    try {
      await this.#patch(location, end);
    } catch (error) {
      await this.#findOffset(error, location);
      throw error;
    }
  }

  async #patch(location: URL, end: number): Promise<void> {
    const begin = this.#offset;
    await this.#session.call({
      ...uploadCall(this.#repository, this.#signal),
      method: 'PATCH',
      path: location,
      headers: () => ({'content-type': 'application/octet-stream', 'content-range': `${begin}-${end - 1}`}),
      body: {length: end - begin, open: () => this.#content.open(begin, end)},
      accept: [200, 201, 202, 204, ...refusedChunk],
      retries: false,
      read: async (answer) => {
        await answer.discard();
        if (refusedChunk.includes(answer.status)) this.#restart();
        else this.#advance(answer, end);
      },
    });
  }

  /** The registry will not have this chunk: it does not do chunks, or lost track. It gets another upload, and at last one in one piece. */
  #restart(): void {
    this.#refusals++;
    this.#started = undefined;
    this.#offset = 0;
  }

  /** The registry says how far it is; without a word, as far as we sent. */
  #advance(answer: HttpAnswer, end: number): void {
    const stored = storedBytes(answer) ?? end;
    if (stored > end) throw this.#wrong(`to have ${end} bytes`, `it has ${stored}`);
    this.#offset = stored;
    this.#furthest = Math.max(this.#furthest, stored);
    if (this.#started)
      this.#started = {...this.#started, location: nextLocation(answer, this.#repository.host, this.#started.location)};
  }

  /** After a broken chunk: what arrived of it, as the registry tells it; an upload it has forgotten begins again. */
  async #findOffset(error: unknown, location: URL): Promise<void> {
    if (!(error instanceof RegistryError) || !error.retryable) return;
    try {
      await this.#session.call({
        ...uploadCall(this.#repository, this.#signal),
        method: 'GET',
        path: location,
        accept: [200, 202, 204],
        within: documentTime,
        read: async (answer) => {
          await answer.discard();
          this.#offset = 0;
          this.#advance(answer, this.#content.size);
          if (storedBytes(answer) === undefined) this.#forget();
        },
      });
    } catch (cause) {
      if (!(cause instanceof RegistryError)) throw cause;
      this.#forget();
    }
  }

  #forget(): void {
    this.#started = undefined;
    this.#offset = 0;
  }

  async #close(): Promise<void> {
    const {location} = await this.#begin();
    try {
      await this.#put(location, this.#content.size);
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  async #put(location: URL, begin: number): Promise<void> {
    const {digest, size, open} = this.#content;
    await this.#session.call({
      ...uploadCall(this.#repository, this.#signal),
      method: 'PUT',
      path: withDigest(location, digest),
      what: `the blob ${digest} of ${this.#repository.repository}`,
      headers: () => ({'content-type': 'application/octet-stream'}),
      body: {length: size - begin, open: () => (begin < size ? open(begin, size) : [])},
      accept: [200, 201, 202, 204],
      retries: false,
      read: (answer) => answer.discard(),
    });
  }

  #isThere(): Promise<boolean> {
    const {host, repository} = this.#repository;
    return this.#session.call({
      ...uploadCall(this.#repository, this.#signal),
      method: 'HEAD',
      host,
      path: `/v2/${repository}/blobs/${this.#content.digest}`,
      accept: [200, 404],
      within: documentTime,
      retries: false,
      read: async (answer) => {
        await answer.discard();
        return answer.status === 200;
      },
    });
  }

  #wrong(expected: string, got: string): RegistryError {
    const {host} = this.#repository;
    return new RegistryError(
      'bad-answer',
      `Expected ${host} ${expected} of the blob ${this.#content.digest}, but ${got}.`,
      {host},
    );
  }
}

/** Answers to a chunk that mean "not like this". */
const refusedChunk: readonly number[] = [400, 404, 405, 411, 416, 501];
const mostRefusals = 2;

/** How many bytes the registry has, from `Range: 0-<last>`; it says `0-0` while it has none. */
function storedBytes(answer: HttpAnswer): number | undefined {
  const [, last] = /^(?:bytes=)?0-(\d{1,15})$/.exec(answer.header('range') ?? '') ?? [];
  if (last === undefined) return undefined;
  return last === '0' ? 0 : Number(last) + 1;
}

function nextLocation(answer: HttpAnswer, host: string, before: URL): URL {
  return answer.header('location') === undefined ? before : locationOf(answer, host);
}

/** Appended as text: what the registry put into its address goes back to the letter. */
function withDigest(location: URL, digest: Digest): URL {
  const joint = location.search === '' ? '?' : '&';
  return new URL(`${location.href}${joint}digest=${encodeURIComponent(digest)}`);
}
