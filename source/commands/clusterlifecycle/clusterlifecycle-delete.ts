// `slipway clusterlifecycle delete <name>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {findLifecycle} from '../lookup.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

/** Removes a lifecycle; builders composed with it are not ready from then on. */
export function clusterLifecycleDelete(context: CommandContext, run: Run): Command {
  return new Command('delete')
    .description('remove a lifecycle')
    .argument('<name>')
    .action(
      run((name: string, _flags: object, _command: Command) =>
        withClient(context, async (client) => {
          findLifecycle(client.state.read(), name);
          await client.send({kind: 'lifecycle.delete', name});
          context.stdout.write(`ClusterLifecycle "${name}" deleted\n`);
          return exitCode.done;
        }),
      ),
    );
}
