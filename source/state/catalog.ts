// Everything of the state that decisions about images read, apart from the images themselves.
import type {State} from './state.ts';

export type Catalog = Pick<State, 'builders' | 'stacks' | 'stores' | 'lifecycles' | 'patches' | 'controller'>;

let last: Catalog | undefined;

/** The same object as long as nothing in it changes: what was worked out for a record and a catalog stays true. */
export function catalogOf({builders, stacks, stores, lifecycles, patches, controller}: State): Catalog {
  const isSame =
    last?.builders === builders &&
    last.stacks === stacks &&
    last.stores === stores &&
    last.lifecycles === lifecycles &&
    last.patches === patches &&
    last.controller === controller;
  if (last && isSame) return last;
  last = {builders, stacks, stores, lifecycles, patches, controller};
  return last;
}
