// `slipway clusterlifecycle create|patch|save <name> --image …` and `slipway lifecycle patch --image …`
import {Command} from 'commander';
import type {Client} from '../../client/client.ts';
import {defaultLifecycleName} from '../../domain/lifecycle-resource.ts';
import {baseImageReference} from '../base-image-reference.ts';
import type {SaveMode} from '../client-types.ts';
import type {CommandContext} from '../command-context.ts';
import {failure} from '../command-error.ts';
import type {ExitCode} from '../exit-code.ts';
import {
  checkName,
  type DryRunFlags,
  imageUploadFlags,
  isDryRun,
  sayWithoutEffect,
  tlsFlags,
  type TlsFlags,
  tlsWithoutEffect,
  type WaitFlags,
} from '../flags.ts';
import {findLifecycle} from '../lookup.ts';
import {outlookTable} from '../outlook-table.ts';
import {endChange} from '../patch/end-change.ts';
import {progressFor} from '../progress.ts';
import {lifecycleResource} from '../resources/lifecycle-resource.ts';
import {rolloutFlags, type RolloutFlags, rolloutOf, waitForPatchFlag} from '../rollout-flags.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

type Flags = DryRunFlags & TlsFlags & WaitFlags & RolloutFlags & {readonly image?: string};

const descriptions: Readonly<Record<SaveMode, string>> = {
  create: 'make a lifecycle',
  patch: 'give a lifecycle another image',
  save: 'make or change a lifecycle',
};

/** kp's flags; `--image` also takes the tarball of a release. */
export function clusterLifecycleSave(mode: SaveMode, context: CommandContext, run: Run): Command {
  return saveFlags(new Command(mode).description(descriptions[mode]).argument('<name>'), mode).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, (client) => save(client, context, mode, checkName(name), flags)),
    ),
  );
}

/** kp's older command: there is one lifecycle, the default one. It is made when it is not there. */
export function lifecyclePatch(context: CommandContext, run: Run): Command {
  const command = new Command('patch').description(`give the lifecycle "${defaultLifecycleName}" another image`);
  return saveFlags(command, 'save').action(
    run((flags: Flags, _command: Command) =>
      withClient(context, (client) => save(client, context, 'save', defaultLifecycleName, flags)),
    ),
  );
}

function saveFlags(command: Command, mode: SaveMode): Command {
  command.option(
    '-i, --image <image>',
    'an image with /cnb/lifecycle (a reference, oci:DIR[:TAG], docker-archive:FILE), or the tarball of a release of buildpacks/lifecycle',
  );
  if (mode !== 'create') waitForPatchFlag(rolloutFlags(command));
  return tlsFlags(imageUploadFlags(command));
}

async function save(
  client: Client,
  context: CommandContext,
  mode: SaveMode,
  name: string,
  flags: Flags,
): Promise<ExitCode> {
  const isNew = client.state.read().lifecycles[name] === undefined;
  if (flags.image === undefined && isNew && mode !== 'patch') {
    throw failure('required flag(s) "image" not set; a new lifecycle needs an image or a tarball');
  }
  const progress = progressFor(context, flags);
  progress.status(isNew && mode !== 'patch' ? 'Creating ClusterLifecycle...' : 'Updating ClusterLifecycle...');
  sayWithoutEffect(context, tlsWithoutEffect(flags));
  const dryRun = isDryRun(flags);
  const image = flags.image === undefined ? {} : {image: baseImageReference(flags.image, context.files)};
  const result = await client.send({kind: 'lifecycle.save', mode, name, ...image, ...rolloutOf(flags)}, {dryRun});
  for (const note of result.notes) progress.note(note);
  if (dryRun) progress.line(outlookTable(result.outlook));
  const word = isNew ? 'created' : `updated${result.changed ? '' : ' (no change)'}`;
  const resource = () => {
    const state = client.state.read();
    if (dryRun && isNew)
      return {
        apiVersion: 'kpack.io/v1alpha2',
        kind: 'ClusterLifecycle',
        metadata: {name},
        spec: {image: image.image ?? ''},
      };
    return lifecycleResource(findLifecycle(state, name));
  };
  return endChange(client, context, {flags, result, progress, text: `ClusterLifecycle "${name}" ${word}`, resource});
}
