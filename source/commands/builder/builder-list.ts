// `slipway clusterbuilder|builder list`
import {Command} from 'commander';
import {type Builder, type BuilderKind, executorText} from '../../domain/builder.ts';
import {resolvedBuilder} from '../../state/image-decision.ts';
import type {State} from '../../state/state.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {type NamespaceFlags, outputFlag, type OutputFlags} from '../flags.ts';
import {byName} from '../lookup.ts';
import {isDataFormat, printList} from '../print-data.ts';
import {builderResource} from '../resources/builder-resource.ts';
import type {Run} from '../run.ts';
import {table} from '../text-table.ts';
import {withClient} from '../with-client.ts';
import {scopeFlag, scopeOf} from './builder-scope.ts';

type Flags = NamespaceFlags & OutputFlags;

/** Builders of the kind by name (kpack-cli `pkg/commands/clusterbuilder/list.go`). */
export function builderList(kind: BuilderKind, context: CommandContext, run: Run): Command {
  return scopeFlag(kind, outputFlag(new Command('list').description('list builders'))).action(
    run((flags: Flags, _command: Command) =>
      withClient(context, (client) => {
        const state = client.state.read();
        const builders = byName(
          Object.values(state.builders).filter(
            (builder) => builder.kind === kind && builder.namespace === scopeOf(kind, flags),
          ),
        );
        print(context, flags, builders, state);
        return Promise.resolve(exitCode.done);
      }),
    ),
  );
}

function print(context: CommandContext, {output}: Flags, builders: readonly Builder[], state: State): void {
  if (isDataFormat(output)) {
    printList(
      context,
      output,
      builders.map((builder) => builderResource(builder, state)),
    );
    return;
  }
  const isWide = output === 'wide';
  const rows = builders.map((builder) => [...cells(builder, state), ...(isWide ? wideCells(builder) : [])]);
  const more = isWide ? ['Stack Ref', 'Store Ref', 'Executor', 'Trusted'] : [];
  context.stdout.write(table(['Name', 'Ready', 'Stack', 'Image', ...more], rows));
}

function cells(builder: Builder, state: State): readonly string[] {
  const resolved = resolvedBuilder(builder, state);
  if (resolved.kind === 'not-ready') return [builder.name, 'false', '', ''];
  return [builder.name, 'true', resolved.stack.spec.id, builder.spec.image ?? builder.spec.tag ?? ''];
}

function wideCells({spec}: Builder): readonly string[] {
  return [spec.stack ?? '', spec.store ?? '', executorText(spec), String(spec.trusted)];
}
