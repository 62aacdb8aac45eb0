// The one place where the screen's own state changes.
import type {PanelId} from '../layout/layout.ts';
import type {BaseDifference} from '../../domain/base-difference.ts';
import type {Intent} from '../client-types.ts';
import {freshLogView, type LogView} from '../log/log-view.ts';
import type {ThemeName} from '../theme/theme.ts';
import type {ImageColumn, Overlay, Selection, Toast, UiState, View} from './ui-state.ts';
import {noOverlay, panelsOf} from './ui-state.ts';

export type UiMessage =
  | {readonly kind: 'focus'; readonly panel: PanelId}
  | {readonly kind: 'focus.step'; readonly by: 1 | -1}
  | {readonly kind: 'zoom'; readonly on: boolean}
  | {readonly kind: 'image.choose'; readonly key: string; readonly at: number}
  | {readonly kind: 'stack.choose'; readonly key: string; readonly at: number}
  | {readonly kind: 'build.choose'; readonly number?: number}
  | {readonly kind: 'why.scroll'; readonly top: number}
  | {readonly kind: 'guide.scroll'; readonly top: number}
  | {readonly kind: 'filter'; readonly text: string}
  | {readonly kind: 'log'; readonly view: Partial<LogView>}
  | {readonly kind: 'overlay'; readonly overlay: Overlay}
  /** Puts an overlay in the place of the one that asked, unless the user has left that one meanwhile. */
  | {readonly kind: 'overlay.answer'; readonly asked: Overlay; readonly overlay: Overlay}
  /** What differs between the run images, for the preview of that very intent. */
  | {readonly kind: 'preview.difference'; readonly intent: Intent; readonly difference: BaseDifference}
  | {readonly kind: 'toast'; readonly toast?: Toast}
  | {readonly kind: 'marks'; readonly marks: readonly string[]}
  /** Sorts by the column; the same column again turns the order round. */
  | {readonly kind: 'sort'; readonly column: ImageColumn}
  | {readonly kind: 'column'; readonly column: ImageColumn}
  | {readonly kind: 'compare'; readonly number?: number}
  /** Back to the view before; that one is then the view before. */
  | {readonly kind: 'last-view'}
  | {readonly kind: 'selection'; readonly selection?: Selection}
  | {readonly kind: 'mouse'; readonly on: boolean}
  | {readonly kind: 'theme'; readonly name: ThemeName};

/** The screen's state after a message. */
export function reduceUi(state: UiState, message: UiMessage): UiState {
  switch (message.kind) {
    case 'focus':
      return focusOn(state, message.panel);
    case 'focus.step': {
      const panels = panelsOf(state);
      const at = panels.indexOf(state.focus) + message.by + panels.length;
      return focusOn(state, panels[at % panels.length] ?? state.focus);
    }
    case 'zoom':
      return message.on === state.zoomed ? state : {...state, zoomed: message.on, before: viewOf(state)};
    case 'image.choose':
      return chooseImage(state, message.key, message.at);
    case 'stack.choose':
      return {...state, stacks: {key: message.key, at: message.at}};
    case 'build.choose':
      return message.number === state.build ? state : {...withFreshLog(state), build: message.number};
    case 'why.scroll':
      return {...state, whyTop: Math.max(0, message.top)};
    case 'guide.scroll':
      return {...state, guideTop: Math.max(0, message.top)};
    case 'filter':
      return {...state, filter: message.text};
    case 'log':
      return {...state, log: {...state.log, ...message.view}};
    case 'overlay':
      return {...state, overlay: message.overlay};
    case 'overlay.answer':
      return state.overlay === message.asked ? {...state, overlay: message.overlay} : state;
    case 'preview.difference': {
      const {overlay} = state;
      if (overlay.kind !== 'preview' || overlay.request.intent !== message.intent) return state;
      return {...state, overlay: {...overlay, difference: message.difference}};
    }
    case 'toast':
      return message.toast === state.toast ? state : {...state, toast: message.toast};
    case 'marks':
      return {...state, marks: message.marks};
    case 'sort': {
      const descending = state.sort.column === message.column && !state.sort.descending;
      return {...state, sort: {column: message.column, descending}, column: message.column};
    }
    case 'column':
      return {...state, column: message.column};
    case 'compare':
      return {...state, compared: message.number};
    case 'last-view':
      return state.before ? {...withFreshLog(state), ...state.before, before: viewOf(state)} : state;
    case 'selection':
      return message.selection === state.selection ? state : {...state, selection: message.selection};
    case 'mouse':
      return {...state, mouse: message.on, selection: undefined};
    case 'theme':
      return {...state, theme: message.name};
    default:
      return message satisfies never;
  }
}

function focusOn(state: UiState, panel: PanelId): UiState {
  if (panel === state.focus) return state;
  return {
    ...state,
    focus: panel,
    before: viewOf(state),
    recent: [state.focus, ...state.recent.filter((one) => one !== state.focus)].slice(0, 7),
  };
}

function viewOf({focus, zoomed, images, stacks, build}: UiState): View {
  return {focus, zoomed, images, stacks, build};
}

/** Another image: its newest build, its log from the end, and nothing of the search before. */
function chooseImage(state: UiState, key: string, at: number): UiState {
  if (state.images.key === key) return {...state, images: {key, at}};
  return {...withFreshLog(state), images: {key, at}, build: undefined, compared: undefined, whyTop: 0};
}

function withFreshLog(state: UiState): UiState {
  return {...state, log: freshLogView(state.log), overlay: noOverlay};
}
