// `slipway import -f FILE|-`: kp's dependency descriptor as one change and one patch (kpack-cli `pkg/commands/import`).
import {Command} from 'commander';
import type {Client} from '../../client/client.ts';
import type {Edit, IntentResult} from '../client-types.ts';
import {usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode, type ExitCode} from '../exit-code.ts';
import {
  imageUploadFlags,
  type DryRunFlags,
  isDryRun,
  sayWithoutEffect,
  tlsFlags,
  type TlsFlags,
  tlsWithoutEffect,
  type WaitFlags,
} from '../flags.ts';
import {outlookTable} from '../outlook-table.ts';
import {endChange} from '../patch/end-change.ts';
import {type Progress, progressFor} from '../progress.ts';
import {rolloutFlags, type RolloutFlags, rolloutOf, waitForPatchFlag} from '../rollout-flags.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';
import {appliedData, appliedText} from './applied-text.ts';
import type {readDescriptor} from './read-descriptor.ts';

type Flags = DryRunFlags &
  TlsFlags &
  WaitFlags &
  RolloutFlags & {readonly filename?: string; readonly showChanges?: boolean; readonly force?: boolean};

/** Stores get buildpackages added, stacks and builders become what the descriptor says: one plan, one build per image. */
export function importCommand(context: CommandContext, run: Run): Command {
  const command = new Command('import')
    .description("import kp's dependency descriptor: stores, stacks and builders as one change")
    .option('-f, --filename <file>', 'the descriptor, or - for the standard input')
    .option('--show-changes', 'show what will change and ask before it does')
    .option('--force', 'with --show-changes: show, and do not ask');
  return waitForPatchFlag(rolloutFlags(tlsFlags(imageUploadFlags(command)))).action(
    run(async (flags: Flags, _command: Command) => {
      if (flags.filename === undefined) throw usageError('required flag(s) "filename" not set; give -f FILE');
      const file = flags.filename === '-' ? 'standard input' : flags.filename;
      const text = await context.files.readText(flags.filename);
      const {defaultRepository} = (await context.preferences()).read();
      const tagOf = (name: string) =>
        defaultRepository && `${defaultRepository.replace(/\/$/, '')}:clusterbuilder-${name}`;
      const reader = await import('./read-descriptor.ts');
      const {edits, places, notes} = reader.readDescriptor(file, text, context.files, tagOf);
      for (const note of notes) context.stderr.write(`Note: ${note}\n`);
      sayWithoutEffect(context, tlsWithoutEffect(flags));
      return withClient(context, (client) => importEdits(client, context, {edits, places}, flags));
    }),
  );
}

async function importEdits(
  client: Client,
  context: CommandContext,
  {edits, places}: Pick<ReturnType<typeof readDescriptor>, 'edits' | 'places'>,
  flags: Flags,
): Promise<ExitCode> {
  const dryRun = isDryRun(flags);
  const progress = progressFor(context, flags);
  const intent = {kind: 'apply', edits, places, ...rolloutOf(flags)} as const;
  if (flags.showChanges) {
    const planned = await client.send(intent, {dryRun: true});
    showChanges(planned, progress);
    if (!dryRun && !(await isConfirmed(planned, context, flags))) {
      progress.line('Skipping import');
      return exitCode.done;
    }
  }
  for (const edit of edits) progress.status(`Importing ${kindOf(edit)} '${edit.name}'...`);
  const result = await client.send(intent, {dryRun});
  for (const note of result.notes) progress.note(note);
  if (dryRun && !flags.showChanges) progress.line(outlookTable(result.outlook));
  return endChange(client, context, {
    flags,
    result,
    progress,
    text: 'Imported resources',
    resource: () => appliedData(result),
  });
}

function kindOf(edit: Edit): string {
  switch (edit.kind) {
    case 'store.save':
      return 'ClusterStore';
    case 'stack.save':
      return 'ClusterStack';
    case 'lifecycle.save':
      return 'ClusterLifecycle';
    case 'builder.save':
      return edit.builderKind;
    case 'image.save':
      return 'Image';
    default:
      return edit satisfies never;
  }
}

function showChanges(planned: IntentResult, progress: Progress): void {
  const changes = (planned.applied ?? []).filter(({effect}) => effect !== 'unchanged');
  progress.line(changes.length === 0 ? 'No Changes\n' : 'Changes\n');
  for (const change of changes) progress.line(appliedText(change));
  if (changes.length > 0) progress.line(`\n${outlookTable(planned.outlook)}\n`);
}

async function isConfirmed({changed}: IntentResult, {ask}: CommandContext, {force}: Flags): Promise<boolean> {
  if (force) return true;
  if (!ask) throw usageError('expected a terminal to ask on; --force imports without asking');
  return (await ask(changed ? 'Confirm with y: ' : 'Re-upload images with y: ')).trim() === 'y';
}
