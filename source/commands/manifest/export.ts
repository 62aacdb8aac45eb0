// `slipway export [KIND [NAME]]`: resources as manifests.
import {Command, Option} from 'commander';
import {plainYaml, type PlainData} from '../../domain/plain-yaml.ts';
import type {State} from '../../state/state.ts';
import {failure, usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {byName} from '../lookup.ts';
import {printList} from '../print-data.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';
import {exportedBuilder, exportedImage, exportedLifecycle, exportedStack, exportedStore} from './export-manifest.ts';

type Flags = {readonly namespace?: string; readonly output?: 'yaml' | 'json'};
type Exported = {readonly name: string; readonly namespace?: string; readonly manifest: PlainData};
type Exporter = {readonly kind: string; readonly all: (state: State) => readonly Exported[]};

/** Everything, or one kind, or one resource: YAML documents, or a List as JSON. */
export function exportCommand(context: CommandContext, run: Run): Command {
  return new Command('export')
    .description('print resources as kpack manifests that apply takes back')
    .argument('[kind]', `one of ${exporters.map(({kind}) => kind.toLowerCase()).join(', ')}`)
    .argument('[name]')
    .option('-n, --namespace <namespace>', 'only what is in this namespace (default: every one)')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['yaml', 'json']).default('yaml'))
    .action(
      run((kind: string | undefined, name: string | undefined, flags: Flags, _command: Command) =>
        withClient(context, (client) => {
          const found = chosen(client.state.read(), kind, name, flags);
          const manifests = found.map(({manifest}) => manifest);
          if (flags.output === 'json') printList(context, 'json', manifests);
          else context.stdout.write(manifests.map((manifest) => plainYaml(manifest)).join('---\n'));
          return Promise.resolve(exitCode.done);
        }),
      ),
    );
}

/** In the order in which apply makes them. */
const exporters: readonly Exporter[] = [
  {
    kind: 'ClusterStore',
    all: ({stores}) => byName(Object.values(stores)).map((one) => ({name: one.name, manifest: exportedStore(one)})),
  },
  {
    kind: 'ClusterStack',
    all: ({stacks}) => byName(Object.values(stacks)).map((one) => ({name: one.name, manifest: exportedStack(one)})),
  },
  {
    kind: 'ClusterLifecycle',
    all: ({lifecycles}) =>
      byName(Object.values(lifecycles)).map((one) => ({name: one.name, manifest: exportedLifecycle(one)})),
  },
  {kind: 'ClusterBuilder', all: (state) => builders(state, 'ClusterBuilder')},
  {kind: 'Builder', all: (state) => builders(state, 'Builder')},
  {
    kind: 'Image',
    all: ({images}) =>
      byName(Object.values(images).map(({image}) => image)).map((image) => ({
        name: image.name,
        namespace: image.namespace,
        manifest: exportedImage(image),
      })),
  },
];

function builders(state: State, kind: string): readonly Exported[] {
  return byName(Object.values(state.builders).filter((one) => one.kind === kind)).map((one) => ({
    name: one.name,
    ...(one.namespace === undefined ? {} : {namespace: one.namespace}),
    manifest: exportedBuilder(one),
  }));
}

function chosen(
  state: State,
  kind: string | undefined,
  name: string | undefined,
  {namespace}: Flags,
): readonly Exported[] {
  const wanted = exporters.filter((one) => kind === undefined || isKind(one.kind, kind));
  if (wanted.length === 0) {
    throw usageError(`unknown kind "${kind ?? ''}"; expected one of ${exporters.map((one) => one.kind).join(', ')}`);
  }
  const found = wanted
    .flatMap(({all}) => all(state))
    .filter((one) => name === undefined || one.name === name)
    .filter((one) => namespace === undefined || one.namespace === namespace);
  if (name !== undefined && found.length === 0) {
    throw failure(`${(wanted[0]?.kind ?? '').toLowerCase()}s.kpack.io "${name}" not found`);
  }
  return found;
}

/** `clusterstack`, `ClusterStacks`, `clusterstacks.kpack.io` */
function isKind(kind: string, text: string): boolean {
  const plain = text.toLowerCase().replace(/\.kpack\.io$/, '');
  return plain === kind.toLowerCase() || plain === `${kind.toLowerCase()}s`;
}
