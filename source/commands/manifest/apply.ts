// `slipway apply -f FILE|DIR|-`: kpack manifests as one change and one patch.
import {Command} from 'commander';
import type {Client} from '../../client/client.ts';
import {failure, usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import type {ExitCode} from '../exit-code.ts';
import {collect, dryRunFlags, type DryRunFlags, isDryRun, type WaitFlags} from '../flags.ts';
import {outlookTable} from '../outlook-table.ts';
import {endChange} from '../patch/end-change.ts';
import {progressFor} from '../progress.ts';
import {rolloutFlags, type RolloutFlags, rolloutOf, waitForPatchFlag} from '../rollout-flags.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';
import {appliedData, appliedText} from './applied-text.ts';
import type {readManifests} from './read-manifests.ts';
import {manifestTexts} from './manifest-texts.ts';

type Flags = DryRunFlags & WaitFlags & RolloutFlags & {readonly filename?: readonly string[]};

/** All of the manifests or none of them; what is wrong is said with its line before anything is sent. */
export function applyCommand(context: CommandContext, run: Run): Command {
  const command = new Command('apply')
    .description('make resources as kpack manifests say (v1alpha2, v1alpha1), all of them or none')
    .option('-f, --filename <file>', 'a YAML or JSON file, a directory of them, or - for the standard input', collect);
  return waitForPatchFlag(rolloutFlags(dryRunFlags(command))).action(
    run(async (flags: Flags, _command: Command) => {
      if (!flags.filename) throw usageError('expected at least one -f FILE, got none');
      const texts = await manifestTexts(flags.filename, context.files);
      const reader = await import('./read-manifests.ts');
      const {edits, places, notes, problems} = reader.readManifests(texts, context.files);
      if (problems.length > 0) throw failure(`${problems.join('\n')}\nNothing was applied.`);
      if (edits.length === 0) throw failure(`${flags.filename.join(', ')}: expected manifests, found none`);
      for (const note of notes) context.stderr.write(`Note: ${note}\n`);
      return withClient(context, (client) => apply(client, context, {edits, places}, flags));
    }),
  );
}

async function apply(
  client: Client,
  context: CommandContext,
  {edits, places}: Pick<ReturnType<typeof readManifests>, 'edits' | 'places'>,
  flags: Flags,
): Promise<ExitCode> {
  const dryRun = isDryRun(flags);
  const progress = progressFor(context, flags);
  progress.status('Applying resources...');
  const result = await client.send({kind: 'apply', edits, places, ...rolloutOf(flags)}, {dryRun});
  for (const note of result.notes) progress.note(note);
  for (const one of result.applied ?? []) progress.status(appliedText(one));
  if (dryRun) progress.line(outlookTable(result.outlook));
  return endChange(client, context, {
    flags,
    result,
    progress,
    text: 'Applied resources',
    resource: () => appliedData(result),
  });
}
