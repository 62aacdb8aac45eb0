// Reads an archive of images into a layout: what `docker save` and `podman save` write (manifest.json; with or without an OCI layout beside it),
// and tars of OCI layouts, such as buildpackages. All of it may be compressed. It is hostile: names inside are only keys, every blob is hashed,
// every layer checked against its diffID, and entries, bytes and documents are bounded.
import {randomUUID} from 'node:crypto';
import {mkdir, rm} from 'node:fs/promises';
import {join} from 'node:path';
import {readDockerImages} from './archive-docker-images.ts';
import {readOciImages} from './archive-oci-images.ts';
import {decompressed, decompressorFor} from './archive-layer-tar.ts';
import {ArchiveSpool, type ReadArchiveImage} from './archive-spool.ts';
import {openRegular} from './blob-store.ts';
import {nameManifest} from './image-layout.ts';
import {OciError} from './oci-error.ts';
import {defaultTarLimits, type TarLimits} from './tar-reader.ts';

/**
 * `into` is the layout (made if there is none). `names` replaces the archive's names, for an archive of one image. `compress` stores uncompressed
 * layers with gzip, as a registry wants them; otherwise blobs stay as they came.
 */
export type ReadArchiveOptions = {
  readonly into: string;
  readonly names?: readonly string[];
  readonly compress?: boolean;
  readonly limits?: TarLimits;
  readonly signal?: AbortSignal | undefined;
};

/** Reads an archive file; see `readArchive`. `not-found` or `bad-layout` when there is no regular file. */
export async function readArchiveFile(file: string, options: ReadArchiveOptions): Promise<readonly ReadArchiveImage[]> {
  const handle = await openRegular(file);
  try {
    const stream = handle.createReadStream({start: 0, autoClose: false, highWaterMark: 256 * 1024});
    return await readArchive(stream as AsyncIterable<Buffer>, file, options);
  } finally {
    await handle.close();
  }
}

/**
 * Reads an archive that comes in chunks and gives its images in the archive's order; they are named in the layout when all of them are complete.
 * `name` stands for the archive in messages. OciErrors: `bad-archive` (no image in it, or a part missing), `bad-tar`, `bad-manifest`,
 * `digest-mismatch`, `limit`, `unsupported`. Leaves no temporary file.
 */
export async function readArchive(
  chunks: AsyncIterable<Uint8Array>,
  name: string,
  options: ReadArchiveOptions,
): Promise<readonly ReadArchiveImage[]> {
  const {into, signal, compress = false, limits = defaultTarLimits} = options;
  const directory = join(into, 'blobs', `.archive-${randomUUID()}`);
  await mkdir(directory, {recursive: true});
  try {
    const spool = new ArchiveSpool(directory, name, limits);
    await spool.readAll(plainTar(chunks, name), signal);
    const images =
      spool.has('oci-layout') && spool.has('index.json')
        ? await readOciImages(spool, into)
        : await readDockerImages(spool, into, compress);
    const named =
      images.length === 1 && options.names ? images.map((image) => ({...image, names: options.names ?? []})) : images;
    checkNames(named, options.names, name);
    for (const {descriptor, names} of named) await nameManifest(into, descriptor, names);
    return named;
  } finally {
    await rm(directory, {recursive: true, force: true});
  }
}

function checkNames(images: readonly ReadArchiveImage[], names: readonly string[] | undefined, name: string): void {
  if (images.length === 0) throw new OciError('bad-archive', `Expected at least one image in ${name}, got none.`);
  if (names !== undefined && images.length > 1) {
    throw new OciError(
      'bad-archive',
      `Expected one image in ${name}, got ${images.length}. Save the one that is meant by itself.`,
    );
  }
}

async function* plainTar(chunks: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array, undefined> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first = await iterator.next();
  if (first.done) throw new OciError('bad-archive', `Expected an archive of images in ${name}, got an empty file.`);
  const whole = startingWith(first.value, iterator);
  const decompressor = decompressorFor(Buffer.from(first.value));
  if (decompressor) yield* decompressed(whole, decompressor, name);
  else yield* whole;
  return undefined;
}

async function* startingWith(
  first: Uint8Array,
  rest: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, undefined> {
  try {
    yield first;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
    return undefined;
  } finally {
    await rest.return?.();
  }
}
