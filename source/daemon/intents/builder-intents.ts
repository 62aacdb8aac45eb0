// Intents about builders. Whether a composed one is ready is derived from its parts; a ready-made image is looked up in the engine that will run it.
import {builderKey, type Builder, type BuilderSpec} from '../../domain/builder.ts';
import type {FoundBuilderImage} from '../../domain/builder-image.ts';
import {canonicalText} from '../../domain/canonical-text.ts';
import type {Event} from '../../domain/event.ts';
import {lifecycleNameOf, lifecycleProblem} from '../../domain/resolve-builder.ts';
import {nameProblem} from '../../domain/resource-name.ts';
import type {BuilderEdit, Intent} from '../../protocol/intent.ts';
import {entry} from '../../state/entry.ts';
import type {State} from '../../state/state.ts';
import type {Engines} from '../engines.ts';
import {findReadyMadeBuilder} from '../ready-made-builder.ts';
import {Refusal} from '../refusal.ts';
import type {StatePaths} from '../state-paths.ts';
import {checkMode} from './image-intents.ts';

type Of<K extends Intent['kind']> = Extract<Intent, {kind: K}>;
type Found = {readonly events: readonly Event[]; readonly notes: readonly string[]};

/** What saving a builder needs beside the state. */
export type BuilderWorld = {
  readonly engines: Pick<Engines, 'anyone' | 'choose' | 'cli'>;
  readonly paths: StatePaths;
  readonly now: number;
};

/**
 * Creates or changes a builder; no events when it already is as asked. Executor and engine are resolved here and kept; saving a builder of a
 * ready-made image looks the image up again.
 */
export async function saveBuilder(intent: Of<'builder.save'>, state: State, world: BuilderWorld): Promise<Found> {
  const {builderKind: kind, name, edit, mode, whole = false} = intent;
  const namespace = kind === 'Builder' ? (intent.namespace ?? 'default') : undefined;
  const problem = nameProblem(name) ?? nameProblem(namespace ?? 'default');
  if (problem) throw new Refusal('invalid', problem);
  const before = state.builders[builderKey(kind, name, namespace)];
  checkMode(mode, before !== undefined, `${resourceName(kind)} "${name}"`);
  const edited = editSpec(before ? (whole ? blankFor(before.spec) : before.spec) : blankSpec, edit);
  checkParts(edited);
  const spec = {...edited, ...(await resolveExecutor(edited, edit, before, state, world))};
  checkLifecycle(spec, state);
  const looked = await lookUp(spec, edit, before, world);
  const notes = [...trustNotes(before, spec, edit), ...looked.notes];
  if (before && sameBuilder(before, spec, looked.found)) return {events: [], notes};
  const builder: Builder = {
    kind,
    ...(namespace === undefined ? {} : {namespace}),
    name,
    generation: (before?.generation ?? 0) + 1,
    createdAt: before?.createdAt ?? world.now,
    changedAt: world.now,
    spec,
    ...(looked.found ? {found: looked.found} : {}),
  };
  return {events: [{kind: 'builder.saved', at: world.now, builder}], notes};
}

/** Images that still name it are said: they would be held. */
export function deleteBuilder(intent: Of<'builder.delete'>, state: State, now: number): readonly Event[] {
  const {builderKind, name} = intent;
  const key = builderKey(builderKind, name, intent.namespace);
  if (!state.builders[key]) throw new Refusal('not-found', `${resourceName(builderKind)} "${name}" not found`);
  return [{kind: 'builder.deleted', at: now, key}];
}

const blankSpec: BuilderSpec = {stack: 'default', order: [], trusted: false, executor: 'embedded'};

/** What kpack does not know stays. */
function blankFor({trusted, executor, engine, image, runImage, lifecycleImage}: BuilderSpec): BuilderSpec {
  const spec = {...blankSpec, trusted, executor, engine, image, runImage, lifecycleImage};
  return image === undefined ? spec : withoutParts(spec);
}

/** An empty text takes the field away. A ready-made image takes the place of stack, store and order, and the other way round. */
function editSpec(before: BuilderSpec, {executor: _, engine: __, ...edit}: BuilderEdit): BuilderSpec {
  const given = Object.entries(edit).filter(([, value]) => value !== undefined);
  const becomesImage = (edit.image ?? '') !== '' && before.image === undefined;
  const becomesComposed = before.image !== undefined && edit.order !== undefined && (edit.image ?? '') === '';
  const base = becomesImage ? withoutParts(before) : becomesComposed ? withoutImage(before) : before;
  const {stack, ...rest} = {...base, ...Object.fromEntries(given)} as BuilderSpec;
  const filled = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== '')) as BuilderSpec;
  // trust is for one image by its exact name: another one must be trusted anew
  const trusted = edit.trusted ?? (filled.image === before.image ? before.trusted : false);
  return {...(stack ? {stack} : {}), ...filled, trusted};
}

function withoutParts({stack: _, store: __, lifecycle: ___, ...rest}: BuilderSpec): BuilderSpec {
  return {...rest, order: []};
}

