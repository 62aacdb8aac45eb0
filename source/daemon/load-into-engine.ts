// Gives an image of a layout to a container engine: as a docker archive, which every engine takes.
import {createReadStream} from 'node:fs';
import {open} from 'node:fs/promises';
import {join} from 'node:path';
import type {EngineCli} from '../executors/container/engine-cli.ts';
import {writeDockerArchive} from '../oci/archive-docker-write.ts';
import type {Digest} from '../oci/digest.ts';
import {withIncoming} from './foreign-image.ts';
import type {StatePaths} from './state-paths.ts';

/** An image by the digest of its manifest, and the names it goes by. */
export type NamedImage = {readonly layout: string; readonly digest: Digest; readonly tags: readonly string[]};

/** Loads the image and moves its names to it; resolves to the lines that the engine says. Rejects with an EngineError when it refuses. */
export async function loadIntoEngine(
  cli: EngineCli,
  image: NamedImage,
  paths: StatePaths,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  return withIncoming(paths, async (directory) => {
    const file = join(directory, 'image.tar');
    await writeArchive(file, image, signal);
    // By its standard input: a program in a confinement of its own may not see our directories.
    const said = await cli.call(['load'], {input: createReadStream(file), signal});
    return said.split('\n').filter((line) => line.trim() !== '');
  });
}

/** Writes a docker archive to a file that must not exist yet. */
export async function writeArchive(
  file: string,
  {layout, digest, tags}: NamedImage,
  signal?: AbortSignal,
): Promise<void> {
  const handle = await open(file, 'wx', 0o644);
  try {
    const write = async (chunk: Buffer) => {
      for (let offset = 0; offset < chunk.length; ) offset += (await handle.write(chunk, offset)).bytesWritten;
    };
    await writeDockerArchive(layout, [{digest, tags: tags.map(withTag)}], write, {signal});
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** An engine takes no name without a tag. */
function withTag(name: string): string {
  return /:[^/]+$/.test(name) ? name : `${name}:latest`;
}
