// The screen's own state: changed at once, so that a second key in the same moment sees what the first one did.
import {useCallback, useReducer, useRef} from 'react';
import {reduceUi, type UiMessage} from '../ui-state/reduce-ui.ts';
import {firstUiState, type UiState} from '../ui-state/ui-state.ts';

export type Ui = {
  /** As it was when this drawing began. */
  readonly ui: UiState;
  /** As it is now. */
  readonly read: () => UiState;
  readonly tell: (message: UiMessage) => void;
};

export function useUi(): Ui {
  const held = useRef(firstUiState);
  const [, draw] = useReducer((count: number) => count + 1, 0);
  const read = useCallback(() => held.current, []);
  const tell = useCallback((message: UiMessage) => {
    const next = reduceUi(held.current, message);
    if (next === held.current) return;
    held.current = next;
    draw();
  }, []);
  return {ui: held.current, read, tell};
}
