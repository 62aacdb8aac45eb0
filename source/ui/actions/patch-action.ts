// Actions on patches: the live view of the fleet, and taking a patch back after a look at what that does.
import type {ActionId} from '../keymap/bindings.ts';
import {newestPatch} from '../view-models/fleet-rows.ts';
import {cancelPatchRequest, rollbackRequest} from '../view-models/change-request.ts';
import type {Patch} from '../../domain/patch.ts';
import {patchProgress} from '../../state/patch-progress.ts';
import type {ActionWorld} from './action-world.ts';
import {previewChange, sendChange} from './change-client.ts';

/** Does it; false when the action is another kind. */
export function patchAction(action: ActionId, world: ActionWorld): boolean {
  const {scene, ui, tell} = world;
  const ofImage = ui.focus === 'stacks' ? undefined : scene.images[scene.imageAt]?.key;
  switch (action) {
    case 'fleet': {
      const patch = newestPatch(scene.state);
      if (patch) tell({kind: 'overlay', overlay: {kind: 'fleet', patch: patch.id, top: 0}});
      return true;
    }
    case 'rollback': {
      const patch = newestPatch(scene.state, ofImage) ?? newestPatch(scene.state);
      if (patch) rollBack(patch, world);
      return true;
    }
    default:
      return false;
  }
}

/** Asks what it would do, shows it, and does it only then. */
export function rollBack(patch: Patch, {client, tell}: ActionWorld): void {
  void previewChange(client, rollbackRequest(patch), tell);
}

/** Pauses a running patch, lets a paused one go on. */
export function pausePatch(patch: Patch, {client, tell}: ActionWorld): void {
  const {id} = patch;
  const paused = patch.state === 'paused';
  const done = paused ? `patch ${id} goes on` : `patch ${id} is paused: what has not begun waits`;
  const intent = {kind: paused ? 'patch.resume' : 'patch.pause', id} as const;
  void sendChange(client, {title: `patch ${id}`, lines: [], intent, go: '', back: '', done, name: id}, tell);
}

/** Asks before what waits is left out. */
export function cancelPatch(patch: Patch, {scene, tell}: ActionWorld): void {
  const {counts} = patchProgress(patch, scene.state);
  const request = cancelPatchRequest(patch, counts.waiting);
  tell({kind: 'overlay', overlay: {kind: 'confirm', request, button: 'back'}});
}
