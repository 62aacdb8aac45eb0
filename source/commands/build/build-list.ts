// `slipway build list [image]`
import {Command} from 'commander';
import type {Build} from '../../domain/build.ts';
import {shortReason} from '../../domain/change.ts';
import type {ImageRecord, State} from '../../state/state.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {allNamespacesFlag, namespaceOf, outputFlag, type NamespaceFlags, type OutputFlags} from '../flags.ts';
import {atDigest} from '../image-reference.ts';
import {findImage} from '../lookup.ts';
import {isDataFormat, printList} from '../print-data.ts';
import {buildStatusWord} from '../resources/build-condition.ts';
import {buildResource} from '../resources/build-resource.ts';
import type {Run} from '../run.ts';
import {table} from '../text-table.ts';
import {durationText, localTime} from '../time-text.ts';
import {withClient} from '../with-client.ts';

type Flags = NamespaceFlags & OutputFlags & {readonly allNamespaces?: boolean};
type Row = {readonly build: Build; readonly record: ImageRecord};

/** Builds by image name (descending) and then by age, as kp lists them (kpack-cli `pkg/commands/build/list.go`). */
export function buildList(context: CommandContext, run: Run): Command {
  const command = new Command('list').description('list builds').argument('[image]', 'only this image');
  return outputFlag(allNamespacesFlag(command)).action(
    run((image: string | undefined, flags: Flags, _command: Command) =>
      withClient(context, (client) => {
        print(context, flags, rowsOf(client.state.read(), image, flags), context.now());
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}

function rowsOf(state: State, image: string | undefined, flags: Flags): readonly Row[] {
  const records =
    image === undefined || flags.allNamespaces
      ? Object.values(state.images)
      : [findImage(state, namespaceOf(flags), image)];
  return records
    .filter((record) => flags.allNamespaces || record.image.namespace === namespaceOf(flags))
    .filter((record) => image === undefined || record.image.name === image)
    .toSorted(byNameDescending)
    .flatMap((record) => record.builds.map((build) => ({build, record})));
}

function byNameDescending(a: ImageRecord, b: ImageRecord): number {
  if (a.image.name !== b.image.name) return a.image.name < b.image.name ? 1 : -1;
  return a.image.namespace < b.image.namespace ? -1 : 1;
}

function print(context: CommandContext, {output}: Flags, rows: readonly Row[], now: number): void {
  if (isDataFormat(output)) {
    printList(
      context,
      output,
      rows.map(({build, record}) => buildResource(build, record)),
    );
    return;
  }
  const headers = ['Build', 'Status', 'Built Image', 'Reason', 'Image Resource'];
  const wide = output === 'wide' ? ['Started', 'Duration', 'Strategy', 'Attempts'] : [];
  const cells = rows.map(({build, record}) => [
    ...plainCells(build, record),
    ...(output === 'wide' ? wideCells(build, now) : []),
  ]);
  context.stdout.write(table([...headers, ...wide], cells));
}

function plainCells(build: Build, {image}: ImageRecord): readonly string[] {
  const built = build.result ? atDigest(image.spec.tag, build.result.digest) : '';
  return [String(build.number), buildStatusWord(build), built, shortReason(build.changes), image.name];
}

function wideCells(build: Build, now: number): readonly string[] {
  const duration = durationText((build.finishedAt ?? now) - build.startedAt);
  return [localTime(build.startedAt), duration, build.strategy, String(build.attempts.length)];
}
