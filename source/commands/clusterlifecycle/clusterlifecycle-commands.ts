// `slipway clusterlifecycle …`: what builders of the container executor are composed with; and kp's older `lifecycle patch`.
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {clusterLifecycleDelete} from './clusterlifecycle-delete.ts';
import {clusterLifecycleList} from './clusterlifecycle-list.ts';
import {clusterLifecycleSave, lifecyclePatch} from './clusterlifecycle-save.ts';
import {clusterLifecycleStatus} from './clusterlifecycle-status.ts';

/** The group, with kp's aliases. */
export function clusterLifecycleCommands(context: CommandContext, run: Run): Command {
  const group = new Command('clusterlifecycle')
    .aliases(['clusterlifecycles', 'clc'])
    .description('lifecycles that builders of the container executor are composed with');
  for (const mode of ['create', 'patch', 'save'] as const) group.addCommand(clusterLifecycleSave(mode, context, run));
  return group
    .addCommand(clusterLifecycleList(context, run))
    .addCommand(clusterLifecycleStatus(context, run))
    .addCommand(clusterLifecycleDelete(context, run));
}

/** `slipway lifecycle patch`; every other `slipway lifecycle …` is upstream's program and never comes here. */
export function lifecycleCommands(context: CommandContext, run: Run): Command {
  return new Command('lifecycle')
    .description("upstream's phases (analyzer, detector, …), and kp's `lifecycle patch`")
    .addCommand(lifecyclePatch(context, run));
}
