// `slipway controller …`: the process that builds.
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {controllerLogs} from './controller-logs.ts';
import {controllerStart} from './controller-start.ts';
import {controllerStatus} from './controller-status.ts';
import {controllerStop} from './controller-stop.ts';

/** The group. Any command starts the controller when it needs one. */
export function controllerCommands(context: CommandContext, run: Run): Command {
  const group = new Command('controller').description('the process that builds');
  for (const make of [controllerStart, controllerStop, controllerStatus, controllerLogs])
    group.addCommand(make(context, run));
  return group;
}
