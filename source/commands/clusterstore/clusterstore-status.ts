// `slipway clusterstore status <store>`
import {Command} from 'commander';
import {buildpackLabel} from '../../domain/buildpack.ts';
import type {BuildpackStore} from '../../domain/buildpack-store.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {findStore} from '../lookup.ts';
import {orderTable} from '../order-table.ts';
import {isDataFormat, printData} from '../print-data.ts';
import {storeResource} from '../resources/store-resource.ts';
import type {Run} from '../run.ts';
import {statusBlocks, table} from '../text-table.ts';
import {withClient} from '../with-client.ts';
import {type Buildpackage, buildpackages} from './buildpackages.ts';

type Flags = OutputFlags & {readonly verbose?: boolean};

/** One store as kp shows it (kpack-cli `pkg/commands/clusterstore/status.go`). */
export function clusterStoreStatus(context: CommandContext, run: Run): Command {
  const command = new Command('status')
    .description('show a buildpack store')
    .argument('<store>')
    .option('-v, --verbose', 'show the buildpacks of each buildpackage and their order');
  return outputFlag(command).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, (client) => {
        const store = findStore(client.state.read(), name);
        if (isDataFormat(flags.output)) printData(context, flags.output, storeResource(store));
        else context.stdout.write(statusText(store, flags.verbose === true));
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}

function statusText({resolved}: BuildpackStore, verbose: boolean): string {
  const status = statusBlocks([{rows: [['Status', 'Ready']]}]);
  const packages = buildpackages(resolved.buildpacks);
  if (verbose) return status + packages.map(packageText).join('\n');
  if (packages.length === 0) return status;
  const rows = packages.map(({buildpack: {id, version, homepage}}) => [id, version, homepage ?? '']);
  return status + table(['Buildpackage Id', 'Version', 'Homepage'], rows);
}

function packageText({buildpack, members}: Buildpackage): string {
  const rows = members.map(({id, version, homepage}) => [id, version, homepage ?? '']);
  return [
    statusBlocks([
      {
        rows: [
          ['Buildpackage', buildpackLabel(buildpack)],
          ['Image', buildpack.source],
          ['Homepage', buildpack.homepage ?? ''],
        ],
      },
    ]),
    table(['Buildpack Id', 'Version', 'Homepage'], rows),
    orderTable(buildpack.order ?? [], ({id}) => id),
  ].join('');
}
