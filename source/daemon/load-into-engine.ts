// Gives an image of a layout to a container engine: as a docker archive, which every engine takes.
import {open} from 'node:fs/promises';
import {z} from 'zod';
import {type EngineCli, EngineError} from '../executors/container/engine-cli.ts';
import {inspectImage} from '../executors/container/engine-commands.ts';
import {loadArchive} from '../executors/container/load-archive.ts';
import {writeDockerArchive} from '../oci/archive-docker-write.ts';
import type {Digest} from '../oci/digest.ts';

/** An image by the digest of its manifest, and the names it goes by. */
export type NamedImage = {readonly layout: string; readonly digest: Digest; readonly tags: readonly string[]};

/**
 * Loads the image and moves its names to it; resolves to the lines that the engine says. A docker engine is not sent the layers that the image of
 * the same name shares with it. Rejects with an EngineError when it refuses.
 */
export async function loadIntoEngine(
  cli: EngineCli,
  {layout, digest, tags}: NamedImage,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const images = [{digest, tags: tags.map(withTag)}];
  const present = cli.engine.kind === 'docker' ? await layersOf(cli, tags.map(withTag)) : [];
  const said = await loadArchive(cli, layout, images, {signal, present}).catch((error: unknown) => {
    // containerd's store wants every layer's bytes; and what was there may have gone in the meantime
    if (present.length === 0 || !(error instanceof EngineError) || error.kind !== 'refused') throw error;
    signal?.throwIfAborted();
    return loadArchive(cli, layout, images, {signal});
  });
  return said.split('\n').filter((line) => line.trim() !== '');
}

const inspection = z.tuple([z.object({RootFS: z.object({Layers: z.array(z.string()).nullish()})})]);

/** The diffIDs of the image that has the first of these names now; none when there is no such image. */
async function layersOf(cli: EngineCli, [name = '']: readonly string[]): Promise<readonly string[]> {
  try {
    const [{RootFS: rootfs}] = inspection.parse(JSON.parse(await cli.call(inspectImage(name))));
    return rootfs.Layers ?? [];
  } catch (error) {
    if (error instanceof EngineError && error.kind === 'unreachable') throw error;
    return [];
  }
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
