// `slipway clusterlifecycle status <name>`
import {Command} from 'commander';
import type {SpokenApis} from '../../domain/lifecycle-resource.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {findLifecycle} from '../lookup.ts';
import {isDataFormat, printData} from '../print-data.ts';
import {lifecycleResource} from '../resources/lifecycle-resource.ts';
import type {Run} from '../run.ts';
import {statusBlocks} from '../text-table.ts';
import {withClient} from '../with-client.ts';

type Flags = OutputFlags & {readonly verbose?: boolean};

/** One lifecycle; with `--verbose` the APIs it speaks. */
export function clusterLifecycleStatus(context: CommandContext, run: Run): Command {
  const command = new Command('status')
    .description('show a lifecycle')
    .argument('<name>')
    .option('-v, --verbose', 'show the APIs it speaks');
  return outputFlag(command).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, (client) => {
        const lifecycle = findLifecycle(client.state.read(), name);
        const {version, apis, digest} = lifecycle.resolved;
        const rows = [
          ['Status', 'Ready'],
          ['Image', lifecycle.spec.image],
          ['Digest', digest],
          ['Version', version],
          ...(flags.verbose
            ? ([
                ['Buildpack APIs', apiText(apis.buildpack)],
                ['Platform APIs', apiText(apis.platform)],
              ] as const)
            : []),
        ] as const;
        if (isDataFormat(flags.output)) printData(context, flags.output, lifecycleResource(lifecycle));
        else context.stdout.write(statusBlocks([{rows}]));
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}

function apiText({supported, deprecated}: SpokenApis): string {
  const old = deprecated.length > 0 ? `; deprecated: ${deprecated.join(', ')}` : '';
  return `${supported.join(', ')}${old}`;
}
