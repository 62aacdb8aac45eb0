// `slipway image export <name> <destination>`
import {Command} from 'commander';
import {baseImageReference} from '../base-image-reference.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {namespaceFlag, namespaceOf, type NamespaceFlags} from '../flags.ts';
import {usageError} from '../command-error.ts';
import {buildNumber, findBuild, findImage} from '../lookup.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

type Flags = NamespaceFlags & {readonly build?: string; readonly force?: boolean};

/** Copies a built image into a layout, an archive, a registry or an engine. */
export function imageExport(context: CommandContext, run: Run): Command {
  const command = new Command('export')
    .description('copy a built image elsewhere')
    .argument('<name>')
    .argument('<destination>', 'oci:DIR[:TAG], docker-archive:FILE, registry:REF or engine')
    .option('-b, --build <number>', 'the image that this build made (default: the newest)')
    .option('-f, --force', 'replace what is there already');
  return namespaceFlag(command).action(
    run((name: string, destination: string, flags: Flags, _command: Command) => {
      const to = destinationOf(destination, context);
      return withClient(context, async (client) => {
        const namespace = namespaceOf(flags);
        const record = findImage(client.state.read(), namespace, name);
        const number = buildNumber(flags.build);
        const digest = number === undefined ? undefined : findBuild(record, number).result?.digest;
        context.stderr.write(`Exporting image "${name}" to ${to}...\n`);
        const exported = await client.exportImage({namespace, name, digest, to, force: flags.force === true});
        for (const note of exported.notes) context.stderr.write(`\t${note}\n`);
        context.stdout.write(`Image "${name}" exported to ${exported.to} (${exported.digest})\n`);
        return exitCode.done;
      });
    }),
  );
}

function destinationOf(text: string, {files}: CommandContext): string {
  if (text === 'engine' || /^registry:./.test(text)) return text;
  if (/^(oci|docker-archive):./.test(text) || text.endsWith('.tar')) return baseImageReference(text, files);
  throw usageError(
    `expected a destination like oci:DIR[:TAG], docker-archive:FILE, registry:REF or engine, got ${JSON.stringify(text)}`,
  );
}
