// Everything an action may need, as it is at the moment of the key.
import type {Client} from '../client-types.ts';
import type {LogSight} from '../log/log-sight.ts';
import type {Keymap} from '../keymap/bindings.ts';
import type {DashboardPorts} from '../ports.ts';
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
  readonly keymap: Keymap;
  readonly ports: DashboardPorts;
  /** Writes a sequence to the terminal past the drawing. */
  readonly write: (sequence: string) => void;
  /** Gives the terminal to something else meanwhile, and draws all again afterwards. */
  readonly lend: (work: () => Promise<void>) => Promise<void>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Content rows of the focused panel: the size of a page. */
  readonly page: number;
  /** The log as it is seen at this moment. */
  readonly log: Omit<LogSight, 'snapshot' | 'place'> & {
    readonly total: number;
    /** The first line on the screen. */
    readonly from: number;
    /** The entries on the screen, a row each. */
    readonly entries: () => readonly number[];
    readonly failureLine: () => Promise<number | undefined>;
  };
  readonly whyCount: number;
  readonly guideCount: number;
};
