// Everything an action may need, as it is at the moment of the key.
import type {Client, LogSection} from '../client-types.ts';
import type {KeyFacts} from '../keymap/disabled-reason.ts';
import type {UiMessage} from '../ui-state/reduce-ui.ts';
import type {UiState} from '../ui-state/ui-state.ts';
import type {Scene} from '../view-models/scene.ts';

export type ActionWorld = {
  readonly client: Client;
  readonly ui: UiState;
  readonly scene: Scene;
  readonly facts: KeyFacts;
  readonly tell: (message: UiMessage) => void;
  readonly quit: () => void;
  readonly redraw: () => void;
  /** Content rows of the focused panel: the size of a page. */
  readonly page: number;
  readonly log: {
    readonly total: number;
    readonly sections: readonly LogSection[];
    readonly matches: readonly number[];
    /** The first line on the screen. */
    readonly from: number;
    readonly failureLine: () => Promise<number | undefined>;
  };
  readonly whyCount: number;
};
