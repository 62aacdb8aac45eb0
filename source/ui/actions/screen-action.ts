// Actions that change nothing but the screen: focus, zoom, dialogs, the way back.
import type {ActionId} from '../keymap/bindings.ts';
import {type PanelId, panelOrder} from '../layout/layout.ts';
import {emptyField, fieldWith} from '../primitives/text-field.ts';
import type {UiState} from '../ui-state/ui-state.ts';
import type {ActionWorld} from './action-world.ts';

/** Does it; false when the action is another kind. */
export function screenAction(action: ActionId, key: string, {ui, tell, quit, redraw}: ActionWorld): boolean {
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
      tell({kind: 'focus', panel: panelOrder[Number(key) - 1] ?? ui.focus});
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

function open(panel: PanelId, tell: ActionWorld['tell']): void {
  if (panel === 'stacks') tell({kind: 'overlay', overlay: {kind: 'describe', of: 'stack', top: 0}});
  else tell({kind: 'focus', panel: 'log'});
}

/** Undoes the nearest thing: search, filter, zoom, then the way here. False at the top. */
function goBack(ui: UiState, tell: ActionWorld['tell']): boolean {
  if (ui.focus === 'log' && ui.log.query !== '') tell({kind: 'log', view: {query: '', hit: undefined}});
  else if (ui.focus === 'images' && ui.filter !== '') tell({kind: 'filter', text: ''});
  else if (ui.zoomed) tell({kind: 'zoom', on: false});
  else if (ui.focus !== 'images') tell({kind: 'focus', panel: 'images'});
  else return false;
  return true;
}
