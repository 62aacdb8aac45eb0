// Intents about lifecycles: the image or tarball is read and kept before anything is recorded.
import type {Event} from '../../domain/event.ts';
import type {LifecycleResource} from '../../domain/lifecycle-resource.ts';
import {nameProblem} from '../../domain/resource-name.ts';
import type {Intent} from '../../protocol/intent.ts';
import {entry} from '../../state/entry.ts';
import type {State} from '../../state/state.ts';
import {findLifecycle, type FoundLifecycle} from '../find-lifecycle.ts';
import {Refusal} from '../refusal.ts';
import type {StatePaths} from '../state-paths.ts';
import {checkMode} from './image-intents.ts';

type Of<K extends Intent['kind']> = Extract<Intent, {kind: K}>;
type Found = {readonly events: readonly Event[]; readonly notes: readonly string[]};

/** Creates or changes a lifecycle; no events when it already is the same programs from the same place. */
export async function saveLifecycle(
  {name, mode, image: given}: Of<'lifecycle.save'>,
  state: State,
  paths: StatePaths,
  now: number,
): Promise<Found> {
  const problem = nameProblem(name);
  if (problem) throw new Refusal('invalid', problem);
  const before = entry(state.lifecycles, name);
  checkMode(mode, before !== undefined, `clusterlifecycles.kpack.io "${name}"`);
  const image = given ?? before?.spec.image;
  if (!image) throw new Refusal('invalid', 'a lifecycle needs an image or a tarball; give --image');
  const found = await findLifecycle(image, paths);
  const notes = [`Uploading '${image}@${found.digest}'`];
  if (before && before.spec.image === image && before.resolved.digest === found.digest) return {events: [], notes};
  return {events: [{kind: 'lifecycle.saved', at: now, lifecycle: resource(name, image, found, before, now)}], notes};
}

/** Builders that are composed with it are not ready from then on, and say so. */
export function deleteLifecycle({name}: Of<'lifecycle.delete'>, state: State, now: number): readonly Event[] {
  if (!entry(state.lifecycles, name)) {
    throw new Refusal('not-found', `clusterlifecycles.kpack.io "${name}" not found`);
  }
  return [{kind: 'lifecycle.deleted', at: now, name}];
}

function resource(
  name: string,
  image: string,
  found: FoundLifecycle,
  before: LifecycleResource | undefined,
  now: number,
): LifecycleResource {
  const at = before?.resolved.version === found.version ? before.resolved.at : now;
  return {
    name,
    generation: (before?.generation ?? 0) + 1,
    createdAt: before?.createdAt ?? now,
    spec: {image},
    resolved: {at, ...found},
  };
}
