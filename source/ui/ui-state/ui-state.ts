// What the screen remembers of its user: focus, cursors, filter, the log's viewport, the dialog that is open.
import type {Guide} from '../view-models/guide-lines.ts';
import type {ChangeRequest} from '../view-models/change-request.ts';
import type {Outlook} from '../client-types.ts';
import {type PanelId, panelOrder} from '../layout/layout.ts';
import type {BaseDifference} from '../../domain/base-difference.ts';
import type {ThemeName} from '../theme/theme.ts';
import {firstLogView, type LogView} from '../log/log-view.ts';
import type {TextField} from '../primitives/text-field.ts';

/** A place in a list, held by key so that it stays when the list changes; `at` is where it was last. */
export type Cursor = {readonly key?: string; readonly at: number};

export type Choice = {readonly label: string; readonly note: string; readonly request: ChangeRequest};

export type Overlay =
  | {readonly kind: 'none'}
  | {readonly kind: 'help'; readonly field: TextField; readonly at: number}
  /** Typing a command; `at` is the chosen one among those that fit. */
  | {readonly kind: 'palette'; readonly field: TextField; readonly at: number}
  /** A text to read: YAML of a resource. */
  | {readonly kind: 'text'; readonly title: string; readonly text: string; readonly top: number}
  /** A patch on its way through the fleet, or its report. */
  | {readonly kind: 'fleet'; readonly patch: string; readonly top: number}
  | {readonly kind: 'describe'; readonly of: 'image' | 'stack'; readonly top: number}
  | {readonly kind: 'filter'; readonly field: TextField; readonly before: string}
  /** Typing what to look for in the log; with `context` what to filter it by. */
  | {
      readonly kind: 'search';
      readonly field: TextField;
      readonly before: string;
      readonly regex: boolean;
      readonly context?: number;
    }
  /** Choosing one of several ways to change something. */
  | {readonly kind: 'choose'; readonly title: string; readonly options: readonly Choice[]; readonly at: number}
  /** Typing a run image, with those known to other stacks as suggestions. */
  | {
      readonly kind: 'run-image';
      readonly stack: string;
      readonly now: string;
      readonly field: TextField;
      readonly known: readonly string[];
      /** The suggestion under the cursor; -1 is the field itself. */
      readonly at: number;
      readonly problem?: string;
    }
  /** The controller is asked what would happen. */
  | {readonly kind: 'asking'; readonly request: ChangeRequest}
  /** What will happen, before it does. */
  | {
      readonly kind: 'preview';
      readonly request: ChangeRequest;
      readonly outlook: readonly Outlook[];
      readonly changed: boolean;
      readonly button: 'back' | 'go';
      readonly field: TextField;
      readonly top: number;
      /** What differs between the two run images, where that was asked and answered. */
      readonly difference?: BaseDifference;
    }
  /** A question before something that cannot be taken back. */
  | {readonly kind: 'confirm'; readonly request: ChangeRequest; readonly button: 'back' | 'go'};

export type ImageColumn = 'name' | 'build' | 'reason' | 'state' | 'time';

export type ImageSort = {readonly column: ImageColumn; readonly descending: boolean};

/** What a view was: where the focus stood, on what. */
export type View = Pick<UiState, 'focus' | 'zoomed' | 'images' | 'stacks' | 'build'>;

/** Cells that the mouse went over inside one panel; 0-based in its content. */
export type Selection = {
  readonly panel: PanelId;
  readonly from: {readonly x: number; readonly y: number};
  readonly to: {readonly x: number; readonly y: number};
  readonly released: boolean;
};

export type Toast = {readonly text: string; readonly role: 'ready' | 'failed' | 'warning' | 'accent'};

export type UiState = {
  readonly focus: PanelId;
  /** Panels focused before, newest first. */
  readonly recent: readonly PanelId[];
  readonly zoomed: boolean;
  readonly images: Cursor;
  readonly stacks: Cursor;
  /** The chosen build's number; none means the newest. */
  readonly build?: number;
  readonly whyTop: number;
  /** Who is shown around has a panel more. */
  readonly guide?: Guide;
  readonly guideTop: number;
  readonly filter: string;
  readonly log: LogView;
  readonly overlay: Overlay;
  readonly toast?: Toast;
  /** Keys of the marked images. */
  readonly marks: readonly string[];
  readonly sort: ImageSort;
  /** The column that `O` sorts by. */
  readonly column: ImageColumn;
  /** The build that why compares the chosen one with. */
  readonly compared?: number;
  /** The view before this one. */
  readonly before?: View;
  readonly selection?: Selection;
  /** The mouse is this program's, not the terminal's. */
  readonly mouse: boolean;
  /** Chosen while running; none means the preference. */
  readonly theme?: ThemeName;
};

/** How the dashboard begins: on the images, following the log. */
export const firstUiState: UiState = {
  focus: 'images',
  recent: [],
  zoomed: false,
  images: {at: 0},
  stacks: {at: 0},
  whyTop: 0,
  guideTop: 0,
  filter: '',
  log: firstLogView,
  overlay: {kind: 'none'},
  marks: [],
  sort: {column: 'name', descending: false},
  column: 'name',
  mouse: true,
};

export const noOverlay: Overlay = {kind: 'none'};

/** The panels there are. */
export function panelsOf({guide}: Pick<UiState, 'guide'>): readonly PanelId[] {
  return guide ? panelOrder : panelOrder.filter((panel) => panel !== 'guide');
}

/** Where a cursor stands among the keys of its list as it is now. */
export function cursorIndex(cursor: Cursor, keys: readonly (string | undefined)[]): number {
  const found = cursor.key === undefined ? -1 : keys.indexOf(cursor.key);
  return found >= 0 ? found : Math.max(0, Math.min(cursor.at, keys.length - 1));
}
