// What keys mean while a dialog is open, or a line is being typed.
import type {Key} from 'ink';
import {helpKeys, helpRows} from '../keymap/help-rows.ts';
import {keyName} from '../keymap/key-name.ts';
import {editField, emptyField, fieldWith, type Edit} from '../primitives/text-field.ts';
import {noOverlay, type Overlay} from '../ui-state/ui-state.ts';
import {neededName, suggestions} from '../ui-state/overlay-facts.ts';
import {runImageRequest} from '../view-models/change-request.ts';
import {patchIsOpen} from '../../domain/patch.ts';
import {disabledReason} from '../keymap/disabled-reason.ts';
import {filterOf} from '../log/log-view.ts';
import {completed, paletteRows} from '../view-models/palette-rows.ts';
import {previewChange, sendChange} from './change-client.ts';
import {cancelPatch, pausePatch, rollBack} from './patch-action.ts';
import {copy} from './resource-action.ts';
import {runCommand} from './run-command.ts';
import type {ActionWorld} from './action-world.ts';
import {performAction} from './perform-action.ts';
import {resolveKey} from '../keymap/resolve-key.ts';

/** Handles a key press for the open overlay. */
export function overlayKey(
  overlay: Overlay,
  input: string,
  key: Key,
  world: ActionWorld,
  again: () => ActionWorld,
): void {
  const name = keyName(input, key);
  const press: Press = {name, edit: editOf(input, key, name)};
  switch (overlay.kind) {
    case 'none':
      return;
    case 'help':
      return inHelp(overlay, press, world);
    case 'palette':
      return inPalette(overlay, press, world, again);
    case 'text':
      return inText(overlay, press, world);
    case 'fleet':
      return inFleet(overlay, press, world);
    case 'describe':
      return inDescription(overlay, press, world);
    case 'filter':
      return inFilter(overlay, press, world);
    case 'search':
      return inSearch(overlay, press, world);
    case 'choose':
      return inChoice(overlay, press, world);
    case 'run-image':
      return inRunImage(overlay, press, world);
    case 'asking':
      if (leaves(name)) close(world);
      return;
    case 'preview':
      return inPreview(overlay, press, world);
    case 'confirm':
      return inQuestion(overlay, press, world);
    default:
      overlay satisfies never;
  }
}

/** Text pasted while an overlay is open; without a field to type in it is dropped. */
export function overlayPaste(overlay: Overlay, text: string, world: ActionWorld): void {
  if (!('field' in overlay)) return;
  const field = editField(overlay.field, {kind: 'insert', text});
  world.tell({kind: 'overlay', overlay: {...overlay, field} as Overlay});
  if (overlay.kind === 'filter') world.tell({kind: 'filter', text: field.text});
}

type Press = {readonly name: string | undefined; readonly edit: Edit | undefined};
type Of<K extends Overlay['kind']> = Extract<Overlay, {kind: K}>;

function inHelp(overlay: Of<'help'>, {name, edit}: Press, world: ActionWorld): void {
  const keys = helpKeys(helpRows(overlay.field.text, world.keymap));
  if (name === 'enter') {
    const chosen = keys[overlay.at]?.binding;
    close(world);
    const key = chosen?.keys[0];
    if (!chosen || key === undefined) return;
    if (resolveKey(key, world.ui.focus, world.keymap) === chosen) performAction(chosen.action, key, world);
    else world.tell({kind: 'toast', toast: {text: `"${chosen.help}" belongs to another panel`, role: 'warning'}});
    return;
  }
  if (name === 'esc' && overlay.field.text !== '') {
    world.tell({kind: 'overlay', overlay: {...overlay, field: emptyField, at: 0}});
    return;
  }
  if (name === 'esc' || name === 'ctrl-c' || (name === '?' && overlay.field.text === '')) return close(world);
  const step = lineStep(name, 10);
  if (step !== undefined) {
    world.tell({kind: 'overlay', overlay: {...overlay, at: clampTo(overlay.at + step, keys.length)}});
  } else if (edit) {
    world.tell({kind: 'overlay', overlay: {...overlay, field: editField(overlay.field, edit), at: 0}});
  }
}

