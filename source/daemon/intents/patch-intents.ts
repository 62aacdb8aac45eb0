// Intents about patches: pause, resume, cancel, and a rollback, which is a new patch that restores the specs first.
import {builderKey} from '../../domain/builder.ts';
import type {Event} from '../../domain/event.ts';
import {canonicalText} from '../../domain/canonical-text.ts';
import {type ImageUndo, type Patch, patchIsOpen} from '../../domain/patch.ts';
import {resourceKey} from '../../domain/resource-name.ts';
import type {Stack} from '../../domain/stack.ts';
import type {Intent} from '../../protocol/intent.ts';
import {entry} from '../../state/entry.ts';
import type {State} from '../../state/state.ts';
import {closingEvent} from '../close-patch.ts';
import {Refusal} from '../refusal.ts';
import {undoneSpec} from '../undo-image.ts';
import {removeCreated} from './remove-created.ts';

type Of<K extends Intent['kind']> = Extract<Intent, {kind: K}>;

/** Members that have not begun wait; those that run go on. */
export function pausePatch({id}: Of<'patch.pause'>, state: State, at: number): readonly Event[] {
  const patch = openPatchOf(state, id, 'paused');
  return patch.state === 'paused' ? [] : [{kind: 'patch.paused', at, id}];
}

export function resumePatch({id}: Of<'patch.resume'>, state: State, at: number): readonly Event[] {
  const patch = openPatchOf(state, id, 'resumed');
  return patch.state === 'running' ? [] : [{kind: 'patch.resumed', at, id}];
}

/** Members that have not begun are left out and held; the specs stay as the patch made them. */
export function cancelPatch({id}: Of<'patch.cancel'>, state: State, at: number): readonly Event[] {
  return [closingEvent(openPatchOf(state, id, 'cancelled'), 'cancelled', state, at)];
}

/** Closes the patch if it is open, puts every resource it changed back to what it was before, and removes what it created and nothing uses. */
export function rollbackPatch(
  {id}: Of<'patch.rollback'>,
  state: State,
  at: number,
  preview: (events: readonly Event[]) => State,
): Restored & {readonly patch: Patch} {
  const patch = patchOf(state, id);
  const later = Object.values(state.patches).find((other) => other.rollbackOf === id && other.state !== 'cancelled');
  if (later) throw new Refusal('conflict', `patch ${id} was rolled back already, by ${later.id}`);
  const closing = patchIsOpen(patch) ? [closingEvent(patch, 'cancelled', state, at)] : [];
  const restored = restoringEvents(patch, state, at);
  const removed = removeCreated(patch.undo.created ?? [], preview(restored.events), at);
  const remains = [...restored.remains, ...removed.remains];
  if (restored.events.length + removed.events.length === 0) {
    const why = remains.length > 0 ? `: ${remains.join('; ')}` : '';
    throw new Refusal('conflict', `patch ${id} changed nothing that could be put back${why}`);
  }
  return {patch, events: [...closing, ...restored.events, ...removed.events], remains};
}

type Restored = {
  readonly events: readonly Event[];
  /** What stays as the patch made it, or as somebody made it later: a sentence each. */
  readonly remains: readonly string[];
};

function restoringEvents({id, undo}: Patch, state: State, at: number): Restored {
  const stacks = undo.stacks.map((old): Event => {
    const generation = (entry(state.stacks, old.name)?.generation ?? old.generation) + 1;
    return {kind: 'stack.saved', at, stack: {...pinned(old, id), generation, resolved: {...old.resolved, at}}};
  });
  const stores = undo.stores.map((old): Event => {
    const generation = (entry(state.stores, old.name)?.generation ?? old.generation) + 1;
    return {kind: 'store.saved', at, store: {...old, generation, resolved: {...old.resolved, at}}};
  });
  const lifecycles = (undo.lifecycles ?? []).map((old): Event => {
    const generation = (entry(state.lifecycles, old.name)?.generation ?? old.generation) + 1;
    return {kind: 'lifecycle.saved', at, lifecycle: {...old, generation, resolved: {...old.resolved, at}}};
  });
  const builders = undo.builders.map((old): Event => {
    const key = builderKey(old.kind, old.name, old.namespace);
    const generation = (entry(state.builders, key)?.generation ?? old.generation) + 1;
    return {kind: 'builder.saved', at, builder: {...old, generation, changedAt: at}};
  });
  const images = undo.images.map((one) => restoredImage(one, state, at));
  return {
    events: [...stacks, ...stores, ...lifecycles, ...builders, ...images.flatMap(({events}) => events)],
    remains: images.flatMap(({remains}) => remains),
  };
}

function restoredImage(undo: ImageUndo, state: State, at: number): Restored {
  const {namespace, name, paused} = undo;
  const image = entry(state.images, resourceKey(namespace, name))?.image;
  if (!image) return {events: [], remains: [`Image "${name}" stays away: it was deleted after the patch`]};
  const {spec, kept} = undoneSpec(image.spec, undo);
  const isSame = canonicalText(spec) === canonicalText(image.spec);
  const saved: Event = {
    kind: 'image.saved',
    at,
    image: {...image, generation: image.generation + 1, changedAt: at, spec},
  };
  const pause: Event = {kind: paused === true ? 'image.paused' : 'image.resumed', at, namespace, name};
  return {
    events: [...(isSame ? [] : [saved]), ...(paused === undefined || paused === image.paused ? [] : [pause])],
    remains: kept.map((field) => `Image "${name}" keeps its ${field}: it was changed after the patch`),
  };
}

/** A stack that follows tags would patch forward again at the next look: its rollback ends that. */
function pinned(stack: Stack, patch: string): Stack {
  const {follow, followRollout: _, ...spec} = stack.spec;
  return follow === undefined ? stack : {...stack, spec, pinnedBy: patch};
}

function openPatchOf(state: State, id: string, what: string): Patch {
  const patch = patchOf(state, id);
  if (!patchIsOpen(patch)) throw new Refusal('conflict', `patch ${id} ${patch.state} already; it cannot be ${what}`);
  return patch;
}

function patchOf(state: State, id: string): Patch {
  const patch = entry(state.patches, id);
  if (!patch) throw new Refusal('not-found', `patch "${id}" not found; slipway patch list shows them`);
  return patch;
}
