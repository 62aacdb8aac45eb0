// `slipway clusterstore remove <store> -b <id@version>…`
import {Command} from 'commander';
import {buildpackLabel} from '../../domain/buildpack.ts';
import type {BuildpackStore} from '../../domain/buildpack-store.ts';
import {failure, usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {collect, dryRunFlags, type DryRunFlags, isDryRun, type WaitFlags} from '../flags.ts';
import {findStore} from '../lookup.ts';
import {outlookTable} from '../outlook-table.ts';
import {endChange} from '../patch/end-change.ts';
import {progressFor} from '../progress.ts';
import {storeResource} from '../resources/store-resource.ts';
import {rolloutFlags, type RolloutFlags, rolloutOf, waitForPatchFlag} from '../rollout-flags.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

type Flags = DryRunFlags & WaitFlags & RolloutFlags & {readonly buildpackage?: readonly string[]};

/** Takes buildpackages away (kpack-cli `pkg/commands/clusterstore/remove.go`). */
export function clusterStoreRemove(context: CommandContext, run: Run): Command {
  const command = new Command('remove')
    .description('take buildpackages away')
    .argument('<store>')
    .option('-b, --buildpackage <id@version>', 'a buildpackage to take away', collect);
  return waitForPatchFlag(rolloutFlags(dryRunFlags(command))).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, async (client) => {
        const store = client.state.read().stores[name];
        if (!store) throw failure(`ClusterStore '${name}' does not exist`);
        const buildpacks = checkBuildpacks(flags, store);
        const progress = progressFor(context, flags);
        progress.status('Removing Buildpackages...');
        const dryRun = isDryRun(flags);
        const result = await client.send({kind: 'store.remove', name, buildpacks, ...rolloutOf(flags)}, {dryRun});
        for (const buildpack of buildpacks) progress.line(`Removing buildpackage ${buildpack}`);
        if (dryRun) progress.line(outlookTable(result.outlook));
        const resource = () => storeResource(findStore(client.state.read(), name));
        return endChange(client, context, {flags, result, progress, text: `ClusterStore "${name}" updated`, resource});
      }),
    ),
  );
}

function checkBuildpacks({buildpackage = []}: Flags, store: BuildpackStore): readonly string[] {
  if (buildpackage.length === 0) throw usageError('expected at least one --buildpackage, got none');
  const known = store.resolved.buildpacks.map(buildpackLabel);
  const unknown = buildpackage.find((label) => !known.includes(label));
  if (unknown === undefined) return buildpackage;
  throw failure(`Buildpackage '${unknown}' does not exist in the ClusterStore; it holds ${known.join(', ')}`);
}
