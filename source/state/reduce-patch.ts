// Folds the events of patches. What became of each member is not kept here: it is read from the images' builds until the
// patch is closed and its report frozen.
import type {PatchEvent} from '../domain/event.ts';
import {type Patch, patchIsOpen} from '../domain/patch.ts';
import {decidesAbout, heldByClosed} from './patch-members.ts';

/**
 * Closed patches that stay readable, the oldest go first: so many, and of big fleets as many as have so many members together. The newest stay
 * in any case: the last patch and what took it back.
 */
const keptPatches = 50;
const keptMembers = 15_000;
const keptAnyway = 2;

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
  const decided = new Set<string>();
  const kept = new Set<string>();
  let closed = 0;
  let members = 0;
  for (const patch of Object.values(patches).toReversed()) {
    if (!patchIsOpen(patch)) {
      const size = Object.keys(patch.members).length;
      const fits = closed < keptAnyway || members + size <= keptMembers;
      if (closed >= keptPatches || !(fits || holdsStill(patch, decided))) {
        // What is older goes too, but for what it still holds.
        members = Math.max(members, keptMembers);
        continue;
      }
      closed += 1;
      members += size;
    }
    kept.add(patch.id);
    for (const [key, member] of Object.entries(patch.members)) if (decidesAbout(patch, member)) decided.add(key);
  }
  return Object.fromEntries(Object.entries(patches).filter(([id]) => kept.has(id)));
}

/** Images that it keeps from following and no newer patch decides about would follow if it were forgotten. */
function holdsStill(patch: Patch, decided: ReadonlySet<string>): boolean {
  return heldByClosed(patch).some((key) => !decided.has(key));
}
