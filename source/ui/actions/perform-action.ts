// What each action of the keymap does: moves on this screen at once, changes through the client.
import type {ActionId} from '../keymap/bindings.ts';
import {disabledReason, type KeyFacts} from '../keymap/disabled-reason.ts';
import {type PanelId, panelOrder} from '../layout/layout.ts';
import type {Client, LogSection} from '../client-types.ts';
import {stepMatch} from '../log/log-search.ts';
import {emptyField, fieldWith} from '../primitives/text-field.ts';
import type {UiMessage} from '../ui-state/reduce-ui.ts';
import type {Choice, UiState} from '../ui-state/ui-state.ts';
import {
  builderRequest,
  builderStackRequest,
  cancelRequest,
  type ChangeRequest,
  deleteImageRequest,
  deleteStackRequest,
} from '../view-models/change-request.ts';
import {shortDigest} from '../view-models/names.ts';
import {choosable, type Scene} from '../view-models/scene.ts';
import {sendChange} from './change-client.ts';

export type ActionWorld = {
  readonly client: Client;
  readonly ui: UiState;
  readonly scene: Scene;
  readonly facts: KeyFacts;
  readonly tell: (message: UiMessage) => void;
  readonly quit: () => void;
  readonly redraw: () => void;
  /** Content rows of the focused panel: the size of a page. */
  readonly page: number;
  readonly log: {
    readonly total: number;
    readonly sections: readonly LogSection[];
    readonly matches: readonly number[];
    /** The first line on the screen. */
    readonly from: number;
    readonly failureLine: () => Promise<number | undefined>;
  };
  readonly whyCount: number;
};

/** Does the action, or says why it cannot be done. */
export function performAction(action: ActionId, key: string, world: ActionWorld): void {
  const {ui, facts, tell} = world;
  const problem = disabledReason(action, facts, ui.focus === 'stacks');
  if (problem !== undefined) {
    tell({kind: 'toast', toast: {text: problem, role: 'warning'}});
    return;
  }
  if (move(action, world) || onScreen(action, key, world) || inLog(action, world)) return;
  change(action, world);
}

