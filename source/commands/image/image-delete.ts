// `slipway image delete <name>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {namespaceFlag, namespaceOf, type NamespaceFlags} from '../flags.ts';
import {findImage} from '../lookup.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

/** Forgets an image with its builds and logs. */
export function imageDelete(context: CommandContext, run: Run): Command {
  const command = new Command('delete').description('forget an image, its builds and logs').argument('<name>');
  return namespaceFlag(command).action(
    run((name: string, flags: NamespaceFlags, _command: Command) =>
      withClient(context, async (client) => {
        const namespace = namespaceOf(flags);
        findImage(client.state.read(), namespace, name);
        await client.send({kind: 'image.delete', namespace, name});
        context.stdout.write(`Image Resource "${name}" deleted\n`);
        return exitCode.done;
      }),
    ),
  );
}
