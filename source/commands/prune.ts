// `slipway prune [--dry-run]`: gives back the disk that nothing needs any more.
import {Command} from 'commander';
import type {CommandContext} from './command-context.ts';
import {exitCode} from './exit-code.ts';
import {dryRunFlags, type DryRunFlags, isDryRun} from './flags.ts';
import {isDataFormat, printData} from './print-data.ts';
import type {Run} from './run.ts';
import {table} from './text-table.ts';
import {withClient} from './with-client.ts';

/** What is reachable from a resource, a kept build or a patch that can be rolled back stays. */
export function pruneCommand(context: CommandContext, run: Run): Command {
  const description = 'remove base images, buildpacks, caches and blobs that nothing needs any more';
  return dryRunFlags(new Command('prune').description(description)).action(
    run((flags: DryRunFlags, _command: Command) =>
      withClient(context, async (client) => {
        const dryRun = isDryRun(flags);
        const {pruned = []} = await client.send({kind: 'prune'}, {dryRun});
        const bytes = pruned.reduce((sum, thing) => sum + thing.bytes, 0);
        if (isDataFormat(flags.output)) {
          printData(context, flags.output, {
            apiVersion: 'slipway.dev/v1alpha1',
            kind: 'Pruned',
            bytes,
            items: pruned.map((thing) => ({...thing})),
          });
          return exitCode.done;
        }
        const rows = pruned.map((thing) => [thing.kind, thing.name, sizeText(thing.bytes), thing.why]);
        context.stdout.write(table(['Kind', 'Name', 'Size', 'Why'], rows));
        context.stdout.write(`${dryRun ? 'Would remove' : 'Removed'} ${sizeText(bytes)}\n`);
        return exitCode.done;
      }),
    ),
  );
}

function sizeText(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length, Math.floor(Math.log10(bytes) / 3));
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1] ?? 'B'}`;
}
