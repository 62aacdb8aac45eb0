// `slipway clusterstack status <name>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {atDigest} from '../image-reference.ts';
import {findStack} from '../lookup.ts';
import {entry} from '../../state/entry.ts';
import {followText, watchRows} from './follow-text.ts';
import {patchedImages} from './patched-images.ts';
import {isDataFormat, printData} from '../print-data.ts';
import {stackResource} from '../resources/stack-resource.ts';
import type {Run} from '../run.ts';
import {statusBlocks} from '../text-table.ts';
import {withClient} from '../with-client.ts';

type Flags = OutputFlags & {readonly verbose?: boolean};

/** One stack in kp's block (kpack-cli `pkg/commands/clusterstack/status.go`), and how many images stand on its run image. */
export function clusterStackStatus(context: CommandContext, run: Run): Command {
  const command = new Command('status')
    .description('show a stack')
    .argument('<name>')
    .option('-v, --verbose', 'show its mixins');
  return outputFlag(command).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, (client) => {
        const state = client.state.read();
        const stack = findStack(state, name);
        const watch = entry(state.stackWatches, name);
        const {images, patched} = patchedImages(stack, state);
        const {runImage, buildImage, mixins} = stack.resolved;
        const rows = [
          ['Status', 'Ready'],
          ['Id', stack.spec.id],
          ['Run Image', atDigest(runImage.name, runImage.digest)],
          ['Build Image', atDigest(buildImage.name, buildImage.digest)],
          ...(stack.spec.follow !== undefined || stack.pinnedBy !== undefined
            ? [['Follow', followText(stack)] as const]
            : []),
          ...watchRows(stack, watch),
          ...(flags.verbose ? [['Mixins', mixins.join(', ')] as const] : []),
        ] as const;
        const more = images > 0 ? [{rows: [['Patched', `${patched} of ${images}`]] as const}] : [];
        if (isDataFormat(flags.output))
          printData(context, flags.output, stackResource(stack, {images, patched}, watch));
        else context.stdout.write(statusBlocks([{rows}, ...more]));
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}
