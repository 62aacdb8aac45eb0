// What each action of the keymap does: moves on this screen at once, changes through the client.
import type {ActionId} from '../keymap/bindings.ts';
import {disabledReason} from '../keymap/disabled-reason.ts';
import type {ActionWorld} from './action-world.ts';
import {changeAction} from './change-action.ts';
import {logAction} from './log-action.ts';
import {listAction} from './list-action.ts';
import {move} from './move.ts';
import {patchAction} from './patch-action.ts';
import {resourceAction} from './resource-action.ts';
import {screenAction} from './screen-action.ts';

/** Does the action, or says why it cannot be done. */
export function performAction(action: ActionId, key: string, world: ActionWorld): void {
  const {ui, facts, tell} = world;
  const problem = disabledReason(action, facts, ui.focus === 'stacks');
  if (problem !== undefined) {
    tell({kind: 'toast', toast: {text: problem, role: 'warning'}});
    return;
  }
  const handled =
    move(action, world) ||
    screenAction(action, key, world) ||
    listAction(action, key, world) ||
    logAction(action, world) ||
    resourceAction(action, world) ||
    patchAction(action, world);
  if (!handled) changeAction(action, world);
}
