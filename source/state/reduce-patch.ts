// Folds the events of patches. What became of each member is not kept here: it is read from the images' builds until the
// patch is closed and its report frozen.
import type {PatchEvent} from '../domain/event.ts';
import {type Patch, patchIsOpen} from '../domain/patch.ts';

/** Closed patches that stay readable; the oldest go first. */
const keptPatches = 50;

type Patches = Readonly<Record<string, Patch>>;

/** The patches after the event. */
export function reducePatches(patches: Patches, event: PatchEvent): Patches {
  if (event.kind === 'patch.opened') return withoutOldest({...patches, [event.patch.id]: event.patch});
  const patch = patches[event.id];
  if (!patch || !patchIsOpen(patch)) return patches;
  return {...patches, [event.id]: changed(patch, event)};
}

/** The number in a patch's id. */
export function patchNumber(id: string): number {
  return Number(/\d+$/.exec(id)?.[0] ?? 0);
}

function changed(patch: Patch, event: Exclude<PatchEvent, {kind: 'patch.opened'}>): Patch {
  switch (event.kind) {
    case 'patch.wave-opened':
      return {...patch, openWave: Math.max(patch.openWave, event.wave)};
    case 'patch.paused':
      return {...patch, state: 'paused'};
    case 'patch.resumed':
      return {...patch, state: 'running'};
    case 'patch.closed': {
      const note = event.note === undefined ? {} : {note: event.note};
      return {...patch, state: event.state, closedAt: event.at, report: event.report, ...note};
    }
    default:
      return event satisfies never;
  }
}

function withoutOldest(patches: Patches): Patches {
  const closed = Object.values(patches).filter((patch) => !patchIsOpen(patch));
  const surplus = new Set(closed.slice(0, Math.max(0, closed.length - keptPatches)).map(({id}) => id));
  return Object.fromEntries(Object.entries(patches).filter(([id]) => !surplus.has(id)));
}
