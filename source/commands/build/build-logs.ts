// `slipway build logs <image>`
import {Command} from 'commander';
import type {Client} from '../../client/client.ts';
import type {Build} from '../../domain/build.ts';
import {imageStatus, latestBuild} from '../../state/image-status.ts';
import {failure} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {namespaceFlag, namespaceOf, type NamespaceFlags} from '../flags.ts';
import {buildNumber, findBuild, findImage} from '../lookup.ts';
import type {Run} from '../run.ts';
import {endsByItself, waitForBuild} from '../wait-for-build.ts';
import {watchBuild} from '../watch-build.ts';
import {withClient} from '../with-client.ts';

type Flags = NamespaceFlags & {readonly build?: string; readonly timestamps?: boolean};

/**
 * Prints the log, follows it while the build runs, and ends with 1 when the build failed. Without -b it is the newest
 * build, or the one that is about to start: `image patch` followed by `build logs` shows what the patch leads to.
 */
export function buildLogs(context: CommandContext, run: Run): Command {
  const command = new Command('logs')
    .description('print the log of a build and follow it while it runs')
    .argument('<image>')
    .option('-b, --build <number>', 'the build number (default: the newest)')
    .option('-t, --timestamps', 'begin each line with the time it arrived');
  return namespaceFlag(command).action(
    run((image: string, flags: Flags, _command: Command) =>
      withClient(context, async (client) => {
        const build = await meantBuild(client, context, image, flags);
        const {timestamps} = flags;
        return (await watchBuild(client, context, build, {timestamps})).code;
      }),
    ),
  );
}

async function meantBuild(client: Client, context: CommandContext, name: string, flags: Flags) {
  const namespace = namespaceOf(flags);
  const number = buildNumber(flags.build);
  const state = client.state.read();
  const record = findImage(state, namespace, name);
  const newest = latestBuild(record);
  const {decision} = imageStatus(record, state);
  const isComing = number === undefined && decision.kind !== 'running' && endsByItself(decision, record);
  if (!isComing && (newest !== undefined || number !== undefined)) return refOf(findBuild(record, number));
  const awaited = await waitForBuild(
    client,
    context,
    {namespace, name},
    (build) => build.number > (newest?.number ?? 0),
  );
  if (awaited.kind === 'build') return refOf(awaited.build);
  if (newest) return refOf(newest);
  throw failure('no builds found');
}

function refOf({namespace, image, number}: Build) {
  return {namespace, image, number};
}
