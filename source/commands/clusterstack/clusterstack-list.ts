// `slipway clusterstack list`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {atDigest} from '../image-reference.ts';
import {byName} from '../lookup.ts';
import {isDataFormat, printList} from '../print-data.ts';
import {stackResource} from '../resources/stack-resource.ts';
import type {Run} from '../run.ts';
import {entry} from '../../state/entry.ts';
import {watchWord} from './follow-text.ts';
import {table} from '../text-table.ts';
import {withClient} from '../with-client.ts';

/** Stacks by name. */
export function clusterStackList(context: CommandContext, run: Run): Command {
  return outputFlag(new Command('list').description('list stacks')).action(
    run(({output}: OutputFlags, _command: Command) =>
      withClient(context, (client) => {
        const state = client.state.read();
        const stacks = byName(Object.values(state.stacks));
        const watched = stacks.some(({spec}) => spec.follow !== undefined);
        const isWide = output === 'wide';
        if (isDataFormat(output))
          printList(
            context,
            output,
            stacks.map((stack) => stackResource(stack, undefined, entry(state.stackWatches, stack.name))),
          );
        else {
          const rows = stacks.map(({name, spec, resolved: {runImage}}) => [
            name,
            'True',
            spec.id,
            ...(watched ? [spec.follow ?? '', watchWord(entry(state.stackWatches, name))] : []),
            ...(isWide ? [atDigest(runImage.name, runImage.digest)] : []),
          ]);
          context.stdout.write(
            table(
              ['Name', 'Ready', 'ID', ...(watched ? ['Follow', 'Tag'] : []), ...(isWide ? ['Run Image'] : [])],
              rows,
            ),
          );
        }
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}
