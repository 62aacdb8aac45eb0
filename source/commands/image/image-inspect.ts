// `slipway image inspect <name>`
import {Command} from 'commander';
import type {ImageInspection} from '../client-types.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {namespaceFlag, namespaceOf, outputFlag, type NamespaceFlags, type OutputFlags} from '../flags.ts';
import {buildNumber, findBuild, findImage} from '../lookup.ts';
import {isDataFormat, printData} from '../print-data.ts';
import type {Run} from '../run.ts';
import {sizeText} from '../size-text.ts';
import {table} from '../text-table.ts';
import {withClient} from '../with-client.ts';

type Flags = NamespaceFlags & OutputFlags & {readonly build?: string};

/** What is in the built image, as `pack inspect` shows it. */
export function imageInspect(context: CommandContext, run: Run): Command {
  const command = new Command('inspect')
    .description('show what is in the built image')
    .argument('<name>')
    .option('-b, --build <number>', 'the image that this build made (default: the newest)');
  return outputFlag(namespaceFlag(command)).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, async (client) => {
        const namespace = namespaceOf(flags);
        const record = findImage(client.state.read(), namespace, name);
        const number = buildNumber(flags.build);
        const digest = number === undefined ? undefined : findBuild(record, number).result?.digest;
        const inspection = await client.inspectImage(namespace, name, digest);
        if (isDataFormat(flags.output)) printData(context, flags.output, inspection);
        else context.stdout.write(inspectionText(inspection));
        return exitCode.done;
      }),
    ),
  );
}

function inspectionText(image: ImageInspection): string {
  const {runImage} = image;
  return [
    `Inspecting image: ${image.reference}\n`,
    section('Digest', [image.digest]),
    section('Size', [`${sizeText(image.size)} in ${image.layers.length} layers`]),
    section('Stack', [image.stackId ?? '(none)']),
    section('Base Image', [`Reference: ${runImage.digest}`, `Top Layer: ${runImage.topLayer}`]),
    section('Run Images', [runImage.name === '' ? '(none)' : runImage.name]),
    section('Buildpacks', tableLines(['ID', 'Version', 'Homepage'], buildpackRows(image))),
    section('Processes', tableLines(['Type', 'Command', 'Args', 'Work Dir'], processRows(image))),
    section('Layers', tableLines(['Diff ID', 'Size', 'Created By'], layerRows(image))),
  ].join('\n');
}

function section(title: string, lines: readonly string[]): string {
  return `${title}:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}

function tableLines(headers: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  return rows.length === 0 ? ['(none)'] : table(headers, rows).trimEnd().split('\n');
}

function buildpackRows({buildpacks}: ImageInspection): readonly (readonly string[])[] {
  return buildpacks.map(({id, version, homepage}) => [id, version, homepage ?? '-']);
}

function processRows({processes}: ImageInspection): readonly (readonly string[])[] {
  return processes.map(({type, command, args, default: isDefault, workingDirectory}) => [
    isDefault ? `${type} (default)` : type,
    command.join(' '),
    args.join(' '),
    workingDirectory ?? '-',
  ]);
}

function layerRows({layers}: ImageInspection): readonly (readonly string[])[] {
  return layers.map(({diffId, size, createdBy}) => [diffId, sizeText(size), createdBy]);
}