function withoutImage({image: _, runImage: __, ...rest}: BuilderSpec): BuilderSpec {
  return {...rest, stack: rest.stack ?? 'default'};
}

function checkParts({image, runImage, stack, store, order, lifecycle}: BuilderSpec): void {
  if (image === undefined) {
    if (runImage !== undefined) {
      throw new Refusal('invalid', "--run-image goes with --image; a composed builder stands on its stack's run image");
    }
    checkOrder(order);
    return;
  }
  const spare = [...(store ? ['--store'] : []), ...(order.length > 0 ? ['an order'] : [])];
  if (lifecycle) spare.push('--lifecycle');
  if (spare.length > 0) {
    throw new Refusal(
      'invalid',
      `a builder image brings its own buildpacks and lifecycle: leave out ${spare.join(', ')}`,
    );
  }
  if (stack !== undefined && runImage !== undefined) {
    throw new Refusal('invalid', 'expected a run image from --run-image or from --stack, got both; leave one out');
  }
}

function checkOrder(order: BuilderSpec['order']): void {
  if (order.length === 0 || order.some(({group}) => group.length === 0)) {
    throw new Refusal(
      'invalid',
      'a builder needs an order with at least one buildpack in each group; give --order FILE or --buildpack ID, or a ready-made --image REF',
    );
  }
}

function checkLifecycle(spec: BuilderSpec, {lifecycles}: State): void {
  const problem = lifecycleProblem(spec, entry(lifecycles, lifecycleNameOf(spec)));
  if (problem !== undefined) throw new Refusal('invalid', problem);
}

type Chosen = Pick<BuilderSpec, 'executor' | 'engine'>;

/** Resolved once: what a builder has it keeps, unless it is asked for by name. */
async function resolveExecutor(
  spec: BuilderSpec,
  edit: BuilderEdit,
  before: Builder | undefined,
  state: State,
  {engines}: BuilderWorld,
): Promise<Chosen> {
  const executor = await executorFor(spec, edit, before, state, engines);
  if (executor === 'embedded') {
    if (edit.engine !== undefined && edit.engine !== 'auto') {
      throw new Refusal('invalid', 'an engine runs builds of the container executor only; give --executor container');
    }
    return {executor, engine: undefined};
  }
  const wanted = edit.engine ?? before?.spec.engine ?? 'auto';
  return {executor, engine: wanted === 'auto' ? await engines.choose(spec.image) : wanted};
}

async function executorFor(
  spec: BuilderSpec,
  {executor}: BuilderEdit,
  before: Builder | undefined,
  {lifecycles}: State,
  engines: BuilderWorld['engines'],
): Promise<BuilderSpec['executor']> {
  if (spec.image !== undefined) {
    if (executor !== 'embedded') return 'container';
    throw new Refusal(
      'invalid',
      'a ready-made builder image runs in containers: the embedded executor cannot take it apart; give --executor container, or stack, store and order',
    );
  }
  if (executor !== undefined && executor !== 'auto') return executor;
  if (executor === undefined) return before?.spec.executor ?? 'embedded';
  const canCompose = entry(lifecycles, lifecycleNameOf(spec)) !== undefined;
  return canCompose && (await engines.anyone()) !== undefined ? 'container' : 'embedded';
}

/** A lookup for what only changes trust or policy would make another builder of it. */
async function lookUp(
  spec: BuilderSpec,
  edit: BuilderEdit,
  before: Builder | undefined,
  {engines, paths, now}: BuilderWorld,
): Promise<{readonly found?: FoundBuilderImage; readonly notes: readonly string[]}> {
  const {image, engine} = spec;
  if (image === undefined || engine === undefined) return {notes: []};
  const moves = [edit.image, edit.runImage, edit.stack].some((field) => field !== undefined);
  const stays = before?.found && before.spec.engine === engine && !moves;
  if (stays) return {found: before.found, notes: []};
  return findReadyMadeBuilder(await engines.cli(engine), {spec, image, before: before?.found, paths, now});
}

function trustNotes(before: Builder | undefined, {image, trusted}: BuilderSpec, edit: BuilderEdit): readonly string[] {
  if (!before?.spec.trusted || trusted || edit.trusted !== undefined) return [];
  return [
    `Not trusted any more: trust was for ${before.spec.image ?? 'the composed builder'}, and is not for ${image ?? 'the composed one'}; give --trusted`,
  ];
}

function sameBuilder(before: Builder, spec: BuilderSpec, found: FoundBuilderImage | undefined): boolean {
  const timeless = (one: FoundBuilderImage | undefined) =>
    one && {...one, at: 0, base: one.base && {...one.base, at: 0}};
  return canonicalText([before.spec, timeless(before.found)]) === canonicalText([spec, timeless(found)]);
}

function resourceName(kind: Builder['kind']): string {
  return kind === 'ClusterBuilder' ? 'clusterbuilders.kpack.io' : 'builders.kpack.io';
}
