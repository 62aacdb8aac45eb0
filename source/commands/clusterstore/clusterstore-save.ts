// `slipway clusterstore create|add|save <store> -b <buildpackage>…`
import {Command} from 'commander';
import type {Client} from '../../client/client.ts';
import {baseImageReference} from '../base-image-reference.ts';
import type {IntentOf} from '../client-types.ts';
import {usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import type {ExitCode} from '../exit-code.ts';
import {
  checkName,
  collect,
  type DryRunFlags,
  imageUploadFlags,
  isDryRun,
  sayWithoutEffect,
  tlsFlags,
  type TlsFlags,
  tlsWithoutEffect,
  type WaitFlags,
} from '../flags.ts';
import {findStore} from '../lookup.ts';
import {outlookTable} from '../outlook-table.ts';
import {endChange} from '../patch/end-change.ts';
import {progressFor} from '../progress.ts';
import {storeResource} from '../resources/store-resource.ts';
import {rolloutFlags, type RolloutFlags, rolloutOf, waitForPatchFlag} from '../rollout-flags.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

type Mode = Exclude<IntentOf<'store.save'>['mode'], 'patch'>;
type Flags = DryRunFlags & TlsFlags & WaitFlags & RolloutFlags & {readonly buildpackage?: readonly string[]};

/** Makes a store that does not exist yet. */
export function clusterStoreCreate(context: CommandContext, run: Run): Command {
  return saveCommand('create', 'make a buildpack store', context, run);
}

/** Adds to a store that exists. */
export function clusterStoreAdd(context: CommandContext, run: Run): Command {
  return saveCommand('add', 'add buildpackages', context, run);
}

/** Does whichever fits. */
export function clusterStoreSave(context: CommandContext, run: Run): Command {
  return saveCommand('save', 'make a store, or add buildpackages', context, run);
}

function saveCommand(mode: Mode, description: string, context: CommandContext, run: Run): Command {
  const command = new Command(mode)
    .description(description)
    .argument('<store>')
    .option('-b, --buildpackage <buildpackage>', 'a directory, oci:DIR[:TAG] or archive', collect);
  if (mode !== 'create') waitForPatchFlag(rolloutFlags(command));
  return tlsFlags(imageUploadFlags(command)).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, (client) => saveStore(client, context, mode, checkName(name), flags)),
    ),
  );
}

async function saveStore(
  client: Client,
  context: CommandContext,
  mode: Mode,
  name: string,
  flags: Flags,
): Promise<ExitCode> {
  const buildpackages = flags.buildpackage ?? [];
  if (buildpackages.length === 0) throw usageError('expected at least one --buildpackage, got none');
  const isNew = mode !== 'add' && client.state.read().stores[name] === undefined;
  const progress = progressFor(context, flags);
  progress.status(isNew ? 'Creating ClusterStore...' : 'Adding to ClusterStore...');
  sayWithoutEffect(context, tlsWithoutEffect(flags));
  const dryRun = isDryRun(flags);
  const sources = buildpackages.map((source) => baseImageReference(source, context.files));
  const intent = {kind: 'store.save', mode, name, buildpackages: sources, ...rolloutOf(flags)} as const;
  const result = await client.send(intent, {dryRun});
  for (const note of result.notes) progress.note(note);
  if (dryRun) progress.line(outlookTable(result.outlook));
  const word = isNew ? 'created' : `updated${result.changed ? '' : ' (no change)'}`;
  const resource = () => {
    if (!dryRun || !isNew) return storeResource(findStore(client.state.read(), name));
    const spec = {sources: sources.map((image) => ({image}))};
    return {apiVersion: 'kpack.io/v1alpha2', kind: 'ClusterStore', metadata: {name}, spec};
  };
  return endChange(client, context, {flags, result, progress, text: `ClusterStore "${name}" ${word}`, resource});
}
