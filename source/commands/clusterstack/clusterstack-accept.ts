// `slipway clusterstack accept|reject|refresh <name>`: answers to what a stack that follows its tags proposes.
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {dryRunFlags, type DryRunFlags, isDryRun, type WaitFlags} from '../flags.ts';
import {findStack} from '../lookup.ts';
import {outlookTable} from '../outlook-table.ts';
import {endChange} from '../patch/end-change.ts';
import {progressFor} from '../progress.ts';
import {stackResource} from '../resources/stack-resource.ts';
import {rolloutFlags, type RolloutFlags, rolloutOf, waitForPatchFlag} from '../rollout-flags.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

type Flags = DryRunFlags & WaitFlags & RolloutFlags;

/** Patches the stack to where its tags point. */
export function clusterStackAccept(context: CommandContext, run: Run): Command {
  const command = new Command('accept')
    .description('patch a stack to where its tags point now; --dry-run shows what that leads to')
    .argument('<name>');
  return waitForPatchFlag(rolloutFlags(dryRunFlags(command))).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, async (client) => {
        const progress = progressFor(context, flags);
        progress.status('Updating ClusterStack...');
        const dryRun = isDryRun(flags);
        const result = await client.send({kind: 'stack.accept', name, ...rolloutOf(flags)}, {dryRun});
        for (const note of result.notes) progress.note(note);
        if (dryRun) progress.line(outlookTable(result.outlook));
        const resource = () => stackResource(findStack(client.state.read(), name));
        return endChange(client, context, {flags, result, progress, text: `ClusterStack "${name}" updated`, resource});
      }),
    ),
  );
}

/** Leaves the stack where it is until its tags move on. */
export function clusterStackReject(context: CommandContext, run: Run): Command {
  return answerCommand('reject', 'leave a stack where it is until its tags move on', context, run);
}

/** Looks at the tags now. */
export function clusterStackRefresh(context: CommandContext, run: Run): Command {
  return answerCommand('refresh', 'look at the tags of a stack now', context, run);
}

const done = {reject: 'stays where it is', refresh: 'is being looked at'} as const;

function answerCommand(word: 'reject' | 'refresh', description: string, context: CommandContext, run: Run): Command {
  return dryRunFlags(new Command(word).description(description).argument('<name>')).action(
    run((name: string, flags: DryRunFlags, _command: Command) =>
      withClient(context, async (client) => {
        const result = await client.send({kind: `stack.${word}`, name}, {dryRun: isDryRun(flags)});
        const progress = progressFor(context, flags);
        const resource = () => stackResource(findStack(client.state.read(), name));
        return endChange(client, context, {
          flags,
          result,
          progress,
          text: `ClusterStack "${name}" ${done[word]}`,
          resource,
        });
      }),
    ),
  );
}
