// `slipway clusterstack diff <name> --run-image …`
import {Command} from 'commander';
import {baseImageReference} from '../base-image-reference.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {findStack} from '../lookup.ts';
import {isDataFormat, printData} from '../print-data.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';
import {fullText} from './difference-text.ts';

type Flags = OutputFlags & {readonly runImage: string; readonly scan: boolean};

/** What another run image would change: packages, os-release, size, configuration, labels, findings. Changes nothing. */
export function clusterStackDiff(context: CommandContext, run: Run): Command {
  const command = new Command('diff')
    .description('compare the run image of a stack with another one')
    .argument('<name>')
    .requiredOption('-r, --run-image <image>', 'the image to compare with: a reference, oci:DIR[:TAG] or a tar')
    .option('--no-scan', 'ask no vulnerability scanner, even if one is installed');
  return outputFlag(command).action(
    run((name: string, {runImage, scan, output}: Flags, _command: Command) =>
      withClient(context, async (client) => {
        findStack(client.state.read(), name);
        const to = baseImageReference(runImage, context.files);
        const difference = await client.baseDifference({from: {kind: 'stack', name}, to, scan});
        if (isDataFormat(output)) printData(context, output, difference);
        else context.stdout.write(fullText(difference));
        return exitCode.done;
      }),
    ),
  );
}
