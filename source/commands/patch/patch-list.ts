// `slipway patch list`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {isDataFormat, printList} from '../print-data.ts';
import {patchResource} from '../resources/patch-resource.ts';
import type {Run} from '../run.ts';
import {patchProgress} from '../../state/patch-progress.ts';
import {table} from '../text-table.ts';
import {localTime} from '../time-text.ts';
import {withClient} from '../with-client.ts';
import {patchedText, targetText} from './patch-text.ts';

/** Patches, the newest first. */
export function patchList(context: CommandContext, run: Run): Command {
  return outputFlag(new Command('list').description('list patches, the newest first')).action(
    run(({output}: OutputFlags, _command: Command) =>
      withClient(context, (client) => {
        const state = client.state.read();
        const patches = Object.values(state.patches).toReversed();
        const isWide = output === 'wide';
        if (isDataFormat(output))
          printList(
            context,
            output,
            patches.map((patch) => patchResource(patch, state)),
          );
        else {
          const rows = patches.map((patch) => {
            const progress = patchProgress(patch, state);
            const {failed, held} = progress.counts;
            return [
              patch.id,
              patch.state,
              targetText(patch.target),
              patchedText(progress, patch),
              `${patch.openWave} of ${patch.waves}`,
              localTime(patch.openedAt),
              ...(isWide ? [String(failed), String(held), patch.note ?? '--'] : []),
            ];
          });
          const headers = ['Name', 'State', 'Target', 'Patched', 'Wave', 'Opened'];
          context.stdout.write(table([...headers, ...(isWide ? ['Failed', 'Held', 'Note'] : [])], rows));
        }
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}
