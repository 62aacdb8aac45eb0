// `slipway image trigger <name>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {namespaceFlag, namespaceOf, waitFlag, type NamespaceFlags, type WaitFlags} from '../flags.ts';
import type {Run} from '../run.ts';
import {triggerImage} from '../trigger-image.ts';
import {waitAndWatch} from '../wait-and-watch.ts';
import {withClient} from '../with-client.ts';

type Flags = NamespaceFlags & WaitFlags;

/** Builds although nothing changed (kpack-cli `pkg/commands/image/trigger.go`). */
export function imageTrigger(context: CommandContext, run: Run): Command {
  const command = new Command('trigger').description('build although nothing changed').argument('<name>');
  return waitFlag(namespaceFlag(command)).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, async (client) => {
        const namespace = namespaceOf(flags);
        const number = await triggerImage(client, namespace, name);
        context.stdout.write(`Triggered build for Image Resource "${name}" with Build Number ${number}\n`);
        if (!flags.wait) return exitCode.done;
        return waitAndWatch(client, context, {namespace, name}, {}, (build) => build.number >= number);
      }),
    ),
  );
}
