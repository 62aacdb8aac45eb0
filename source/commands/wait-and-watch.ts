// What --wait does: waits for the build that a change leads to, shows it, and ends as it ends.
import type {Client} from '../client/client.ts';
import type {Build} from '../domain/build.ts';
import type {CommandContext} from './command-context.ts';
import {exitCode, type ExitCode} from './exit-code.ts';
import {isDataFormat} from './print-data.ts';
import type {OutputFlags} from './flags.ts';
import {waitForBuild} from './wait-for-build.ts';
import {watchBuild} from './watch-build.ts';

/** The exit code of the build; 0 when nothing had to be built. */
export async function waitAndWatch(
  client: Client,
  context: CommandContext,
  image: {readonly namespace: string; readonly name: string},
  flags: OutputFlags,
  isMeant: (build: Build) => boolean,
): Promise<ExitCode> {
  const stream = isDataFormat(flags.output) ? context.stderr : context.stdout;
  const awaited = await waitForBuild(client, context, image, isMeant);
  if (awaited.kind === 'up-to-date') {
    context.stderr.write(`Image Resource "${image.name}" is up to date; nothing to build\n`);
    return exitCode.done;
  }
  const {namespace, image: name, number} = awaited.build;
  return (await watchBuild(client, context, {namespace, image: name, number}, {stream})).code;
}
