// The screen's own state for drawing, and the ways to read and change it between two drawings.
import {useSyncExternalStore} from 'react';
import type {UiState} from '../ui-state/ui-state.ts';
import type {UiStore} from '../ui-state/ui-store.ts';

export type Ui = Pick<UiStore, 'read' | 'tell'> & {
  /** As it is in this drawing. */
  readonly ui: UiState;
};

export function useUi({read, tell, subscribe}: UiStore): Ui {
  const ui = useSyncExternalStore(subscribe, read);
  return {ui, read, tell};
}
