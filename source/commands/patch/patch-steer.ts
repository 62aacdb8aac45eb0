// `slipway patch pause|resume|cancel <name>`
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

type Steering = {readonly name: 'pause' | 'resume' | 'cancel'; readonly done: string; readonly description: string};

const steerings: readonly Steering[] = [
  {name: 'pause', done: 'paused', description: 'start nothing more of a patch; what runs goes on'},
  {name: 'resume', done: 'resumed', description: 'go on with a paused patch'},
  {name: 'cancel', done: 'cancelled', description: 'leave out what has not begun; nothing is taken back'},
];

/** One command each; `resume --wait` follows the patch to its end. */
export function patchSteer(context: CommandContext, run: Run): readonly Command[] {
  return steerings.map((steering) => steerCommand(steering, context, run));
}

function steerCommand({name: verb, done, description}: Steering, context: CommandContext, run: Run): Command {
  const command = outputFlag(new Command(verb).description(description).argument('<name>'));
  return (verb === 'resume' ? waitForPatchFlag(command) : command).action(
    run((id: string, flags: OutputFlags & WaitFlags, _command: Command) =>
      withClient(context, async (client) => {
        findPatch(client.state.read(), id);
        const {changed} = await client.send({kind: `patch.${verb}`, id});
        const text = `Patch "${id}" ${done}${changed ? '' : ' (no change)'}\n`;
        if (flags.wait) {
          context.stderr.write(text);
          return followPatch(client, context, id, flags);
        }
        const state = client.state.read();
        if (isDataFormat(flags.output)) printData(context, flags.output, patchResource(findPatch(state, id), state));
        else context.stdout.write(text);
        return exitCode.done;
      }),
    ),
  );
}
