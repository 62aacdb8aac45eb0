// `slipway build retry <image>`
import {Command} from 'commander';
import {buildIsOpen} from '../../domain/build.ts';
import {failure} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {namespaceFlag, namespaceOf, waitFlag, type NamespaceFlags, type WaitFlags} from '../flags.ts';
import {findBuild, findImage} from '../lookup.ts';
import type {Run} from '../run.ts';
import {triggerImage} from '../trigger-image.ts';
import {waitAndWatch} from '../wait-and-watch.ts';
import {withClient} from '../with-client.ts';

type Flags = NamespaceFlags & WaitFlags;

/** Builds again what failed or was cancelled: a trigger that refuses when there is nothing to retry. */
export function buildRetry(context: CommandContext, run: Run): Command {
  const command = new Command('retry').description('build again after a failure').argument('<image>');
  return waitFlag(namespaceFlag(command)).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, async (client) => {
        const namespace = namespaceOf(flags);
        const newest = findBuild(findImage(client.state.read(), namespace, name), undefined);
        if (buildIsOpen(newest)) throw failure(`build ${newest.number} still runs; cancel it first, or wait for it`);
        if (newest.state === 'succeeded') {
          throw failure(
            `build ${newest.number} succeeded, there is nothing to retry; \`image trigger\` builds all the same`,
          );
        }
        const number = await triggerImage(client, namespace, name);
        context.stdout.write(`Retrying build ${newest.number} of Image Resource "${name}" as Build Number ${number}\n`);
        if (!flags.wait) return exitCode.done;
        return waitAndWatch(client, context, {namespace, name}, {}, (build) => build.number >= number);
      }),
    ),
  );
}
