// `slipway clusterstack delete <name>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {findStack} from '../lookup.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

/** Removes a stack; builders that name it are not ready from then on. */
export function clusterStackDelete(context: CommandContext, run: Run): Command {
  return new Command('delete')
    .description('remove a stack')
    .argument('<name>')
    .action(
      run((name: string, _flags: object, _command: Command) =>
        withClient(context, async (client) => {
          findStack(client.state.read(), name);
          await client.send({kind: 'stack.delete', name});
          context.stdout.write(`ClusterStack "${name}" deleted\n`);
          return exitCode.done;
        }),
      ),
    );
}
