// What a change takes to be taken back: every resource that it saves or deletes as it was, and what it creates.
import {type Builder, builderKey} from '../domain/builder.ts';
import type {BuildpackStore} from '../domain/buildpack-store.ts';
import type {Event} from '../domain/event.ts';
import type {LifecycleResource} from '../domain/lifecycle-resource.ts';
import type {CreatedResource, ImageUndo, PatchUndo} from '../domain/patch.ts';
import {resourceKey} from '../domain/resource-name.ts';
import type {Stack} from '../domain/stack.ts';
import {entry} from '../state/entry.ts';
import type {State} from '../state/state.ts';
import {changedFields} from './undo-image.ts';

/** Of resources that stay as they are, nothing. */
export function patchUndo({
  before,
  after,
  events,
}: {
  readonly before: State;
  readonly after: State;
  readonly events: readonly Event[];
}): PatchUndo {
  const stacks: Stack[] = [];
  const stores: BuildpackStore[] = [];
  const lifecycles: LifecycleResource[] = [];
  const builders: Builder[] = [];
  const images = new Map<string, ImageUndo>();
  const created: CreatedResource[] = [];
  for (const event of events) {
    switch (event.kind) {
      case 'stack.saved':
        keep(entry(before.stacks, event.stack.name), stacks, {kind: 'ClusterStack', ...event.stack}, created);
        break;
      case 'stack.deleted':
        keep(entry(before.stacks, event.name), stacks);
        break;
      case 'store.saved':
        keep(entry(before.stores, event.store.name), stores, {kind: 'ClusterStore', ...event.store}, created);
        break;
      case 'store.deleted':
        keep(entry(before.stores, event.name), stores);
        break;
      case 'lifecycle.saved': {
        const {lifecycle} = event;
        keep(entry(before.lifecycles, lifecycle.name), lifecycles, {kind: 'ClusterLifecycle', ...lifecycle}, created);
        break;
      }
      case 'lifecycle.deleted':
        keep(entry(before.lifecycles, event.name), lifecycles);
        break;
      case 'builder.saved': {
        const {kind, name, namespace} = event.builder;
        keep(entry(before.builders, builderKey(kind, name, namespace)), builders, event.builder, created);
        break;
      }
      case 'builder.deleted':
        keep(entry(before.builders, event.key), builders);
        break;
      case 'image.saved': {
        const undo = imageUndo(event.image, before, after);
        if (undo) images.set(resourceKey(undo.namespace, undo.name), undo);
        else created.push(reference({kind: 'Image', ...event.image}));
        break;
      }
      case 'image.paused':
      case 'image.resumed': {
        const undo = imageUndo(event, before, after);
        if (undo) images.set(resourceKey(undo.namespace, undo.name), undo);
        break;
      }
      default:
    }
  }
  return {
    stacks,
    stores,
    ...(lifecycles.length > 0 ? {lifecycles} : {}),
    builders,
    images: [...images.values()],
    ...(created.length > 0 ? {created} : {}),
  };
}

function keep<T>(old: T | undefined, kept: T[], saved?: CreatedResource, created?: CreatedResource[]): void {
  if (old !== undefined) kept.push(old);
  else if (saved) created?.push(reference(saved));
}

function reference({kind, namespace, name, createdAt}: CreatedResource): CreatedResource {
  return {kind, ...(namespace === undefined ? {} : {namespace}), name, createdAt};
}

function imageUndo(
  {namespace, name}: {readonly namespace: string; readonly name: string},
  before: State,
  after: State,
): ImageUndo | undefined {
  const key = resourceKey(namespace, name);
  const old = entry(before.images, key)?.image;
  const next = entry(after.images, key)?.image;
  if (!old || !next) return undefined;
  return {
    namespace,
    name,
    builder: old.spec.builder,
    fields: changedFields(old.spec, next.spec),
    ...(old.paused === next.paused ? {} : {paused: old.paused}),
  };
}
