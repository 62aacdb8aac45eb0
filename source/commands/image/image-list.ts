// `slipway image list`
import {Command} from 'commander';
import {reasonText} from '../../domain/change.ts';
import {imageStatus, latestBuild, latestSuccess} from '../../state/image-status.ts';
import type {ImageRecord, State} from '../../state/state.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {allNamespacesFlag, collect, namespaceOf, outputFlag, type NamespaceFlags, type OutputFlags} from '../flags.ts';
import {atDigest} from '../image-reference.ts';
import {isDataFormat, printList} from '../print-data.ts';
import {readyCondition} from '../resources/image-condition.ts';
import {imageResource} from '../resources/image-resource.ts';
import type {Run} from '../run.ts';
import {table} from '../text-table.ts';
import {withClient} from '../with-client.ts';
import {parseImageFilters} from './image-filter.ts';

type Flags = NamespaceFlags & OutputFlags & {readonly allNamespaces?: boolean; readonly filter?: readonly string[]};

/** Images by name (kpack-cli `pkg/commands/image/list.go`); `-o wide` adds state, builder and hold. */
export function imageList(context: CommandContext, run: Run): Command {
  const command = new Command('list')
    .description('list images')
    .option('--filter <filter>', 'builder=, clusterbuilder=, latest-reason=a,b or ready=true,false,unknown', collect);
  return outputFlag(allNamespacesFlag(command)).action(
    run((flags: Flags, _command: Command) =>
      withClient(context, (client) => {
        const state = client.state.read();
        print(context, flags, recordsOf(state, flags), state);
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}

function recordsOf(state: State, flags: Flags): readonly ImageRecord[] {
  const isMatch = parseImageFilters(flags.filter ?? []);
  return Object.values(state.images)
    .filter(({image}) => flags.allNamespaces || image.namespace === namespaceOf(flags))
    .filter((record) => isMatch(record, state))
    .toSorted((a, b) => compareText(a.image.name, b.image.name) || compareText(a.image.namespace, b.image.namespace));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function print(context: CommandContext, {output}: Flags, records: readonly ImageRecord[], state: State): void {
  if (isDataFormat(output)) {
    printList(
      context,
      output,
      records.map((record) => imageResource(record, state)),
    );
    return;
  }
  const isWide = output === 'wide';
  const headers = ['Name', 'Ready', 'Latest Reason', 'Latest Image', 'Namespace'];
  const more = isWide ? ['State', 'Builds', 'Builder', 'Hold'] : [];
  const rows = records.map((record) => [...plainCells(record, state), ...(isWide ? wideCells(record, state) : [])]);
  context.stdout.write(table([...headers, ...more], rows));
}

function plainCells(record: ImageRecord, state: State): readonly string[] {
  const {image} = record;
  const build = latestBuild(record);
  const result = latestSuccess(record)?.result;
  return [
    image.name,
    readyCondition(record, state).status,
    build ? reasonText(build.changes) : '',
    result ? atDigest(image.spec.tag, result.digest) : '',
    image.namespace,
  ];
}

function wideCells(record: ImageRecord, state: State): readonly string[] {
  const {state: name, hold, sourceProblem} = imageStatus(record, state);
  const {kind, name: builder} = record.image.spec.builder;
  return [name, String(record.buildCounter), `${kind}/${builder}`, hold?.message ?? sourceProblem?.message ?? ''];
}
