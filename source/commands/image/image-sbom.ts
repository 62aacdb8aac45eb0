// `slipway image sbom <name> <directory>`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {namespaceFlag, namespaceOf, type NamespaceFlags} from '../flags.ts';
import {buildNumber, findBuild, findImage} from '../lookup.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

type Flags = NamespaceFlags & {readonly build?: string; readonly force?: boolean};

/** Writes a built image's SBOMs below a directory, where `pack sbom download` would. */
export function imageSbom(context: CommandContext, run: Run): Command {
  const command = new Command('sbom')
    .description("write a built image's SBOMs")
    .argument('<name>')
    .argument('<directory>')
    .option('-b, --build <number>', 'the image that this build made (default: the newest)')
    .option('-f, --force', 'replace files that are there already');
  return namespaceFlag(command).action(
    run((name: string, directory: string, flags: Flags, _command: Command) =>
      withClient(context, async (client) => {
        const namespace = namespaceOf(flags);
        const record = findImage(client.state.read(), namespace, name);
        const number = buildNumber(flags.build);
        const digest = number === undefined ? undefined : findBuild(record, number).result?.digest;
        const place = context.files.absolute(directory);
        context.stderr.write(`Writing the SBOMs of image "${name}" to ${place}...\n`);
        const {files} = await client.writeSbom({
          namespace,
          name,
          digest,
          directory: place,
          force: flags.force === true,
        });
        for (const file of files) context.stdout.write(`${file}\n`);
        return exitCode.done;
      }),
    ),
  );
}
