// `slipway image cache [name] [--purge]`
import {Command} from 'commander';
import type {ImageCache} from '../client-types.ts';
import {usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {checkName, namespaceFlag, namespaceOf, type NamespaceFlags, outputFlag, type OutputFlags} from '../flags.ts';
import {isDataFormat, printData} from '../print-data.ts';
import type {Run} from '../run.ts';
import {sizeText} from '../size-text.ts';
import {table} from '../text-table.ts';
import {withClient} from '../with-client.ts';

type Flags = NamespaceFlags & OutputFlags & {readonly purge?: boolean};

/** What builds keep for the next one (`pack build --clear-cache` is its purge): where it lies and how big it is. */
export function imageCache(context: CommandContext, run: Run): Command {
  const command = new Command('cache')
    .description('what builds keep for the next one: list it, or remove the one of an image')
    .argument('[name]')
    .option('--purge', "remove the image's caches; its next build makes everything anew");
  return outputFlag(namespaceFlag(command)).action(
    run((name: string | undefined, flags: Flags, _command: Command) =>
      withClient(context, async (client) => {
        if (flags.purge && name === undefined) throw usageError('--purge needs the name of an image');
        const of = name === undefined ? {} : {namespace: namespaceOf(flags), name: checkName(name)};
        const {caches} = await client.imageCaches({...of, ...(flags.purge ? {purge: true} : {})});
        if (isDataFormat(flags.output)) printData(context, flags.output, {caches: caches.map((cache) => ({...cache}))});
        else if (flags.purge) context.stdout.write(`${purgedText(name ?? '', caches)}\n`);
        else context.stdout.write(table(['Image', 'Namespace', 'Kept In', 'Size', 'Place'], caches.map(cells)));
        return exitCode.done;
      }),
    ),
  );
}

function cells({name, namespace, kept, size, place}: ImageCache): readonly string[] {
  return [name, namespace, kept, size === undefined ? '--' : sizeText(size), place];
}

function purgedText(name: string, caches: readonly ImageCache[]): string {
  if (caches.length === 0) return `Image "${name}" has no cache`;
  const bytes = caches.reduce((sum, {size}) => sum + (size ?? 0), 0);
  return `Cache of image "${name}" removed: ${sizeText(bytes)}`;
}
