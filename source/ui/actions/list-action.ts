// Actions on the list of images: marks, sorting, the column that is chosen.
import type {ActionId} from '../keymap/bindings.ts';
import type {ImageColumn} from '../ui-state/ui-state.ts';
import type {ActionWorld} from './action-world.ts';

/** The columns in the order in which they stand, and in the order of the keys that sort by them. */
const imageColumns: readonly ImageColumn[] = ['name', 'build', 'reason', 'state', 'time'];
const sortedBy: readonly ImageColumn[] = ['name', 'state', 'build', 'reason', 'time'];

/** Does it; false when the action is another kind. */
export function listAction(action: ActionId, key: string, world: ActionWorld): boolean {
  const {ui, tell, keymap} = world;
  switch (action) {
    case 'mark':
      if (ui.focus === 'history') compare(world);
      else mark(world);
      return true;
    case 'mark-range':
      markRange(world);
      return true;
    case 'clear-marks':
      tell({kind: 'marks', marks: []});
      return true;
    case 'sort': {
      const place = keymap.find((one) => one.action === 'sort')?.keys.indexOf(key) ?? -1;
      tell({kind: 'sort', column: sortedBy[place] ?? 'name'});
      return true;
    }
    case 'sort-column':
      tell({kind: 'sort', column: ui.column});
      return true;
    case 'column-left':
    case 'column-right': {
      const at = imageColumns.indexOf(ui.column) + (action === 'column-left' ? -1 : 1);
      const column = imageColumns[at];
      if (column) tell({kind: 'column', column});
      return true;
    }
    default:
      return false;
  }
}

function mark({ui, scene, tell}: ActionWorld): void {
  const key = scene.images[scene.imageAt]?.key;
  if (key === undefined) return;
  const marks = ui.marks.includes(key) ? ui.marks.filter((one) => one !== key) : [...ui.marks, key];
  tell({kind: 'marks', marks});
  const next = scene.images[scene.imageAt + 1];
  if (next) tell({kind: 'image.choose', key: next.key, at: scene.imageAt + 1});
}

/** Everything between the last mark and the cursor, both included. */
function markRange({ui, scene, tell}: ActionWorld): void {
  const keys = scene.images.map(({key}) => key);
  const last = ui.marks.findLast((key) => keys.includes(key));
  const from = last === undefined ? scene.imageAt : keys.indexOf(last);
  const [low, high] = [Math.min(from, scene.imageAt), Math.max(from, scene.imageAt)];
  tell({kind: 'marks', marks: [...new Set([...ui.marks, ...keys.slice(low, high + 1)])]});
}

/** Marks the build that why compares the chosen one with; the same build again ends the comparison. */
function compare({ui, scene, tell}: ActionWorld): void {
  const number = scene.history[scene.historyAt]?.number;
  tell({kind: 'compare', number: ui.compared === number ? undefined : number});
}
