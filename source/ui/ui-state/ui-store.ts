// Holds the screen's own state: changed at once, so that a second key in the same moment sees what the first one did.
import {reduceUi, type UiMessage} from './reduce-ui.ts';
import {firstUiState, type UiState} from './ui-state.ts';

export type UiStore = {
  readonly read: () => UiState;
  readonly tell: (message: UiMessage) => void;
  readonly subscribe: (changed: () => void) => () => void;
};

/** `first` says what differs from how the dashboard usually begins. */
export function createUiStore(first: Partial<UiState> = {}): UiStore {
  let state: UiState = {...firstUiState, ...first};
  const listeners = new Set<() => void>();
  return {
    read: () => state,
    tell(message) {
      const next = reduceUi(state, message);
      if (next === state) return;
      state = next;
      for (const listener of listeners) listener();
    },
    subscribe(changed) {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
  };
}
