// What is to be done about an image, read from the state: the domain's decision with its inputs looked up.
import {builderKey, type Builder} from '../domain/builder.ts';
import {decideBuild, type SourceOutcome} from '../domain/decide-build.ts';
import type {Decision} from '../domain/decision.ts';
import {type ResolvedBuilder, resolveBuilder} from '../domain/resolve-builder.ts';
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

/** A builder with its stack and its buildpacks looked up. The same object until one of them changes. */
export function resolvedBuilder(builder: Builder, state: State): ResolvedBuilder {
  const stack = entry(state.stacks, builder.spec.stack);
  const store = builder.spec.store === undefined ? undefined : entry(state.stores, builder.spec.store);
  const known = builders.get(builder);
  if (known && known.stack === stack && known.store === store) return known.resolved;
  const resolved = resolveBuilder(builder, stack, store);
  builders.set(builder, {stack, store, resolved});
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
    return {executorProblem: `builder "${name}" asks for the container executor, which this version does not have`};
  }
  if (controller?.sandbox.kind !== 'host-paths' || spec.trusted) return {};
  return {
    executorProblem: `builder "${name}" is not marked trusted, and this machine gives builds no private root (${controller.sandbox.why})`,
  };
}
