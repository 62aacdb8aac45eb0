// `slipway build …`: what ran and runs.
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {laterCommand} from '../later.ts';
import {buildCancel} from './build-cancel.ts';
import {buildList} from './build-list.ts';
import {buildLogs} from './build-logs.ts';
import {buildRetry} from './build-retry.ts';
import {buildStatus} from './build-status.ts';

/** The group, with kp's aliases. */
export function buildCommands(context: CommandContext, run: Run): Command {
  const group = new Command('build').aliases(['builds', 'blds', 'bld']).description('builds of images');
  for (const make of [buildList, buildStatus, buildLogs, buildCancel, buildRetry]) group.addCommand(make(context, run));
  return group.addCommand(laterCommand('diff', 'compare two builds of an image', run));
}
