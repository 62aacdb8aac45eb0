// `slipway clusterbuilder|builder status <name>`
import {Command} from 'commander';
import {type Builder, type BuilderKind, executorText} from '../../domain/builder.ts';
import type {ReadyBuilder} from '../../domain/resolve-builder.ts';
import {resolvedBuilder} from '../../state/image-decision.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {type NamespaceFlags, outputFlag, type OutputFlags} from '../flags.ts';
import {atDigest} from '../image-reference.ts';
import {findBuilder} from '../lookup.ts';
import {orderTable} from '../order-table.ts';
import {isDataFormat, printData} from '../print-data.ts';
import {builderResource} from '../resources/builder-resource.ts';
import type {Run} from '../run.ts';
import {statusBlocks, table} from '../text-table.ts';
import {withClient} from '../with-client.ts';
import {scopeFlag, scopeOf} from './builder-scope.ts';

type Flags = NamespaceFlags & OutputFlags;

/** One builder in kp's blocks (kpack-cli `pkg/commands/clusterbuilder/status.go`). */
export function builderStatus(kind: BuilderKind, context: CommandContext, run: Run): Command {
  const command = new Command('status').description('show a builder').argument('<name>');
  return scopeFlag(kind, outputFlag(command)).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, (client) => {
        const state = client.state.read();
        const builder = findBuilder(state, kind, name, scopeOf(kind, flags));
        const resolved = resolvedBuilder(builder, state);
        if (isDataFormat(flags.output)) printData(context, flags.output, builderResource(builder, state));
        else context.stdout.write(resolved.kind === 'ready' ? readyText(resolved) : notReadyText(resolved.message));
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}

function notReadyText(message: string): string {
  return statusBlocks([
    {
      rows: [
        ['Status', 'Not Ready'],
        ['Reason', message],
      ],
    },
  ]);
}

function readyText(ready: ReadyBuilder): string {
  const {builder, stack, order, buildpacks} = ready;
  const {runImage} = stack.resolved;
  const main = [
    ['Status', 'Ready'],
    ['Image', builder.spec.image ?? builder.spec.tag ?? ''],
    ['Stack ID', stack.spec.id],
    ['Run Image', atDigest(runImage.name, runImage.digest)],
  ] as const;
  const rows = buildpacks.map(({id, version, homepage}) => [id, version, homepage ?? '']);
  return [
    statusBlocks([{rows: main}, {rows: references(builder)}, ...runsWith(ready)].filter(({rows}) => rows.length > 0)),
    table(['Buildpack Id', 'Version', 'Homepage'], rows),
    '\n',
    orderTable(order),
  ].join('');
}

type Rows = readonly (readonly [key: string, value: string])[];

/** A ready-made builder image refers to no more than it was told to. */
function references({spec}: Builder): Rows {
  const stack: Rows =
    spec.stack === undefined
      ? []
      : [
          ['Stack Ref', ' '],
          ['  Name', spec.stack],
          ['  Kind', 'ClusterStack'],
        ];
  const store: Rows =
    spec.image === undefined
      ? [
          ['Store Ref', ' '],
          ['  Name', spec.store ?? ''],
          ['  Kind', 'ClusterStore'],
        ]
      : [];
  return [...stack, ...store];
}

/** Said of builders that an engine runs; what kp prints stays as it is for the others. */
function runsWith({builder, lifecycle}: ReadyBuilder): readonly {readonly rows: Rows}[] {
  if (!lifecycle) return [];
  const {spec} = builder;
  const resource = lifecycle.resource === undefined ? '' : ` (ClusterLifecycle ${lifecycle.resource.name})`;
  const rows: Rows = [
    ['Executor', executorText(spec)],
    ['Lifecycle', `${lifecycle.version}${resource}`],
    ['Trusted', String(spec.trusted)],
    ...(spec.lifecycleImage === undefined ? [] : [['Lifecycle Image', spec.lifecycleImage] as const]),
  ];
  return [{rows}];
}
