// `slipway clusterstack list`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {atDigest} from '../image-reference.ts';
import {byName} from '../lookup.ts';
import {isDataFormat, printList} from '../print-data.ts';
import {stackResource} from '../resources/stack-resource.ts';
import type {Run} from '../run.ts';
import {table} from '../text-table.ts';
import {withClient} from '../with-client.ts';

/** Stacks by name. */
export function clusterStackList(context: CommandContext, run: Run): Command {
  return outputFlag(new Command('list').description('list stacks')).action(
    run(({output}: OutputFlags, _command: Command) =>
      withClient(context, (client) => {
        const stacks = byName(Object.values(client.state.read().stacks));
        const isWide = output === 'wide';
        if (isDataFormat(output))
          printList(
            context,
            output,
            stacks.map((stack) => stackResource(stack)),
          );
        else {
          const rows = stacks.map(({name, spec, resolved: {runImage}}) => [
            name,
            'True',
            spec.id,
            ...(isWide ? [atDigest(runImage.name, runImage.digest)] : []),
          ]);
          context.stdout.write(table(['Name', 'Ready', 'ID', ...(isWide ? ['Run Image'] : [])], rows));
        }
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}
