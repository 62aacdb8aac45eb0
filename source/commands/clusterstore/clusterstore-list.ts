// `slipway clusterstore list`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {byName} from '../lookup.ts';
import {isDataFormat, printList} from '../print-data.ts';
import {storeResource} from '../resources/store-resource.ts';
import type {Run} from '../run.ts';
import {table} from '../text-table.ts';
import {withClient} from '../with-client.ts';

/** Stores by name. */
export function clusterStoreList(context: CommandContext, run: Run): Command {
  return outputFlag(new Command('list').description('list buildpack stores')).action(
    run(({output}: OutputFlags, _command: Command) =>
      withClient(context, (client) => {
        const stores = byName(Object.values(client.state.read().stores));
        const isWide = output === 'wide';
        if (isDataFormat(output)) printList(context, output, stores.map(storeResource));
        else {
          const rows = stores.map(({name, resolved}) => [
            name,
            'True',
            ...(isWide ? [String(resolved.buildpacks.length)] : []),
          ]);
          context.stdout.write(table(['Name', 'Ready', ...(isWide ? ['Buildpacks'] : [])], rows));
        }
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}
