// `slipway patch status <name>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags, type WaitFlags} from '../flags.ts';
import {isDataFormat, printData} from '../print-data.ts';
import {patchResource} from '../resources/patch-resource.ts';
import {waitForPatchFlag} from '../rollout-flags.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';
import {findPatch} from './find-patch.ts';
import {followPatch} from './follow-patch.ts';
import {reportText} from './patch-text.ts';

/** One patch with every image of it; --wait follows it to its end first. */
export function patchStatus(context: CommandContext, run: Run): Command {
  const command = new Command('status').description('show what a patch did and what it still does').argument('<name>');
  return waitForPatchFlag(outputFlag(command)).action(
    run((name: string, flags: OutputFlags & WaitFlags, _command: Command) =>
      withClient(context, async (client) => {
        const state = client.state.read();
        const patch = findPatch(state, name);
        if (flags.wait) return followPatch(client, context, name, flags);
        if (isDataFormat(flags.output)) printData(context, flags.output, patchResource(patch, state));
        else context.stdout.write(reportText(patch, state, context.now(), flags.output === 'wide'));
        return exitCode.done;
      }),
    ),
  );
}
