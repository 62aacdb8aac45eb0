// `slipway image status <name>`
import {Command} from 'commander';
import type {Build} from '../../domain/build.ts';
import {reasonText} from '../../domain/change.ts';
import {imageStatus, latestSuccess} from '../../state/image-status.ts';
import {sourceProblem} from '../../state/source-problem.ts';
import type {ImageRecord, State} from '../../state/state.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {namespaceFlag, namespaceOf, outputFlag, type NamespaceFlags, type OutputFlags} from '../flags.ts';
import {atDigest} from '../image-reference.ts';
import {findImage} from '../lookup.ts';
import {isDataFormat, printData} from '../print-data.ts';
import {readyCondition} from '../resources/image-condition.ts';
import {imageResource} from '../resources/image-resource.ts';
import type {Run} from '../run.ts';
import {statusBlocks, type StatusBlock, table} from '../text-table.ts';
import {timestamp} from '../time-text.ts';
import {withClient} from '../with-client.ts';

type Flags = NamespaceFlags & OutputFlags;

/** One image in kp's blocks (kpack-cli `pkg/commands/image/status.go`); the message says what holds it. */
export function imageStatusCommand(context: CommandContext, run: Run): Command {
  const command = new Command('status').description('show an image and what holds it').argument('<name>');
  return outputFlag(namespaceFlag(command)).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, (client) => {
        const state = client.state.read();
        const record = findImage(state, namespaceOf(flags), name);
        if (isDataFormat(flags.output)) printData(context, flags.output, imageResource(record, state));
        else context.stdout.write(statusText(record, state));
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}

function statusText(record: ImageRecord, state: State): string {
  const {image} = record;
  const success = latestSuccess(record);
  const failed = record.builds.findLast((build) => build.state === 'failed');
  const main: StatusBlock = {
    rows: [
      ['Status', statusWord(record, state)],
      ['Message', message(record, state)],
      ['LatestImage', success?.result ? atDigest(image.spec.tag, success.result.digest) : ''],
    ],
  };
  const builder: StatusBlock = {
    header: 'Builder Ref',
    rows: [
      ['Name', image.spec.builder.name],
      ['Kind', image.spec.builder.kind],
    ],
  };
  const buildpacks = success?.buildpacks.map(({id, version, homepage}) => [id, version, homepage ?? '']);
  return [
    statusBlocks([main, sourceBlock(record), builder, buildBlock('Last Successful Build', success)]),
    buildpacks ? table(['Buildpack Id', 'Buildpack Version', 'Homepage'], buildpacks) : '',
    statusBlocks([buildBlock('Last Failed Build', failed)]),
  ].join('');
}

function statusWord(record: ImageRecord, state: State): string {
  const {status, reason} = readyCondition(record, state);
  if (status === 'True') return 'Ready';
  if (status === 'False') return 'Not Ready';
  return reason === 'BuildRunning' ? 'Building' : 'Unknown';
}

/** Why nothing happens, or which build runs; nothing when all is well. */
function message(record: ImageRecord, state: State): string {
  const {decision, hold, sourceProblem} = imageStatus(record, state);
  if (hold) return hold.message;
  if (decision.kind === 'running') return `build ${decision.number} is running`;
  return sourceProblem?.message ?? '';
}

function sourceBlock(record: ImageRecord): StatusBlock {
  const {image, source} = record;
  const {source: spec} = image.spec;
  const problem = problemRows(record);
  if (spec.kind === 'local') return {header: 'Source', rows: [['Type', 'Local Source'], ...problem]};
  const revision = source?.generation === image.generation ? source.resolved?.revision : undefined;
  return {
    header: 'Source',
    rows: [['Type', 'GitUrl'], ['Url', spec.url], ['Revision', revision ?? spec.revision], ...problem],
  };
}

/** Rows that kp has not: they stand there only while the source cannot be read. */
function problemRows(record: ImageRecord): StatusBlock['rows'] {
  const found = sourceProblem(record);
  if (!found) return [];
  const {problem, since} = found;
  return [['Problem', problem], ...(since === undefined ? [] : [['Problem Since', timestamp(since)] as const])];
}

function buildBlock(header: string, build: Build | undefined): StatusBlock {
  const isGit = build?.inputs.source.kind === 'git';
  return {
    header,
    rows: [
      ['Id', build ? String(build.number) : ''],
      ['Build Reason', build ? reasonText(build.changes) : ''],
      ...(isGit ? [['Git Revision', build.inputs.source.revision] as const] : []),
    ],
  };
}
