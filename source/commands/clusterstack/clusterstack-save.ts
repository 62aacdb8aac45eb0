// `slipway clusterstack create|patch|save <name> --build-image … --run-image …`
import {Command, Option} from 'commander';
import type {Client} from '../../client/client.ts';
import type {SaveMode} from '../client-types.ts';
import type {CommandContext} from '../command-context.ts';
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
import {findStack} from '../lookup.ts';
import {outlookTable} from '../outlook-table.ts';
import {endChange} from '../patch/end-change.ts';
import {progressFor} from '../progress.ts';
import {stackResource} from '../resources/stack-resource.ts';
import {rolloutFlags, type RolloutFlags, rolloutOf, waitForPatchFlag} from '../rollout-flags.ts';
import type {Run} from '../run.ts';
import type {FollowPolicy} from '../../domain/stack.ts';
import {failure, usageError} from '../command-error.ts';
import {withClient} from '../with-client.ts';
import {baseImageReference} from '../base-image-reference.ts';
import {plannedDifference} from './difference-text.ts';

type Flags = DryRunFlags &
  TlsFlags &
  WaitFlags &
  RolloutFlags & {
    readonly buildImage?: string;
    readonly runImage?: string;
    readonly follow?: string | boolean;
    readonly updatePolicy?: FollowPolicy;
  };

/** Makes a stack that does not exist yet. */
export function clusterStackCreate(context: CommandContext, run: Run): Command {
  return saveCommand('create', 'make a stack', context, run);
}

/** Gives a stack other base images; `--dry-run` shows what that leads to. */
export function clusterStackPatch(context: CommandContext, run: Run): Command {
  return saveCommand('patch', 'give a stack other base images', context, run).alias('update');
}

/** Does whichever fits. */
export function clusterStackSave(context: CommandContext, run: Run): Command {
  return saveCommand('save', 'make or change a stack', context, run);
}

function saveCommand(mode: SaveMode, description: string, context: CommandContext, run: Run): Command {
  const command = new Command(mode)
    .description(description)
    .argument('<name>')
    .option('-b, --build-image <image>', 'the image builds run in: a reference, oci:DIR[:TAG] or a tar')
    .option('-r, --run-image <image>', 'the image apps stand on')
    .option(
      '--follow [bool]',
      'follow the tags of both images: where they move to is proposed or patched, in the waves given here',
    )
    .addOption(
      new Option('--update-policy <policy>', 'what a moved tag leads to: a patch, or a proposal (the default)').choices(
        ['auto', 'ask'],
      ),
    );
  rolloutFlags(command);
  if (mode !== 'create') waitForPatchFlag(command);
  return tlsFlags(imageUploadFlags(command)).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, (client) => saveStack(client, context, mode, checkName(name), flags)),
    ),
  );
}

async function saveStack(
  client: Client,
  context: CommandContext,
  mode: SaveMode,
  name: string,
  flags: Flags,
): Promise<ExitCode> {
  const isNew = client.state.read().stacks[name] === undefined;
  if (isNew && mode !== 'patch') checkBothImages(flags);
  const progress = progressFor(context, flags);
  progress.status(isNew && mode !== 'patch' ? 'Creating ClusterStack...' : 'Updating ClusterStack...');
  sayWithoutEffect(context, tlsWithoutEffect(flags));
  const dryRun = isDryRun(flags);
  const images = {
    ...(flags.buildImage === undefined ? {} : {buildImage: baseImageReference(flags.buildImage, context.files)}),
    ...(flags.runImage === undefined ? {} : {runImage: baseImageReference(flags.runImage, context.files)}),
  };
  const intent = {kind: 'stack.save', mode, name, ...images, ...followOf(flags), ...rolloutOf(flags)} as const;
  const result = await client.send(intent, {dryRun});
  for (const note of result.notes) progress.note(note);
  if (dryRun) progress.line(outlookTable(result.outlook));
  const difference =
    dryRun && !isNew && images.runImage !== undefined
      ? await plannedDifference(client, name, images.runImage)
      : undefined;
  if (difference) progress.line(difference.text);
  const word = isNew ? 'created' : `updated${result.changed ? '' : ' (no change)'}`;
  const resource = () => {
    const stack = client.state.read().stacks[name];
    if (dryRun && !stack)
      return {apiVersion: 'kpack.io/v1alpha2', kind: 'ClusterStack', metadata: {name}, spec: spec(images)};
    const found = stackResource(findStack(client.state.read(), name));
    return difference ? difference.into(found) : found;
  };
  return endChange(client, context, {flags, result, progress, text: `ClusterStack "${name}" ${word}`, resource});
}

function followOf({follow, updatePolicy}: Flags): {readonly follow?: FollowPolicy | 'off'} {
  if (follow === 'false') {
    if (updatePolicy)
      throw usageError('cannot use --update-policy with --follow=false: a stack that follows no tags has none');
    return {follow: 'off'};
  }
  if (follow !== undefined && follow !== true && follow !== 'true') {
    throw usageError(`--follow: expected true or false, got "${String(follow)}"`);
  }
  return follow === undefined && updatePolicy === undefined ? {} : {follow: updatePolicy ?? 'ask'};
}

function checkBothImages({buildImage, runImage}: Flags): void {
  const missing = [
    ...(buildImage === undefined ? ['build-image'] : []),
    ...(runImage === undefined ? ['run-image'] : []),
  ];
  if (missing.length === 0) return;
  throw failure(
    `required flag(s) ${missing.map((name) => `"${name}"`).join(', ')} not set; a new stack needs both images`,
  );
}

function spec({buildImage, runImage}: {readonly buildImage?: string; readonly runImage?: string}) {
  return {buildImage: {image: buildImage ?? ''}, runImage: {image: runImage ?? ''}};
}
