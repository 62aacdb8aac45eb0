// `slipway clusterbuilder|builder create|patch|save <name>`
import {Command, Option} from 'commander';
import type {Client} from '../../client/client.ts';
import {builderKey, type BuilderKind, type ExecutorKind} from '../../domain/builder.ts';
import type {EngineKind} from '../../domain/engine.ts';
import type {PlainData} from '../../domain/plain-yaml.ts';
import {baseImageReference} from '../base-image-reference.ts';
import type {BuilderEdit, SaveMode} from '../client-types.ts';
import {usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import type {ExitCode} from '../exit-code.ts';
import {
  checkName,
  collectList,
  dryRunFlags,
  type DryRunFlags,
  isDryRun,
  type NamespaceFlags,
  sayWithoutEffect,
  tlsFlags,
  type TlsFlags,
  tlsWithoutEffect,
  type WaitFlags,
} from '../flags.ts';
import {findBuilder} from '../lookup.ts';
import {outlookTable} from '../outlook-table.ts';
import {endChange} from '../patch/end-change.ts';
import {progressFor} from '../progress.ts';
import {builderResource, orderData} from '../resources/builder-resource.ts';
import {rolloutFlags, type RolloutFlags, rolloutOf, waitForPatchFlag} from '../rollout-flags.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';
import {scopeFlag, scopeOf} from './builder-scope.ts';
import {orderOfBuildpacks} from './order-of-buildpacks.ts';

type Flags = NamespaceFlags &
  DryRunFlags &
  TlsFlags &
  WaitFlags &
  RolloutFlags & {
    readonly buildpack?: readonly string[];
    readonly order?: string;
    readonly orderFrom?: string;
    readonly stack?: string;
    readonly store?: string;
    readonly tag?: string;
    readonly serviceAccount?: string;
    readonly trusted?: string | boolean;
    readonly executor?: ExecutorKind | 'auto';
    readonly engine?: EngineKind | 'auto';
    readonly image?: string;
    readonly runImage?: string;
    readonly lifecycle?: string;
    readonly lifecycleImage?: string;
  };

const descriptions: Readonly<Record<SaveMode, string>> = {
  create: 'make a builder',
  patch: 'change a builder',
  save: 'make or change a builder',
};

/** kp's flags, and Slipway's for ready-made builder images, executor, engine and trust. */
export function builderSave(kind: BuilderKind, mode: SaveMode, context: CommandContext, run: Run): Command {
  const command = new Command(mode)
    .description(descriptions[mode])
    .argument('<name>')
    .option(
      '-b, --buildpack <id[@version]>',
      'a buildpack of the order; repeat it or give a list with commas',
      collectList,
    )
    .option('-o, --order <file>', 'the order as YAML')
    .option('--order-from <image>', "take a builder image's order (not in this version)")
    .option('-s, --stack <name>', 'the ClusterStack (default "default")')
    .option('--store <name>', 'the ClusterStore (default "default")')
    .option('-t, --tag <tag>', 'the name of the builder')
    .option(
      '--lifecycle <name>',
      'the ClusterLifecycle that the container executor composes it with (default "default-lifecycle")',
    )
    .option('--image <image>', 'a ready-made builder image, instead of stack, store and order')
    .option('--run-image <image>', "with --image: what apps stand on, instead of what the image's metadata names")
    .option(
      '--lifecycle-image <image>',
      "an image with a lifecycle you trust: an untrusted builder's analyze, restore and export run from it, nothing of the builder's own",
    )
    .option(
      '--trusted [bool]',
      'its buildpacks may run where builds have no private root, or in one container with all phases',
    )
    .addOption(new Option('--executor <executor>', 'what runs its builds').choices(['embedded', 'container', 'auto']))
    .addOption(new Option('--engine <engine>', 'the container engine').choices(['docker', 'podman', 'auto']));
  if (kind === 'Builder') command.option('--service-account <name>', 'accepted for kp');
  if (mode !== 'create') waitForPatchFlag(rolloutFlags(command));
  return tlsFlags(dryRunFlags(scopeFlag(kind, command), '')).action(
    run((name: string, flags: Flags, _command: Command) =>
      withClient(context, (client) => save(client, context, kind, mode, checkName(name), flags)),
    ),
  );
}

async function save(
  client: Client,
  context: CommandContext,
  kind: BuilderKind,
  mode: SaveMode,
  name: string,
  flags: Flags,
): Promise<ExitCode> {
  const namespace = scopeOf(kind, flags);
  const isNew = client.state.read().builders[builderKey(kind, name, namespace)] === undefined;
  const edit = await builderEdit(flags, name, isNew && mode !== 'patch', context);
  const progress = progressFor(context, flags);
  sayWithoutEffect(context, {
    '--service-account': flags.serviceAccount === undefined ? undefined : 'builders here are never pushed',
    ...tlsWithoutEffect(flags),
  });
  const dryRun = isDryRun(flags);
  const where = {...(namespace === undefined ? {} : {namespace}), ...rolloutOf(flags)};
  const result = await client.send({kind: 'builder.save', mode, builderKind: kind, name, edit, ...where}, {dryRun});
  for (const note of result.notes) progress.note(note);
  if (dryRun) progress.line(outlookTable(result.outlook));
  const word = isNew ? 'created' : `patched${result.changed ? '' : ' (no change)'}`;
  const resource = () => {
    const state = client.state.read();
    if (dryRun && isNew) return previewed(kind, name, namespace, edit);
    return builderResource(findBuilder(state, kind, name, namespace), state);
  };
  return endChange(client, context, {flags, result, progress, text: `${kind} "${name}" ${word}`, resource});
}

async function builderEdit(flags: Flags, name: string, isNew: boolean, context: CommandContext): Promise<BuilderEdit> {
  const order = await orderOf(flags, context);
  const {executor, engine, lifecycleImage} = (await context.preferences()).read();
  const ofImage = flags.image !== undefined && flags.image !== '';
  const preferred = flags.executor ?? (isNew && !ofImage ? executor : undefined);
  const edit: BuilderEdit = {
    tag: flags.tag ?? (isNew && !ofImage ? await defaultTag(name, context) : undefined),
    stack: flags.stack ?? (isNew && !ofImage ? 'default' : undefined),
    store: flags.store ?? (isNew && !ofImage ? 'default' : undefined),
    order,
    trusted: flags.trusted === undefined ? undefined : flags.trusted !== 'false',
    executor: preferred,
    engine: flags.engine ?? (isNew && (ofImage || (preferred ?? 'embedded') !== 'embedded') ? engine : undefined),
    image: absolute(flags.image, context),
    runImage: absolute(flags.runImage, context),
    lifecycle: flags.lifecycle,
    lifecycleImage: absolute(flags.lifecycleImage, context) ?? (isNew ? lifecycleImage : undefined),
  };
  return Object.fromEntries(Object.entries(edit).filter(([, value]) => value !== undefined)) as BuilderEdit;
}

function absolute(image: string | undefined, {files}: CommandContext): string | undefined {
  return image === undefined || image === '' ? image : baseImageReference(image, files);
}

async function orderOf({buildpack, order, orderFrom}: Flags, context: CommandContext) {
  if (orderFrom !== undefined)
    throw usageError('--order-from is not in this version of slipway yet; expected --order or --buildpack');
  if (buildpack !== undefined && order !== undefined) throw usageError('cannot use --order and --buildpack together');
  if (buildpack !== undefined) return orderOfBuildpacks(buildpack);
  if (order === undefined) return undefined;
  // Only here is YAML read.
  const {parseOrder} = await import('./parse-order.ts');
  return parseOrder(order, await context.files.readText(order));
}

/** The default repository and the builder's name, as kp names a builder; no tag when there is none. */
async function defaultTag(name: string, context: CommandContext): Promise<string | undefined> {
  const {defaultRepository} = (await context.preferences()).read();
  return defaultRepository === undefined ? undefined : `${defaultRepository.replace(/\/$/, '')}/${name}`;
}

function previewed(kind: BuilderKind, name: string, namespace: string | undefined, edit: BuilderEdit): PlainData {
  const {tag, image, runImage, lifecycleImage, lifecycle, order = [], trusted, executor, engine} = edit;
  const {stack = image === undefined ? 'default' : undefined, store = image === undefined ? 'default' : undefined} =
    edit;
  return {
    apiVersion: 'kpack.io/v1alpha2',
    kind,
    metadata: {name, namespace},
    spec: {
      tag,
      stack: stack === undefined ? undefined : {kind: 'ClusterStack', name: stack},
      store: store === undefined ? undefined : {kind: 'ClusterStore', name: store},
      order: image === undefined ? orderData(order) : undefined,
      lifecycle: lifecycle === undefined ? undefined : {kind: 'ClusterLifecycle', name: lifecycle},
      image,
      runImage,
      lifecycleImage,
      trusted,
      executor,
      engine,
    },
  };
}
