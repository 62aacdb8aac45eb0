// A builder in kpack's shape (kpack.io/v1alpha2 ClusterBuilder or Builder) with Slipway's additions: spec.trusted, spec.executor,
// spec.engine, spec.image, spec.runImage, spec.lifecycleImage.
import type {Builder} from '../../domain/builder.ts';
import type {OrderGroup} from '../../domain/buildpack.ts';
import type {PlainData} from '../../domain/plain-yaml.ts';
import type {ReadyBuilder} from '../../domain/resolve-builder.ts';
import {resolvedBuilder} from '../../state/image-decision.ts';
import type {State} from '../../state/state.ts';
import {atDigest} from '../image-reference.ts';
import {timestamp} from '../time-text.ts';

/** The resource with its status as the state is now. */
export function builderResource(builder: Builder, state: State): PlainData {
  const {kind, name, namespace, generation, createdAt, spec} = builder;
  return {
    apiVersion: 'kpack.io/v1alpha2',
    kind,
    metadata: {name, namespace, generation, creationTimestamp: timestamp(createdAt)},
    spec: {
      tag: spec.tag,
      stack: spec.stack === undefined ? undefined : {kind: 'ClusterStack', name: spec.stack},
      store: spec.store === undefined ? undefined : {kind: 'ClusterStore', name: spec.store},
      order: spec.image === undefined ? orderData(spec.order) : undefined,
      lifecycle: spec.lifecycle === undefined ? undefined : {kind: 'ClusterLifecycle', name: spec.lifecycle},
      image: spec.image,
      runImage: spec.runImage,
      lifecycleImage: spec.lifecycleImage,
      trusted: spec.trusted,
      executor: spec.executor,
      engine: spec.engine,
    },
    status: status(builder, state),
  };
}

/** An order as a manifest writes it. */
export function orderData(order: readonly OrderGroup[]): PlainData {
  return order.map(({group}) => ({
    group: group.map(({id, version, optional}) => ({id, version, optional: optional || undefined})),
  }));
}

function status(builder: Builder, state: State): PlainData {
  const resolved = resolvedBuilder(builder, state);
  if (resolved.kind === 'not-ready') {
    return {conditions: [{type: 'Ready', status: 'False', message: resolved.message}]};
  }
  const {stack} = resolved;
  return {
    observedGeneration: builder.generation,
    conditions: [{type: 'Ready', status: 'True'}],
    latestImage: builder.found?.pinned ?? builder.spec.image ?? builder.spec.tag,
    stack: {id: stack.spec.id, runImage: atDigest(stack.resolved.runImage.name, stack.resolved.runImage.digest)},
    builderMetadata: resolved.buildpacks.map(({id, version, homepage}) => ({id, version, homepage})),
    order: orderData(resolved.order),
    lifecycle: lifecycleData(resolved, state),
  };
}

function lifecycleData({lifecycle}: ReadyBuilder, {controller}: State): PlainData {
  if (!lifecycle) return controller && {version: controller.lifecycleVersion};
  const apis = lifecycle.resource?.resolved.apis;
  return {version: lifecycle.version, apis: apis && {buildpack: {...apis.buildpack}, platform: {...apis.platform}}};
}
