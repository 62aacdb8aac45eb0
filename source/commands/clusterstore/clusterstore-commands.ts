// `slipway clusterstore …`: the buildpacks available to builders.
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import type {Run} from '../run.ts';
import {clusterStoreDelete} from './clusterstore-delete.ts';
import {clusterStoreList} from './clusterstore-list.ts';
import {clusterStoreRemove} from './clusterstore-remove.ts';
import {clusterStoreAdd, clusterStoreCreate, clusterStoreSave} from './clusterstore-save.ts';
import {clusterStoreStatus} from './clusterstore-status.ts';

const aliases = 'clusterstores clstrcsrs clstrcsr cstores cstore cstrs cstr csrs csr store stores'.split(' ');
const makers = [
  clusterStoreCreate,
  clusterStoreAdd,
  clusterStoreSave,
  clusterStoreRemove,
  clusterStoreList,
  clusterStoreStatus,
  clusterStoreDelete,
];

/** The group, with kp's aliases and `store`. */
export function clusterStoreCommands(context: CommandContext, run: Run): Command {
  const group = new Command('clusterstore').aliases(aliases).description('buildpacks that builders may use');
  for (const make of makers) group.addCommand(make(context, run));
  return group;
}
