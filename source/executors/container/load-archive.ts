import {PassThrough} from 'node:stream';
import {type ArchivedImage, writeDockerArchive} from '../../oci/archive-docker-write.ts';
import type {EngineCli} from './engine-cli.ts';
import {loadImages} from './engine-commands.ts';
import {writeToStream} from './write-to-stream.ts';

export type LoadArchive = {
  readonly signal?: AbortSignal | undefined;
  /** DiffIDs of layers that the engine has, from the lowest up: an image that begins with them comes without their bytes. */
  readonly present?: readonly string[];
};

/** Loads images of a layout under their names while the archive is made; resolves to what the engine says. Rejects with an `EngineError`, or an `OciError` of the layout. */
export async function loadArchive(
  cli: EngineCli,
  layout: string,
  images: readonly ArchivedImage[],
  {signal, present = []}: LoadArchive = {},
): Promise<string> {
  // By its standard input: a program in a confinement of its own may not see our directories.
  const input = new PassThrough();
  const writing = writeDockerArchive(layout, images, (chunk) => writeToStream(input, chunk), {signal, present}).then(
    () => input.end(),
    (error: unknown) => {
      input.destroy(error instanceof Error ? error : new Error(String(error)));
      throw error;
    },
  );
  const [written, loaded] = await Promise.allSettled([writing, cli.call(loadImages(), {input, signal})]);
  if (written.status === 'rejected' && loaded.status === 'fulfilled') throw written.reason;
  if (loaded.status === 'rejected') throw loaded.reason;
  return loaded.value;
}
