// What is to be done about an image, read from the state: the domain's decision with its inputs looked up.
import {builderKey, type Builder} from '../domain/builder.ts';
import type {EngineKind} from '../domain/engine.ts';
import {decideBuild, type SourceOutcome} from '../domain/decide-build.ts';
import type {Decision} from '../domain/decision.ts';
import {lifecycleNameOf, lifecycleProblem, type ResolvedBuilder, resolveBuilder} from '../domain/resolve-builder.ts';
import {entry} from './entry.ts';
import {patchHoldOf} from './patch-members.ts';
import type {ImageRecord, State} from './state.ts';

/** The decision about this image as the state is now. Remembered until something it depends on changes. */
export function imageDecision(record: ImageRecord, state: State): Decision {
  const builder = builderOf(record, state);
  const known = decisions.get(record);
  const {controller} = state;
  const patchHold = patchHoldOf(record, state.patches);
  if (known && known.builder === builder && known.controller === controller && known.patchHold === patchHold) {
    return known.decision;
  }
  const decision = decide(record, builder, state, patchHold);
  decisions.set(record, {builder, controller, patchHold, decision});
  return decision;
}

/** The builder that an image names with everything it is made of, or undefined when there is none of that name. */
export function builderOf(record: ImageRecord, state: State): ResolvedBuilder | undefined {
  const {kind, name} = record.image.spec.builder;
  const builder = state.builders[builderKey(kind, name, record.image.namespace)];
  return builder && resolvedBuilder(builder, state);
}

/** A builder with its stack, its buildpacks and its lifecycle looked up. The same object until one of them changes. */
export function resolvedBuilder(builder: Builder, state: State): ResolvedBuilder {
  const stack = builder.spec.stack === undefined ? undefined : entry(state.stacks, builder.spec.stack);
  const store = builder.spec.store === undefined ? undefined : entry(state.stores, builder.spec.store);
  const known = builders.get(builder);
  const lifecycle =
    builder.spec.executor === 'container' ? entry(state.lifecycles, lifecycleNameOf(builder.spec)) : undefined;
  if (known && known.stack === stack && known.store === store && known.lifecycle === lifecycle) return known.resolved;
  const resolved = resolveBuilder(builder, stack, store, lifecycle);
  builders.set(builder, {stack, store, lifecycle, resolved});
  return resolved;
}

type KnownDecision = {
  readonly builder: ResolvedBuilder | undefined;
  readonly controller: State['controller'];
  readonly patchHold: string | undefined;
  readonly decision: Decision;
};
type KnownBuilder = {
  readonly stack: State['stacks'][string] | undefined;
  readonly store: State['stores'][string] | undefined;
  readonly lifecycle: State['lifecycles'][string] | undefined;
  readonly resolved: ResolvedBuilder;
};
const decisions = new WeakMap<ImageRecord, KnownDecision>();
const builders = new WeakMap<Builder, KnownBuilder>();

function decide(
  record: ImageRecord,
  builder: ResolvedBuilder | undefined,
  state: State,
  patchHold: string | undefined,
): Decision {
  const {controller} = state;
  return decideBuild({
    image: record.image,
    builder,
    source: sourceOutcome(record),
    builds: record.builds,
    lifecycle: {version: controller?.lifecycleVersion ?? '', since: controller?.lifecycleSince ?? 0},
    ...(record.trigger ? {trigger: record.trigger} : {}),
    ...executorProblem(builder, state),
    ...(patchHold === undefined ? {} : {patchHold}),
  });
}

function sourceOutcome({image, source}: ImageRecord): SourceOutcome {
  if (!source || source.generation !== image.generation) return {kind: 'waiting'};
  if (source.resolved) return {kind: 'resolved', source: source.resolved, since: source.resolvedAt ?? 0};
  return source.problem === undefined ? {kind: 'waiting'} : {kind: 'failed', problem: source.problem};
}

function executorProblem(builder: ResolvedBuilder | undefined, {controller}: State): {executorProblem?: string} {
  if (builder?.kind !== 'ready') return {};
  const {spec, name} = builder.builder;
  if (spec.executor === 'container') {
    const problem = lifecycleProblem(spec, builder.lifecycle);
    if (problem !== undefined) return {executorProblem: `builder "${name}": ${problem}`};
    return engineProblem(name, spec.engine ?? 'docker', controller);
  }
  if (controller?.sandbox.kind !== 'host-paths' || spec.trusted) return {};
  return {
    executorProblem: `builder "${name}" is not marked trusted, and this machine gives builds no private root (${controller.sandbox.why})`,
  };
}

/** An engine that was not looked for yet is none that answers: the controller looks when a builder wants one. */
function engineProblem(
  builder: string,
  engine: EngineKind,
  controller: State['controller'],
): {executorProblem?: string} {
  const found = controller?.engines?.find(({kind}) => kind === engine);
  if (found?.state === 'ready') return {};
  const why = found ? `${engine} does not answer (${found.problem})` : `${engine} was not looked for yet`;
  const next = found ? ` ${found.next}` : '';
  return {executorProblem: `builder "${builder}" builds with ${engine}, and ${why}; it goes on when it does.${next}`};
}
