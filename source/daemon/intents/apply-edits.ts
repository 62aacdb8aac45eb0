// Several edits as one: each is judged against the state that those before it would leave, and nothing is recorded unless all hold.
import type {Controller} from '../../controller/controller.ts';
import {builderKey} from '../../domain/builder.ts';
import type {Event} from '../../domain/event.ts';
import {resourceKey} from '../../domain/resource-name.ts';
import type {AppliedEdit, Edit, Intent} from '../../protocol/intent.ts';
import {entry} from '../../state/entry.ts';
import type {State} from '../../state/state.ts';
import {Refusal} from '../refusal.ts';

type Found = {readonly events: readonly Event[]; readonly notes?: readonly string[]};
type Applied = Found & {readonly applied: readonly AppliedEdit[]};

/** The events of all edits, in their order. The first one that is refused refuses all, and is named. */
export async function applyEdits(
  {edits, places = []}: Pick<Extract<Intent, {kind: 'apply'}>, 'edits' | 'places'>,
  judge: (edit: Edit, state: State) => Promise<Found>,
  controller: Pick<Controller, 'preview'>,
): Promise<Applied> {
  const events: Event[] = [];
  const notes: string[] = [];
  const applied: AppliedEdit[] = [];
  for (const [index, edit] of edits.entries()) {
    const state = controller.preview(events);
    const found = await judge(edit, state).catch((error: unknown) => {
      if (!(error instanceof Refusal)) throw error;
      const {kind, name} = resourceOf(edit);
      const place = places[index] === undefined ? '' : `${places[index]}: `;
      throw new Refusal(error.kind, `${place}${kind} "${name}": ${error.message}; nothing was changed`, {cause: error});
    });
    events.push(...found.events);
    notes.push(...(found.notes ?? []));
    const changed = exists(edit, state) ? 'changed' : 'created';
    applied.push({...resourceOf(edit), effect: found.events.length === 0 ? 'unchanged' : changed});
  }
  return {events, notes, applied};
}

function resourceOf(edit: Edit): Omit<AppliedEdit, 'effect'> {
  const {name} = edit;
  switch (edit.kind) {
    case 'image.save':
      return {kind: 'Image', namespace: edit.namespace, name};
    case 'stack.save':
      return {kind: 'ClusterStack', name};
    case 'store.save':
      return {kind: 'ClusterStore', name};
    case 'lifecycle.save':
      return {kind: 'ClusterLifecycle', name};
    case 'builder.save':
      return {kind: edit.builderKind, ...(edit.namespace === undefined ? {} : {namespace: edit.namespace}), name};
    default:
      return edit satisfies never;
  }
}

function exists(edit: Edit, state: State): boolean {
  switch (edit.kind) {
    case 'image.save':
      return entry(state.images, resourceKey(edit.namespace, edit.name)) !== undefined;
    case 'stack.save':
      return entry(state.stacks, edit.name) !== undefined;
    case 'store.save':
      return entry(state.stores, edit.name) !== undefined;
    case 'lifecycle.save':
      return entry(state.lifecycles, edit.name) !== undefined;
    case 'builder.save':
      return entry(state.builders, builderKey(edit.builderKind, edit.name, edit.namespace)) !== undefined;
    default:
      return edit satisfies never;
  }
}
