// `slipway clusterstore delete <store>`
import {Command} from 'commander';
import {usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import type {Run} from '../run.ts';
import {findStore} from '../lookup.ts';
import {withClient} from '../with-client.ts';

type Flags = {readonly force?: boolean};

const warning =
  'WARNING: Builders referring to buildpacks from this store will no longer schedule rebuilds for buildpack updates.';

/** Removes a store after a confirmation (kpack-cli `pkg/commands/clusterstore/delete.go`). */
export function clusterStoreDelete(context: CommandContext, run: Run): Command {
  return new Command('delete')
    .description('remove a buildpack store')
    .argument('<store>')
    .option('-f, --force', 'do not ask')
    .action(
      run((name: string, flags: Flags, _command: Command) =>
        withClient(context, async (client) => {
          findStore(client.state.read(), name);
          if (!flags.force && !(await isConfirmed(context))) {
            context.stdout.write('Skipping ClusterStore deletion\n');
            return exitCode.done;
          }
          await client.send({kind: 'store.delete', name});
          context.stdout.write(`ClusterStore "${name}" store deleted\n`);
          return exitCode.done;
        }),
      ),
    );
}

async function isConfirmed({ask}: CommandContext): Promise<boolean> {
  if (!ask)
    throw usageError('deleting a store needs a confirmation and there is no terminal to ask on; expected --force');
  const answer = await ask(`${warning}\nPlease confirm store deletion by typing 'y': `);
  return answer.trim() === 'y';
}