/** Moves in whatever has the focus. */
function move(action: ActionId, world: ActionWorld): boolean {
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
function moveLog(step: number, {ui, log, page, tell}: ActionWorld): void {
  const last = Math.max(0, log.total - page);
  const from = ui.log.follow ? (ui.log.wrap ? log.from : last) : ui.log.top;
  const top = Math.max(0, Math.min(last, from + step));
  if (step > 0 && (ui.log.follow || top >= last)) tell({kind: 'log', view: {follow: true}});
  else tell({kind: 'log', view: {follow: false, top}});
}

/** What changes nothing but the screen. */
function onScreen(action: ActionId, key: string, {ui, tell, quit, redraw}: ActionWorld): boolean {
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

function inLog(action: ActionId, world: ActionWorld): boolean {
  const {ui, log, tell} = world;
  switch (action) {
    case 'follow':
      tell({kind: 'log', view: ui.log.follow ? {follow: false, top: log.from} : {follow: true}});
      return true;
    case 'wrap':
      tell({kind: 'log', view: {wrap: !ui.log.wrap}});
      return true;
    case 'times':
      tell({kind: 'log', view: {times: !ui.log.times}});
      return true;
    case 'full-screen':
      tell({kind: 'zoom', on: !ui.zoomed});
      return true;
    case 'search':
      tell({kind: 'overlay', overlay: {kind: 'search', field: fieldWith(ui.log.query), before: ui.log.query}});
      return true;
    case 'next-match':
    case 'previous-match':
      jumpToMatch(action === 'next-match' ? 1 : -1, world);
      return true;
    case 'next-phase':
    case 'previous-phase':
      jumpToPhase(action === 'next-phase' ? 1 : -1, world);
      return true;
    case 'first-error':
      void jumpToFailure(world);
      return true;
    default:
      return false;
  }
}

function jumpToMatch(by: 1 | -1, {ui, log, page, tell}: ActionWorld): void {
  const hit = stepMatch(log.matches, ui.log.hit ?? log.from - by, by);
  if (hit === undefined) tell({kind: 'toast', toast: {text: `no line holds "${ui.log.query}"`, role: 'warning'}});
  else tell({kind: 'log', view: {hit, follow: false, top: centred(hit, page, log.total)}});
}

function jumpToPhase(by: 1 | -1, {log, page, tell}: ActionWorld): void {
  const starts = log.sections.map(({line}) => line);
  const to = by === 1 ? starts.find((line) => line > log.from) : starts.findLast((line) => line < log.from);
  if (to === undefined)
    tell({kind: 'toast', toast: {text: `no ${by === 1 ? 'later' : 'earlier'} phase`, role: 'warning'}});
  else tell({kind: 'log', view: {follow: false, top: Math.min(to, Math.max(0, log.total - Math.min(page, 3)))}});
}

async function jumpToFailure({log, page, tell}: ActionWorld): Promise<void> {
  try {
    const line = await log.failureLine();
    if (line !== undefined) tell({kind: 'log', view: {hit: line, follow: false, top: centred(line, page, log.total)}});
    else tell({kind: 'toast', toast: {text: 'the failure names no line of the log', role: 'warning'}});
  } catch (error) {
    tell({kind: 'toast', toast: {text: error instanceof Error ? error.message : String(error), role: 'failed'}});
  }
}

function centred(line: number, page: number, total: number): number {
  return Math.max(0, Math.min(line - Math.floor(page / 2), total - page));
}

/** What goes to the controller. */
function change(action: ActionId, world: ActionWorld): void {
  const {client, ui, scene, tell} = world;
  const record = scene.image;
  if (ui.focus === 'stacks') {
    if (action === 'patch') patchStack(world);
    if (action === 'delete' && scene.stack) ask(deleteStackRequest(scene.stack), tell);
    return;
  }
  if (!record) return;
  const {namespace, name, paused} = record.image;
  const send = (done: string, intent: ChangeRequest['intent']) => {
    void sendChange(client, {title: name, lines: [], intent, go: '', back: '', done, name}, tell);
  };
  switch (action) {
    case 'rebuild':
      send(`${name} is built again`, {kind: 'image.trigger', namespace, name});
      return;
    case 'pause':
      if (paused) send(`${name} goes on`, {kind: 'image.resume', namespace, name});
      else send(`${name} is paused: nothing is built until P is pressed again`, {kind: 'image.pause', namespace, name});
      return;
    case 'refresh':
      send(`the source of ${name} is looked at`, {kind: 'image.refresh', namespace, name});
      return;
    case 'cancel':
      ask(cancelRequest(record.image, record.builds.at(-1)?.number ?? 0), tell);
      return;
    case 'delete':
      ask(deleteImageRequest(record.image, record.builds.length), tell);
      return;
    case 'patch':
      patchImage(world);
      return;
    default:
  }
}

function ask(request: ChangeRequest, tell: ActionWorld['tell']): void {
  tell({kind: 'overlay', overlay: {kind: 'confirm', request, button: 'back'}});
}

function patchImage({scene, tell}: ActionWorld): void {
  const {image} = scene;
  if (!image) return;
  const {spec, namespace} = image.image;
  const options: readonly Choice[] = Object.values(scene.state.builders)
    .filter((builder) => builder.namespace === undefined || builder.namespace === namespace)
    .filter((builder) => builder.name !== spec.builder.name || builder.kind !== spec.builder.kind)
    .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
    .map((builder) => ({
      label: builder.name,
      note: `on ${builder.spec.stack}`,
      request: builderRequest(image.image, builder),
    }));
  choose(`patch image ${image.image.name}: another builder`, options, 'there is no other builder', tell);
}

function patchStack({scene, tell}: ActionWorld): void {
  const {stack} = scene;
  if (stack?.kind === 'builder') {
    const options = Object.values(scene.state.stacks)
      .filter(({name}) => name !== stack.builder.spec.stack)
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
      .map((one) => ({
        label: one.name,
        note: `run ${shortDigest(one.resolved.runImage.digest)}`,
        request: builderStackRequest(stack.builder, one.name),
      }));
    choose(`patch builder ${stack.name}: another stack`, options, 'there is no other stack', tell);
    return;
  }
  if (stack?.kind !== 'stack') return;
  const now = stack.stack.spec.runImage;
  const known = [...new Set(Object.values(scene.state.stacks).map(({spec}) => spec.runImage))].filter(
    (one) => one !== now,
  );
  tell({
    kind: 'overlay',
    overlay: {kind: 'run-image', stack: stack.name, now, field: emptyField, known, at: -1},
  });
}

function choose(title: string, options: readonly Choice[], none: string, tell: ActionWorld['tell']): void {
  if (options.length === 0) tell({kind: 'toast', toast: {text: none, role: 'warning'}});
  else tell({kind: 'overlay', overlay: {kind: 'choose', title, options, at: 0}});
}
