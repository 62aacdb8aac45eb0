// `slipway clusterbuilder|builder delete <name>`
import {Command} from 'commander';
import type {BuilderKind} from '../../domain/builder.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import type {NamespaceFlags} from '../flags.ts';
import {findBuilder} from '../lookup.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';
import {scopeFlag, scopeOf} from './builder-scope.ts';

/** Removes a builder; images that name it are held from then on. */
export function builderDelete(kind: BuilderKind, context: CommandContext, run: Run): Command {
  const command = new Command('delete').description('remove a builder').argument('<name>');
  return scopeFlag(kind, command).action(
    run((name: string, flags: NamespaceFlags, _command: Command) =>
      withClient(context, async (client) => {
        const namespace = scopeOf(kind, flags);
        findBuilder(client.state.read(), kind, name, namespace);
        const where = namespace === undefined ? {} : {namespace};
        await client.send({kind: 'builder.delete', builderKind: kind, name, ...where});
        context.stdout.write(`${kind} "${name}" deleted\n`);
        return exitCode.done;
      }),
    ),
  );
}
