// `slipway patch …`: changes of stacks, builders and buildpack stores, with what they did to every image, and back.
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {patchList} from './patch-list.ts';
import {patchRollback} from './patch-rollback.ts';
import {patchStatus} from './patch-status.ts';
import {patchSteer} from './patch-steer.ts';

/** The group; Slipway's own. */
export function patchCommands(context: CommandContext, run: Run): Command {
  const group = new Command('patch').aliases(['patches']).description('patches of a fleet: what they do, and back');
  for (const make of [patchList, patchStatus]) group.addCommand(make(context, run));
  for (const command of patchSteer(context, run)) group.addCommand(command);
  return group.addCommand(patchRollback(context, run));
}
