// `slipway build status <image>`
import {Command} from 'commander';
import type {Build} from '../../domain/build.ts';
import {changeDiff, type DiffLine} from '../../domain/change-diff.ts';
import {reasonText} from '../../domain/change.ts';
import type {ImageRecord, State} from '../../state/state.ts';
import {builderKey} from '../../domain/builder.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {namespaceFlag, namespaceOf, outputFlag, type NamespaceFlags, type OutputFlags} from '../flags.ts';
import {atDigest} from '../image-reference.ts';
import {buildNumber, findBuild, findImage} from '../lookup.ts';
import {phaseTable} from '../phase-table.ts';
import {isDataFormat, printData} from '../print-data.ts';
import {buildCondition, buildStatusWord} from '../resources/build-condition.ts';
import {buildResource} from '../resources/build-resource.ts';
import type {Run} from '../run.ts';
import {statusBlocks, type StatusBlock, table} from '../text-table.ts';
import {localTime} from '../time-text.ts';
import {withClient} from '../with-client.ts';

type Flags = NamespaceFlags & OutputFlags & {readonly build?: string};

/** One build in kp's blocks (kpack-cli `pkg/commands/build/status.go`); `-o wide` adds its phases. */
export function buildStatus(context: CommandContext, run: Run): Command {
  const command = new Command('status')
    .description('show a build: why it ran, what came of it')
    .argument('<image>')
    .option('-b, --build <number>', 'the build number (default: the newest)');
  return outputFlag(namespaceFlag(command)).action(
    run((image: string, flags: Flags, _command: Command) =>
      withClient(context, (client) => {
        const state = client.state.read();
        const record = findImage(state, namespaceOf(flags), image);
        const build = findBuild(record, buildNumber(flags.build));
        if (isDataFormat(flags.output)) printData(context, flags.output, buildResource(build, record));
        else context.stdout.write(statusText(build, record, state, context, flags.output === 'wide'));
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}

function statusText(build: Build, record: ImageRecord, state: State, context: CommandContext, wide: boolean): string {
  const buildpacks = build.buildpacks.map(({id, version, homepage}) => [id, version, homepage ?? '']);
  const color = context.color && context.stdout.isTTY;
  return [
    statusBlocks([
      {rows: [...mainRows(build, record, color), ...conditionRows(build)]},
      {
        rows: [
          ['Started', localTime(build.startedAt)],
          ['Finished', build.finishedAt === undefined ? '' : localTime(build.finishedAt)],
        ],
      },
      {rows: [['Pod Name', '']]},
      {rows: imageRows(build, state)},
      sourceBlock(build, record, wide),
    ]),
    table(['Buildpack Id', 'Buildpack Version', 'Homepage'], buildpacks),
    wide ? phaseTable(build.phases, context.now()) : '',
  ].join('');
}

type Rows = StatusBlock['rows'];

function mainRows(build: Build, {image}: ImageRecord, color: boolean): Rows {
  const diff = build.changes.flatMap((change) => changeDiff(change)).map((line) => `\n\t${diffText(line, color)}`);
  return [
    ['Image', build.result ? atDigest(image.spec.tag, build.result.digest) : ''],
    ['Status', buildStatusWord(build)],
    ['Reason', `${reasonText(build.changes)}${diff.join('')}`],
  ];
}

/** Sign and text are coloured each for itself, as kpack's differ does. */
function diffText({sign, text}: DiffLine, color: boolean): string {
  if (sign === ' ') return text;
  const code = sign === '+' ? '32' : '31';
  return color ? `\u001b[${code}m${sign} \u001b[0m\u001b[${code}m${text}\u001b[0m` : `${sign} ${text}`;
}

function conditionRows(build: Build): Rows {
  const {reason, message} = buildCondition(build);
  return [
    ...(reason === undefined ? [] : [['Status Reason', reason] as const]),
    ...(message === undefined ? [] : [['Status Message', message] as const]),
  ];
}

function imageRows({inputs, namespace}: Build, state: State): Rows {
  const {kind, name} = inputs.builder;
  const builder = state.builders[builderKey(kind, name, namespace)];
  return [
    ['Builder', builder?.spec.tag ?? `${kind}/${name}`],
    ['Run Image', atDigest(inputs.runImage.name, inputs.runImage.digest)],
  ];
}

function sourceBlock({inputs}: Build, {image}: ImageRecord, wide: boolean): StatusBlock {
  const {git, local} = inputs.config.source;
  if (git) {
    const rows = [
      ['Source', 'GitUrl'],
      ['Url', git.url],
      ['Revision', inputs.source.revision],
    ] as const;
    return {rows};
  }
  const path = local?.path ?? (image.spec.source.kind === 'local' ? image.spec.source.path : '');
  const more = [
    ['Path', path],
    ['Revision', inputs.source.revision],
  ] as const;
  return {rows: [['Source', 'Local Source'], ...(wide ? more : [])]};
}
