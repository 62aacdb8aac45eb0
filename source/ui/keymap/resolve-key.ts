// From a key press to what it means where the focus is.
import type {PanelId} from '../layout/layout.ts';
import {type Binding, bindings, type Keymap, panelContexts} from './bindings.ts';

/** The binding of a key in a panel: the nearest context that knows the key wins. */
export function resolveKey(key: string, panel: PanelId, keymap: Keymap = bindings): Binding | undefined {
  for (const context of panelContexts[panel]) {
    const found = keymap.find((binding) => binding.context === context && binding.keys.includes(key));
    if (found) return found;
  }
  return undefined;
}

/** The bindings that can be reached from a panel, nearest context first; what a nearer one hides is left out. */
export function reachable(panel: PanelId, keymap: Keymap = bindings): readonly Binding[] {
  return panelContexts[panel].flatMap((context) =>
    keymap.filter(
      (binding) =>
        binding.context === context && binding.keys.some((key) => resolveKey(key, panel, keymap) === binding),
    ),
  );
}