function inPalette(overlay: Of<'palette'>, {name, edit}: Press, world: ActionWorld, again: () => ActionWorld): void {
  const rows = paletteRows(overlay.field.text, world.scene, world.keymap);
  if (leaves(name)) return close(world);
  if (name === 'enter') {
    close(world);
    const chosen = rows[overlay.at];
    if (chosen) return runCommand(chosen.run, again(), again);
    const text = `there is no command "${overlay.field.text}"; : and Tab list what there is`;
    return world.tell({kind: 'toast', toast: {text, role: 'warning'}});
  }
  const set = (change: Partial<Of<'palette'>>) => world.tell({kind: 'overlay', overlay: {...overlay, ...change}});
  if (name === 'tab') return set({field: fieldWith(completed(overlay.field.text, rows.slice(overlay.at))), at: 0});
  const step = lineStep(name, 10);
  if (step !== undefined) return set({at: clampTo(overlay.at + step, rows.length)});
  if (edit) set({field: editField(overlay.field, edit), at: 0});
}

function inText(overlay: Of<'text'>, {name}: Press, world: ActionWorld): void {
  if (leaves(name) || name === 'q' || name === 'y' || name === 'enter') return close(world);
  if (name === 'c') return void copy({text: overlay.text, what: overlay.title}, world);
  const lines = overlay.text.split('\n').length;
  const step = listStep(name);
  if (step !== undefined) world.tell({kind: 'overlay', overlay: {...overlay, top: clampTo(overlay.top + step, lines)}});
}

/** While a patch runs: P pauses and resumes, x leaves out what waits; z takes it back at any time. */
function inFleet(overlay: Of<'fleet'>, {name}: Press, world: ActionWorld): void {
  const patch = world.scene.state.patches[overlay.patch];
  if (leaves(name) || name === 'q' || name === 'enter' || !patch) return close(world);
  const step = listStep(name);
  if (step !== undefined) {
    const top = clampTo(overlay.top + step, Object.keys(patch.members).length);
    return world.tell({kind: 'overlay', overlay: {...overlay, top}});
  }
  if (name !== 'z' && name !== 'P' && name !== 'x') return;
  const reason = disabledReason('rollback', {...world.facts, hasPatch: true}, false);
  if (reason !== undefined) return world.tell({kind: 'toast', toast: {text: reason, role: 'warning'}});
  if (name === 'z') return rollBack(patch, world);
  if (!patchIsOpen(patch)) {
    const text = `patch ${patch.id} has ended; z rolls it back`;
    return world.tell({kind: 'toast', toast: {text, role: 'warning'}});
  }
  return name === 'P' ? pausePatch(patch, world) : cancelPatch(patch, world);
}

function listStep(name: string | undefined): number | undefined {
  if (name === 'j') return 1;
  if (name === 'k') return -1;
  if (name === 'g' || name === 'home') return -Infinity;
  if (name === 'G' || name === 'end') return Infinity;
  return lineStep(name, 10);
}

function inDescription(overlay: Of<'describe'>, {name}: Press, world: ActionWorld): void {
  if (leaves(name) || name === 'q' || name === 'd' || name === 'enter') return close(world);
  const step = lineStep(name, 10) ?? (name === 'j' ? 1 : name === 'k' ? -1 : undefined);
  if (step !== undefined) world.tell({kind: 'overlay', overlay: {...overlay, top: Math.max(0, overlay.top + step)}});
}

function inFilter(overlay: Of<'filter'>, {name, edit}: Press, world: ActionWorld): void {
  if (name === 'enter') return close(world);
  if (leaves(name)) {
    world.tell({kind: 'filter', text: overlay.before});
    return close(world);
  }
  if (!edit) return;
  const field = editField(overlay.field, edit);
  world.tell({kind: 'overlay', overlay: {...overlay, field}});
  world.tell({kind: 'filter', text: field.text});
}

function inSearch(overlay: Of<'search'>, {name, edit}: Press, world: ActionWorld): void {
  if (leaves(name)) return close(world);
  const {context, regex} = overlay;
  const set = (change: Partial<Of<'search'>>) => world.tell({kind: 'overlay', overlay: {...overlay, ...change}});
  if (name === 'enter') {
    const {text} = overlay.field;
    const filtered = {filter: filterOf(text, regex, context ?? 0), skip: 0};
    world.tell({kind: 'log', view: context === undefined ? {query: text, regex, hit: undefined} : filtered});
    return close(world);
  }
  if (name === 'tab') return set({regex: !regex});
  const step = lineStep(name, 5);
  if (step !== undefined && context !== undefined) return set({context: clampTo(context - step, mostContext + 1)});
  if (edit) set({field: editField(overlay.field, edit)});
}

/** Lines around a match that a filter shows at most. */
const mostContext = 20;

function inChoice(overlay: Of<'choose'>, {name}: Press, world: ActionWorld): void {
  if (leaves(name) || name === 'q') return close(world);
  const step = lineStep(name, 5) ?? (name === 'j' ? 1 : name === 'k' ? -1 : undefined);
  if (step !== undefined) {
    world.tell({kind: 'overlay', overlay: {...overlay, at: clampTo(overlay.at + step, overlay.options.length)}});
    return;
  }
  const chosen = overlay.options[overlay.at];
  if (name === 'enter' && chosen) void previewChange(world.client, chosen.request, world.tell);
}

