// `slipway clusterlifecycle list`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {byName} from '../lookup.ts';
import {isDataFormat, printList} from '../print-data.ts';
import {lifecycleResource} from '../resources/lifecycle-resource.ts';
import type {Run} from '../run.ts';
import {table} from '../text-table.ts';
import {withClient} from '../with-client.ts';

/** Lifecycles by name (kpack-cli `pkg/commands/clusterlifecycle/list.go`). */
export function clusterLifecycleList(context: CommandContext, run: Run): Command {
  return outputFlag(new Command('list').description('list lifecycles')).action(
    run(({output}: OutputFlags, _command: Command) =>
      withClient(context, (client) => {
        const lifecycles = byName(Object.values(client.state.read().lifecycles));
        if (isDataFormat(output)) printList(context, output, lifecycles.map(lifecycleResource));
        else {
          const rows = lifecycles.map(({name, spec, resolved}) => [name, 'True', resolved.version, spec.image]);
          context.stdout.write(table(['Name', 'Ready', 'Version', 'Image'], rows));
        }
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}
