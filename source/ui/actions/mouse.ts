// What the mouse means: a click focuses and selects, the wheel scrolls what it is over, a drag selects inside one panel.
import {type FrameSpot, type Layout, type PanelId} from '../layout/layout.ts';
import {imageColumnAt, imageTable} from '../panels/image-table.ts';
import {shownImages} from '../panels/images-panel.tsx';
import {phaseWidths} from '../panels/phase-bar.tsx';
import {phaseCells} from '../view-models/phase-bar.ts';
import {usualPhases} from '../view-models/time-left.ts';
import {headedWindow} from '../primitives/headed-window.ts';
import {listWindow} from '../primitives/list-window.ts';
import type {MouseReport} from '../terminal/keyed-input.ts';
import type {ActionWorld} from './action-world.ts';
import {showPhase} from './log-action.ts';
import {move} from './move.ts';

/** A place inside a frame; 0-based in its content, so that -1 is the border. */
export type Spot = {readonly frame: FrameSpot; readonly x: number; readonly y: number};

/** Handles a report; `again` gives the world as it is after the focus has moved. */
export function onMouse(report: MouseReport, layout: Layout, world: ActionWorld, again: () => ActionWorld): void {
  const {ui, tell} = world;
  const {overlay, selection} = ui;
  if (overlay.kind !== 'none') return inOverlay(report, world);
  if (report.kind === 'drag' || report.kind === 'release') return drag(report, layout, world);
  if (selection) tell({kind: 'selection'});
  const spot = spotAt(layout, report.x, report.y);
  if (!spot) return;
  if (report.kind === 'press') return press(spot, world, again);
  tell({kind: 'focus', panel: spot.frame.panel});
  const steps = texts.includes(spot.frame.panel) ? 3 : 1;
  for (let step = 0; step < steps; step++) move(report.kind === 'wheel-up' ? 'up' : 'down', again());
}

/** Panels of many rows, which the wheel moves by more than one. */
const texts: readonly PanelId[] = ['log', 'why', 'guide'];

/** The frame under a cell of the screen. */
export function spotAt(layout: Layout, x: number, y: number): Spot | undefined {
  if (layout.kind === 'card') return undefined;
  let left = 0;
  for (const {width, frames} of layout.body) {
    let top = 1;
    for (const frame of frames) {
      const inside = x >= left && x < left + width && y >= top && y < top + frame.height;
      if (inside) return {frame, x: x - left - 1, y: y - top - 1};
      top += frame.height;
    }
    left += width;
  }
  return undefined;
}

/** Where a panel's content begins on the screen. */
function originOf(layout: Layout, panel: PanelId): {readonly x: number; readonly y: number} | undefined {
  if (layout.kind === 'card') return undefined;
  let left = 0;
  for (const {width, frames} of layout.body) {
    let top = 1;
    for (const frame of frames) {
      if (frame.panel === panel) return {x: left + 1, y: top + 1};
      top += frame.height;
    }
    left += width;
  }
  return undefined;
}

function press({frame, x, y}: Spot, {scene, tell}: ActionWorld, again: () => ActionWorld): void {
  const {panel, tabs, height} = frame;
  // The title: each tab is asked for where its name stands; the shown one is the last that can be missed.
  if (y < 0) return tell({kind: 'focus', panel: tabs.length > 1 ? tabUnder(frame, x) : panel});
  tell({kind: 'focus', panel});
  tell({kind: 'selection', selection: {panel, from: {x, y}, to: {x, y}, released: false}});
  const rows = Math.max(0, height - 2);
  if (panel === 'images') {
    const {from, head} = headedWindow(scene.images.length, scene.imageAt, rows);
    const at = from + y - head;
    const row = y < head ? undefined : scene.images[at];
    if (row) tell({kind: 'image.choose', key: row.key, at});
    const shown = shownImages(scene.images, frame.width);
    const column = y < head ? imageColumnAt(imageTable(shown, frame.width - 2), x) : undefined;
    if (column) tell({kind: 'sort', column});
  }
  if (panel === 'stacks') {
    const at = listWindow(scene.stacks.length, scene.stackAt, rows).from + y;
    const row = scene.stacks[at];
    if (row && row.kind !== 'heading') tell({kind: 'stack.choose', key: row.key, at});
  }
  if (panel === 'history' && y > 0) {
    const row = scene.history[listWindow(scene.history.length, scene.historyAt, rows - 1).from + y - 1];
    if (row) tell({kind: 'build.choose', number: row.number});
  }
  if (panel === 'build' && y < 3) toPhase(x, frame.width, again());
}

/** A click on a phase of the bar moves the log to where that phase begins. */
function toPhase(x: number, width: number, world: ActionWorld): void {
  const {scene, now} = world;
  const {build, image} = scene;
  if (!build) return;
  const widths = phaseWidths(phaseCells(build, now, usualPhases(build, image?.builds ?? [])), width - 3);
  let end = 1;
  const at = widths.findIndex((cells) => (end += cells + 1) > x);
  const phase = build.phases[at]?.name;
  if (phase) showPhase(phase, world);
}

/** Tabs stand side by side from the third cell on; names are as long as what they are called. */
function tabUnder({tabs, panel}: FrameSpot, x: number): PanelId {
  let from = 2;
  for (const tab of tabs) {
    const width = tabWidths[tab] + 2;
    if (x < from + width) return tab;
    from += width + 2;
  }
  return tabs.at(-1) ?? panel;
}

const tabWidths: Readonly<Record<PanelId, number>> = {
  images: 6,
  stacks: 17,
  build: 5,
  log: 3,
  history: 7,
  why: 3,
  guide: 5,
};

function drag({kind, x, y}: MouseReport, layout: Layout, {ui, tell}: ActionWorld): void {
  const {selection} = ui;
  const origin = selection && originOf(layout, selection.panel);
  if (!selection || !origin || selection.released) return;
  const to = {x: x - origin.x, y: y - origin.y};
  const moved = to.x !== selection.from.x || to.y !== selection.from.y;
  if (kind === 'drag') tell({kind: 'selection', selection: {...selection, to}});
  else if (moved) tell({kind: 'selection', selection: {...selection, to, released: true}});
  else tell({kind: 'selection'});
}

/** In a dialog the wheel scrolls, and nothing else happens: what can be chosen there is chosen with keys. */
function inOverlay({kind}: MouseReport, {ui, tell}: ActionWorld): void {
  if (kind !== 'wheel-up' && kind !== 'wheel-down') return;
  const {overlay} = ui;
  const step = kind === 'wheel-up' ? -1 : 1;
  if ('top' in overlay) tell({kind: 'overlay', overlay: {...overlay, top: Math.max(0, overlay.top + step)}});
  else if ('at' in overlay) tell({kind: 'overlay', overlay: {...overlay, at: Math.max(0, overlay.at + step)}});
}
