// `slipway clusterstack status <name>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {atDigest} from '../image-reference.ts';
import {findStack} from '../lookup.ts';
import {isDataFormat, printData} from '../print-data.ts';
import {stackResource} from '../resources/stack-resource.ts';
import type {Run} from '../run.ts';
import {statusBlocks} from '../text-table.ts';
import {withClient} from '../with-client.ts';

type Flags = OutputFlags & {readonly verbose?: boolean};

/** One stack in kp's block (kpack-cli `pkg/commands/clusterstack/status.go`). */
export function clusterStackStatus(context: CommandContext, run: Run): Command {
  const command = new Command('status')
    .description('show a stack')
    .argument('<name>')
    .option('-v, --verbose', 'show its mixins');
  return outputFlag(command).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, (client) => {
        const stack = findStack(client.state.read(), name);
        const {runImage, buildImage, mixins} = stack.resolved;
        const rows = [
          ['Status', 'Ready'],
          ['Id', stack.spec.id],
          ['Run Image', atDigest(runImage.name, runImage.digest)],
          ['Build Image', atDigest(buildImage.name, buildImage.digest)],
          ...(flags.verbose ? [['Mixins', mixins.join(', ')] as const] : []),
        ] as const;
        if (isDataFormat(flags.output)) printData(context, flags.output, stackResource(stack));
        else context.stdout.write(statusBlocks([{rows}]));
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}