function inRunImage(overlay: Of<'run-image'>, {name, edit}: Press, world: ActionWorld): void {
  if (leaves(name)) return close(world);
  const set = (change: Partial<Of<'run-image'>>) =>
    world.tell({kind: 'overlay', overlay: {...overlay, problem: undefined, ...change}});
  const known = suggestions(overlay);
  const step = lineStep(name, 5);
  if (step !== undefined) return set({at: Math.max(-1, Math.min(known.length - 1, overlay.at + step))});
  const suggested = known[overlay.at];
  if (name === 'tab') {
    const completed = suggested ?? known[0];
    if (completed !== undefined) set({field: fieldWith(completed), at: -1});
    return;
  }
  if (name === 'enter') {
    const next = suggested ?? overlay.field.text.trim();
    if (next === '') return set({problem: 'a run image is needed: type its reference, or choose one with Down'});
    if (next === overlay.now) return set({problem: 'the stack uses this run image already'});
    const again = {...overlay, field: fieldWith(next), at: -1};
    void previewChange(world.client, runImageRequest(overlay.stack, overlay.now, next), world.tell, (problem) => ({
      ...again,
      problem,
    }));
    return;
  }
  if (edit) set({field: editField(overlay.field, edit), at: -1});
}

function inPreview(overlay: Of<'preview'>, {name, edit}: Press, world: ActionWorld): void {
  if (leaves(name)) return close(world);
  const set = (change: Partial<Of<'preview'>>) => world.tell({kind: 'overlay', overlay: {...overlay, ...change}});
  const step = lineStep(name, 5);
  if (step !== undefined) return set({top: clampTo(overlay.top + step, overlay.outlook.length)});
  if (turns(name)) return set({button: overlay.button === 'go' ? 'back' : 'go'});
  if (name === 'enter') {
    if (overlay.button === 'back') return close(world);
    const missing = missingName(overlay);
    if (missing !== undefined) {
      return world.tell({kind: 'toast', toast: {text: `type ${missing} to go on`, role: 'warning'}});
    }
    close(world);
    void sendChange(world.client, overlay.request, world.tell);
    return;
  }
  if (edit && neededName(overlay) !== undefined) set({field: editField(overlay.field, edit)});
}

function missingName(overlay: Of<'preview'>): string | undefined {
  const needed = neededName(overlay);
  return needed !== undefined && overlay.field.text.trim() !== needed ? needed : undefined;
}

function inQuestion(overlay: Of<'confirm'>, {name}: Press, world: ActionWorld): void {
  if (leaves(name) || name === 'q') return close(world);
  if (turns(name)) {
    const button = overlay.button === 'go' ? 'back' : 'go';
    return world.tell({kind: 'overlay', overlay: {...overlay, button}});
  }
  if (name !== 'enter') return;
  close(world);
  if (overlay.button === 'go') void sendChange(world.client, overlay.request, world.tell);
}

function close({tell}: ActionWorld): void {
  tell({kind: 'overlay', overlay: noOverlay});
}

function leaves(name: string | undefined): boolean {
  return name === 'esc' || name === 'ctrl-c';
}

function turns(name: string | undefined): boolean {
  return name === 'tab' || name === 'shift-tab' || name === 'left' || name === 'right';
}

function lineStep(name: string | undefined, page: number): number | undefined {
  switch (name) {
    case 'up':
      return -1;
    case 'down':
      return 1;
    case 'pgup':
      return -page;
    case 'pgdn':
      return page;
    default:
      return undefined;
  }
}

function clampTo(at: number, count: number): number {
  return Math.max(0, Math.min(at, count - 1));
}

function editOf(input: string, key: Key, name: string | undefined): Edit | undefined {
  switch (name) {
    case 'backspace':
    case 'delete':
      // Terminals send DEL for the backspace key, which Ink calls delete.
      return {kind: 'backspace'};
    case 'left':
    case 'right':
    case 'home':
    case 'end':
      return {kind: name};
    case 'ctrl-a':
      return {kind: 'home'};
    case 'ctrl-e':
      return {kind: 'end'};
    case 'ctrl-u':
      return {kind: 'clear'};
    case 'ctrl-w':
      return {kind: 'delete-word'};
    default:
      return input === '' || key.ctrl || key.meta || key.escape || key.return || key.tab
        ? undefined
        : {kind: 'insert', text: input};
  }
}
