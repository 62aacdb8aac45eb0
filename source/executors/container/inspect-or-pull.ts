import {type EngineCli, EngineError} from './engine-cli.ts';
import {inspectImage, pullImage} from './engine-commands.ts';

export type InspectOrPull = {
  /** What the image is to the reader of an error: `builder image`. */
  readonly as: string;
  readonly signal: AbortSignal;
  readonly log: (line: string) => void;
};

/**
 * What the engine says of an image, as JSON; pulled first when it is not in its store, with the credentials the person has given the engine.
 * Rejects with an `Error` in words.
 */
export async function inspectOrPull(cli: EngineCli, name: string, {as, signal, log}: InspectOrPull): Promise<string> {
  try {
    return await cli.call(inspectImage(name));
  } catch (error) {
    if (!(error instanceof EngineError) || error.kind === 'unreachable') throw error;
  }
  log(`Pulling ${name}`);
  try {
    await cli.call(pullImage(name), {signal});
  } catch (cause) {
    throw new Error(
      `expected the ${as} ${name} in ${cli.engine.kind}'s store or a registry, got: ${cause instanceof Error ? cause.message : String(cause)}`,
      {cause},
    );
  }
  return cli.call(inspectImage(name));
}
