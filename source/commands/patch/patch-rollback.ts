// `slipway patch rollback <name> [--dry-run]`
import {Command} from 'commander';
import type {PlainData} from '../../domain/plain-yaml.ts';
import type {CommandContext} from '../command-context.ts';
import {dryRunFlags, type DryRunFlags, isDryRun, type WaitFlags} from '../flags.ts';
import {outlookTable} from '../outlook-table.ts';
import {progressFor} from '../progress.ts';
import {patchResource} from '../resources/patch-resource.ts';
import {rolloutFlags, type RolloutFlags, rolloutOf, waitForPatchFlag} from '../rollout-flags.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';
import {endChange} from './end-change.ts';
import {findPatch} from './find-patch.ts';

type Flags = DryRunFlags & WaitFlags & RolloutFlags;

/** A new patch: what was changed is restored first, then every image is taken back. */
export function patchRollback(context: CommandContext, run: Run): Command {
  const command = new Command('rollback')
    .description('take a patch back: the specs first, then every image, as a new patch')
    .argument('<name>');
  return waitForPatchFlag(rolloutFlags(dryRunFlags(command))).action(
    run((id: string, flags: Flags, _command: Command) =>
      withClient(context, async (client) => {
        findPatch(client.state.read(), id);
        const progress = progressFor(context, flags);
        progress.status('Rolling Back Patch...');
        const dryRun = isDryRun(flags);
        const result = await client.send({kind: 'patch.rollback', id, ...rolloutOf(flags)}, {dryRun});
        for (const note of result.notes) progress.note(note);
        if (dryRun) progress.line(outlookTable(result.outlook));
        const resource = (): PlainData => {
          const state = client.state.read();
          return patchResource(findPatch(state, dryRun ? id : (result.patch ?? id)), state);
        };
        return endChange(client, context, {flags, result, progress, text: `Patch "${id}" rolled back`, resource});
      }),
    ),
  );
}
