// Actions that change nothing but the screen: focus, zoom, dialogs, the way back.
import type {ActionId} from '../keymap/bindings.ts';
import type {Keymap} from '../keymap/bindings.ts';
import {mouseOff, mouseOn} from '../terminal/terminal-modes.ts';
import type {PanelId} from '../layout/layout.ts';
import {emptyField, fieldWith} from '../primitives/text-field.ts';
import {panelsOf, type UiState} from '../ui-state/ui-state.ts';
import type {ActionWorld} from './action-world.ts';
import {problemText} from './change-client.ts';

/** Does it; false when the action is another kind. */
export function screenAction(action: ActionId, key: string, world: ActionWorld): boolean {
  const {ui, tell, quit, redraw, keymap} = world;
  switch (action) {
    case 'quit':
      quit();
      return true;
    case 'back':
      if (!goBack(ui, tell)) quit();
      return true;
    case 'escape':
      goBack(ui, tell);
      return true;
    case 'redraw':
      redraw();
      return true;
    case 'help':
      tell({kind: 'overlay', overlay: {kind: 'help', field: emptyField, at: 0}});
      return true;
    case 'next-panel':
      tell({kind: 'focus.step', by: 1});
      return true;
    case 'previous-panel':
      tell({kind: 'focus.step', by: -1});
      return true;
    case 'go-to-panel':
      tell({kind: 'focus', panel: panelsOf(ui)[placeOf(key, keymap)] ?? ui.focus});
      return true;
    case 'palette':
      tell({kind: 'overlay', overlay: {kind: 'palette', field: emptyField, at: 0}});
      return true;
    case 'last-view':
      tell({kind: 'last-view'});
      return true;
    case 'mouse':
      turnMouse(world);
      return true;
    case 'suspend':
      suspend(world);
      return true;
    case 'zoom':
    case 'unzoom':
      tell({kind: 'zoom', on: action === 'zoom' && !ui.zoomed});
      return true;
    case 'filter':
      tell({kind: 'overlay', overlay: {kind: 'filter', field: fieldWith(ui.filter), before: ui.filter}});
      return true;
    case 'describe':
      tell({kind: 'overlay', overlay: {kind: 'describe', of: 'image', top: 0}});
      return true;
    case 'logs':
      tell({kind: 'focus', panel: 'log'});
      return true;
    case 'history':
      tell({kind: 'focus', panel: 'history'});
      return true;
    case 'open':
      open(ui.focus, tell);
      return true;
    default:
      return false;
  }
}

/** Which of the keys of `go-to-panel` it is: the first goes to the first panel. */
function placeOf(key: string, keymap: Keymap): number {
  return keymap.find(({action}) => action === 'go-to-panel')?.keys.indexOf(key) ?? -1;
}

function turnMouse({ui, tell, write}: ActionWorld): void {
  write(ui.mouse ? mouseOff : mouseOn);
  tell({kind: 'mouse', on: !ui.mouse});
  const text = ui.mouse ? "the mouse is the terminal's: select as usual, % takes it back" : 'the mouse is taken';
  tell({kind: 'toast', toast: {text, role: 'accent'}});
}

function suspend({ports, lend, tell}: ActionWorld): void {
  const stop = ports.suspend;
  if (!stop) tell({kind: 'toast', toast: {text: 'this terminal has no way to suspend', role: 'warning'}});
  else
    void lend(stop).catch((error: unknown) => tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}}));
}

function open(panel: PanelId, tell: ActionWorld['tell']): void {
  if (panel === 'stacks') tell({kind: 'overlay', overlay: {kind: 'describe', of: 'stack', top: 0}});
  else tell({kind: 'focus', panel: 'log'});
}

/** Undoes the nearest thing: search, filter, zoom, then the way here. False at the top. */
function goBack(ui: UiState, tell: ActionWorld['tell']): boolean {
  if (ui.focus === 'log' && ui.log.query !== '') tell({kind: 'log', view: {query: '', hit: undefined}});
  else if (ui.focus === 'log' && ui.log.filter) tell({kind: 'log', view: {filter: undefined}});
  else if (ui.focus === 'images' && ui.filter !== '') tell({kind: 'filter', text: ''});
  else if (ui.zoomed) tell({kind: 'zoom', on: false});
  else if (ui.focus !== 'images') tell({kind: 'focus', panel: 'images'});
  else return false;
  return true;
}
