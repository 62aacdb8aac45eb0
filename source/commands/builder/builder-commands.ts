// `slipway clusterbuilder …` and `slipway builder …`: one set of commands for both kinds.
import {Command} from 'commander';
import type {BuilderKind} from '../../domain/builder.ts';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {builderDelete} from './builder-delete.ts';
import {builderList} from './builder-list.ts';
import {builderSave} from './builder-save.ts';
import {builderStatus} from './builder-status.ts';

const names: Readonly<Record<BuilderKind, readonly [name: string, aliases: readonly string[], description: string]>> = {
  ClusterBuilder: [
    'clusterbuilder',
    ['clusterbuilders', 'clstrbldrs', 'clstrbldr', 'cbldrs', 'cbldr', 'cbs', 'cb'],
    'builders for every namespace: stack, buildpacks and their order',
  ],
  Builder: ['builder', ['builders', 'bldrs', 'bldr'], 'builders of one namespace'],
};

/** The group of one kind, with kp's aliases. */
export function builderCommands(kind: BuilderKind, context: CommandContext, run: Run): Command {
  const [name, aliases, description] = names[kind];
  const group = new Command(name).aliases(aliases).description(description);
  for (const mode of ['create', 'patch', 'save'] as const) group.addCommand(builderSave(kind, mode, context, run));
  return group
    .addCommand(builderList(kind, context, run))
    .addCommand(builderStatus(kind, context, run))
    .addCommand(builderDelete(kind, context, run));
}
