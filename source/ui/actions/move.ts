// Moves the cursor of a list or the window of a text, whatever has the focus.
import type {ActionId} from '../keymap/bindings.ts';
import {endPlace, stepPlace} from '../log/log-rows.ts';
import {choosable} from '../view-models/scene.ts';
import type {ActionWorld} from './action-world.ts';

/** Moves; false when the action is no move. */
export function move(action: ActionId, world: ActionWorld): boolean {
  const step = stepOf(action, world.page);
  if (step === undefined) return false;
  const {ui, scene, tell} = world;
  switch (ui.focus) {
    case 'images': {
      const at = stepped(scene.imageAt, step, scene.images.length);
      const row = scene.images[at];
      if (row) tell({kind: 'image.choose', key: row.key, at});
      return true;
    }
    case 'stacks': {
      const at = choosable(scene.stacks, stepped(scene.stackAt, step, scene.stacks.length), step < 0 ? -1 : 1);
      const row = scene.stacks[at];
      if (row && row.kind !== 'heading') tell({kind: 'stack.choose', key: row.key, at});
      return true;
    }
    case 'history':
    case 'build': {
      const row = scene.history[stepped(scene.historyAt, step, scene.history.length)];
      if (row) tell({kind: 'build.choose', number: row.number});
      return true;
    }
    case 'why':
      tell({kind: 'why.scroll', top: stepped(ui.whyTop, step, Math.max(1, world.whyCount - world.page + 1))});
      return true;
    case 'guide':
      tell({kind: 'guide.scroll', top: stepped(ui.guideTop, step, Math.max(1, world.guideCount - world.page + 1))});
      return true;
    case 'log':
      moveLog(step, world);
      return true;
    default:
      return ui.focus satisfies never;
  }
}

function stepOf(action: ActionId, page: number): number | undefined {
  switch (action) {
    case 'up':
      return -1;
    case 'down':
      return 1;
    case 'page-up':
      return -Math.max(1, page - 1);
    case 'page-down':
      return Math.max(1, page - 1);
    case 'half-page-up':
      return -Math.max(1, Math.floor(page / 2));
    case 'half-page-down':
      return Math.max(1, Math.floor(page / 2));
    case 'first':
      return -Infinity;
    case 'last':
      return Infinity;
    default:
      return undefined;
  }
}

function stepped(at: number, step: number, count: number): number {
  return Math.max(0, Math.min(count - 1, at + step));
}

/** Scrolling up pauses; reaching the end follows again. */
function moveLog(step: number, {ui, log, tell}: ActionWorld): void {
  const {follow, top, skip} = ui.log;
  const from = follow ? endPlace(log.space) : {top, skip};
  const to = step === Infinity || (follow && step > 0) ? 'end' : stepPlace(log.space, from, step);
  tell({kind: 'log', view: to === 'end' ? {follow: true} : {follow: false, ...to}});
}
