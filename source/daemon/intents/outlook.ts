// What an intent means for the images it touches, evaluated before anything runs: the dry run and the patch preview.
import type {Event} from '../../domain/event.ts';
import {type Builder, builderKey} from '../../domain/builder.ts';
import {lifecycleNameOf} from '../../domain/resolve-builder.ts';
import {resourceKey} from '../../domain/resource-name.ts';
import type {Outlook} from '../../protocol/intent.ts';
import {imageDecision} from '../../state/image-decision.ts';
import type {ImageRecord, State} from '../../state/state.ts';

/** The decisions about every image that the events touch, as they will be after them; sorted by name. */
export function outlookOf(after: State, events: readonly Event[]): readonly Outlook[] {
  return Object.values(after.images)
    .filter((record) => events.some((event) => touches(event, record, after)))
    .map((record) => ({
      namespace: record.image.namespace,
      name: record.image.name,
      decision: imageDecision(record, after),
    }))
    .toSorted((a, b) => (resourceKey(a.namespace, a.name) < resourceKey(b.namespace, b.name) ? -1 : 1));
}

function touches(event: Event, {image}: ImageRecord, state: State): boolean {
  const {kind, name} = image.spec.builder;
  const key = builderKey(kind, name, image.namespace);
  const builder = state.builders[key];
  switch (event.kind) {
    case 'image.saved':
      return event.image.namespace === image.namespace && event.image.name === image.name;
    case 'image.triggered':
    case 'image.paused':
    case 'image.resumed':
      return event.namespace === image.namespace && event.name === image.name;
    case 'builder.saved':
      return builderKey(event.builder.kind, event.builder.name, event.builder.namespace) === key;
    case 'builder.deleted':
      return event.key === key;
    case 'stack.saved':
      return builder?.spec.stack === event.stack.name;
    case 'stack.deleted':
      return builder?.spec.stack === event.name;
    case 'store.saved':
      return builder?.spec.store === event.store.name;
    case 'store.deleted':
      return builder?.spec.store === event.name;
    case 'lifecycle.saved':
      return builder !== undefined && isComposedWith(builder, event.lifecycle.name);
    case 'lifecycle.deleted':
      return builder !== undefined && isComposedWith(builder, event.name);
    default:
      return false;
  }
}

function isComposedWith(builder: Builder, lifecycle: string): boolean {
  const {spec} = builder;
  return spec.executor === 'container' && spec.image === undefined && lifecycleNameOf(spec) === lifecycle;
}
