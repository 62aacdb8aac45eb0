// Removes what a patch created, as long as nothing uses it: a builder before the stack and the store it stands on.
import {builderKey} from '../../domain/builder.ts';
import type {Event} from '../../domain/event.ts';
import type {CreatedResource} from '../../domain/patch.ts';
import {resourceKey} from '../../domain/resource-name.ts';
import {entry} from '../../state/entry.ts';
import type {State} from '../../state/state.ts';

type Removed = {readonly events: readonly Event[]; readonly remains: readonly string[]};

/**
 * Images stay, as their builds would go with them; so does what somebody changed since, and what is in use. Each is said with
 * its reason. What is gone already is passed over.
 */
export function removeCreated(created: readonly CreatedResource[], state: State, at: number): Removed {
  const events: Event[] = [];
  const remains: string[] = [];
  const gone = new Set<string>();
  for (const one of created.toSorted((a, b) => rank(a) - rank(b))) {
    const found = foundResource(one, state);
    if (found?.createdAt !== one.createdAt) continue;
    const why = reasonToStay(one, found.generation, state, gone);
    if (why !== undefined) {
      remains.push(`${one.kind} "${one.name}" stays: ${why}`);
      continue;
    }
    const event = deletion(one, at);
    if (event) events.push(event);
    if (event?.kind === 'builder.deleted') gone.add(event.key);
  }
  return {events, remains};
}

function rank({kind}: CreatedResource): number {
  if (kind === 'Image') return 0;
  return kind === 'ClusterBuilder' || kind === 'Builder' ? 1 : 2;
}

function foundResource({kind, namespace, name}: CreatedResource, state: State) {
  switch (kind) {
    case 'Image':
      return entry(state.images, resourceKey(namespace ?? '', name))?.image;
    case 'ClusterStack':
      return entry(state.stacks, name);
    case 'ClusterStore':
      return entry(state.stores, name);
    case 'ClusterLifecycle':
      return entry(state.lifecycles, name);
    case 'ClusterBuilder':
    case 'Builder':
      return entry(state.builders, builderKey(kind, name, namespace));
    default:
      return kind satisfies never;
  }
}

function reasonToStay(
  created: CreatedResource,
  generation: number,
  state: State,
  gone: ReadonlySet<string>,
): string | undefined {
  const {kind, namespace, name} = created;
  if (kind === 'Image') {
    const where = namespace === undefined ? '' : ` -n ${namespace}`;
    return `its builds would go with it; "slipway image delete ${name}${where}" removes it`;
  }
  if (generation > 1) return 'it was changed after the patch created it';
  const user = userOf(created, state, gone);
  return user === undefined ? undefined : `${user} uses it`;
}

function userOf({kind, namespace, name}: CreatedResource, state: State, gone: ReadonlySet<string>): string | undefined {
  if (kind === 'ClusterBuilder' || kind === 'Builder') {
    const image = Object.values(state.images).find(
      ({image: {spec, namespace: of}}) =>
        builderKey(spec.builder.kind, spec.builder.name, of) === builderKey(kind, name, namespace),
    );
    return image && `image ${image.image.name}`;
  }
  const field = kind === 'ClusterStack' ? 'stack' : kind === 'ClusterStore' ? 'store' : 'lifecycle';
  const builder = Object.entries(state.builders).find(([key, {spec}]) => !gone.has(key) && spec[field] === name);
  return builder && `builder ${builder[1].name}`;
}

function deletion({kind, namespace, name}: CreatedResource, at: number): Event | undefined {
  switch (kind) {
    case 'ClusterStack':
      return {kind: 'stack.deleted', at, name};
    case 'ClusterStore':
      return {kind: 'store.deleted', at, name};
    case 'ClusterLifecycle':
      return {kind: 'lifecycle.deleted', at, name};
    case 'ClusterBuilder':
    case 'Builder':
      return {kind: 'builder.deleted', at, key: builderKey(kind, name, namespace)};
    default:
      return undefined;
  }
}
