// `slipway clusterstack …`: base images of builders.
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {clusterStackAccept, clusterStackRefresh, clusterStackReject} from './clusterstack-accept.ts';
import {clusterStackDelete} from './clusterstack-delete.ts';
import {clusterStackDiff} from './clusterstack-diff.ts';
import {clusterStackList} from './clusterstack-list.ts';
import {clusterStackCreate, clusterStackPatch, clusterStackSave} from './clusterstack-save.ts';
import {clusterStackStatus} from './clusterstack-status.ts';

const aliases = 'clusterstacks clstrcsks clstrcsk cstacks cstack cstks cstk csks csk stack stacks'.split(' ');
const makers = [
  clusterStackCreate,
  clusterStackPatch,
  clusterStackSave,
  clusterStackAccept,
  clusterStackReject,
  clusterStackRefresh,
  clusterStackStatus,
  clusterStackDiff,
  clusterStackList,
  clusterStackDelete,
];

/** The group, with kp's aliases and `stack`. */
export function clusterStackCommands(context: CommandContext, run: Run): Command {
  const group = new Command('clusterstack').aliases(aliases).description('base images of builders');
  for (const make of makers) group.addCommand(make(context, run));
  return group;
}
