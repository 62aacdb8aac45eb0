// Finds a patch by its name.
import type {Patch} from '../../domain/patch.ts';
import {entry} from '../../state/entry.ts';
import type {State} from '../../state/state.ts';
import {failure} from '../command-error.ts';

/** The patch of that name, or words that say where to look. */
export function findPatch(state: State, name: string): Patch {
  const patch = entry(state.patches, name);
  if (patch) return patch;
  throw failure(`patch "${name}" not found; slipway patch list shows them`);
}
