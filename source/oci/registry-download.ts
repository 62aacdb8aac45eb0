// Streams a blob into a layout or pool. It is hashed on the way, may not be longer than its manifest says, is taken up with a Range request where
// a connection broke off, and takes its name only when it is complete, right and on disk.
import {randomUUID} from 'node:crypto';
import type {Hash} from 'node:crypto';
import {type FileHandle, mkdir, open, rename, rm} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {blobPath, hasBlob} from './blob-store.ts';
import {type Digest, finishDigest, startDigest} from './digest.ts';
import {RegistryError} from './registry-error.ts';
import type {RegistrySession} from './registry-session.ts';
import type {HttpAnswer} from './registry-transport.ts';

export type DownloadTarget = {
  readonly repository: {readonly host: string; readonly repository: string};
  readonly blob: {readonly digest: Digest; readonly size?: number};
  readonly into: string;
};

/** See RegistryClient.downloadBlob. Leaves no temporary file. */
export async function downloadBlob(
  session: RegistrySession,
  {repository, blob, into}: DownloadTarget,
  {signal}: {readonly signal?: AbortSignal | undefined} = {},
): Promise<'downloaded' | 'present'> {
  if (await hasBlob(into, blob.digest, blob.size)) return 'present';
  const {host} = repository;
  const partial = await PartialBlob.create(into, host, blob);
  try {
    await session.call({
      host,
      method: 'GET',
      path: `/v2/${repository.repository}/blobs/${blob.digest}`,
      scopes: [`repository:${repository.repository}:pull`],
      accept: [200, 206],
      what: `the blob ${blob.digest} of ${repository.repository}`,
      signal,
      headers: (): Record<string, string> => (partial.size === 0 ? {} : {range: `bytes=${partial.size}-`}),
      progress: () => partial.received,
      read: (answer) => partial.receive(answer),
    });
    await partial.finish();
    return 'downloaded';
  } finally {
    await partial.dispose();
  }
}

/** Bytes, where no manifest says how many there must be. */
const mostBytes = 64 * 1024 ** 3;

class PartialBlob {
  readonly #path: string;
  readonly #target: string;
  readonly #handle: FileHandle;
  readonly #host: string;
  readonly #blob: DownloadTarget['blob'];
  #hash: Hash = startDigest();
  /** Bytes in the file. */
  size = 0;
  /** Bytes that ever came. */
  received = 0;

  private constructor(handle: FileHandle, path: string, target: string, host: string, blob: DownloadTarget['blob']) {
    this.#handle = handle;
    this.#path = path;
    this.#target = target;
    this.#host = host;
    this.#blob = blob;
  }

  static async create(into: string, host: string, blob: DownloadTarget['blob']): Promise<PartialBlob> {
    const target = blobPath(into, blob.digest);
    await mkdir(dirname(target), {recursive: true});
    const path = join(into, 'blobs', `.${randomUUID()}.partial`);
    return new PartialBlob(await open(path, 'wx', 0o644), path, target, host, blob);
  }

  async receive(answer: HttpAnswer): Promise<void> {
    if (answer.status === 206) this.#checkRange(answer.header('content-range'));
    else await this.#startAgain();
    this.#checkLength(answer);
    for await (const chunk of answer.body) await this.#append(chunk);
    if (this.#blob.size !== undefined && this.size < this.#blob.size) {
      throw this.#wrong(
        'unreachable',
        `to send ${this.#blob.size} bytes of`,
        `the connection ended after ${this.size}`,
        true,
      );
    }
  }

  async finish(): Promise<void> {
    const got = finishDigest(this.#hash);
    if (got !== this.#blob.digest)
      throw this.#wrong('digest-mismatch', 'to send', `what came has the digest ${got}; it was thrown away`);
    await this.#handle.datasync();
    await this.#handle.close();
    await rename(this.#path, this.#target);
  }

  async dispose(): Promise<void> {
    await this.#handle.close();
    await rm(this.#path, {force: true});
  }

  /** The server sends from the beginning: it does not do ranges. */
  async #startAgain(): Promise<void> {
    if (this.size === 0) return;
    await this.#handle.truncate(0);
    this.#hash = startDigest();
    this.size = 0;
  }

  #checkRange(range: string | undefined): void {
    const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(range ?? '') ?? [];
    const isSize = total === '*' || this.#blob.size === undefined || Number(total) === this.#blob.size;
    if (Number(start) === this.size && isSize) return;
    throw this.#wrong('bad-answer', `to go on at byte ${this.size} of`, 'it sent another range');
  }

  #checkLength(answer: HttpAnswer): void {
    const length = Number(answer.header('content-length') ?? Number.NaN);
    const expected = this.#blob.size;
    if (Number.isNaN(length) || expected === undefined || this.size + length === expected) return;
    throw this.#wrong('digest-mismatch', `to have ${expected} bytes of`, `it has ${this.size + length}`);
  }

  async #append(chunk: Buffer): Promise<void> {
    const limit = this.#blob.size ?? mostBytes;
    if (this.size + chunk.length > limit) throw this.#wrong('limit', `to send ${limit} bytes of`, 'it sent more');
    this.#hash.update(chunk);
    for (let offset = 0; offset < chunk.length; ) {
      offset += (await this.#handle.write(chunk, offset, chunk.length - offset, this.size + offset)).bytesWritten;
    }
    this.size += chunk.length;
    this.received += chunk.length;
  }

  #wrong(kind: RegistryError['kind'], expected: string, got: string, retryable = false): RegistryError {
    const message = `Expected ${this.#host} ${expected} the blob ${this.#blob.digest}, but ${got}.`;
    return new RegistryError(kind, message, {host: this.#host, retryable});
  }
}
