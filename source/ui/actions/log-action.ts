// Actions in the log: follow, wrap, times, search, filter, folds, marks, and the jumps to matches, parts and the first error.
import type {PhaseName} from '../../domain/phase.ts';
import type {ActionId} from '../keymap/bindings.ts';
import {stepMatch} from '../log/line-list.ts';
import {type LogPart, partsAt, unfolded} from '../log/log-parts.ts';
import {endPlace, placeOf} from '../log/log-rows.ts';
import {filterText} from '../log/log-view.ts';
import {fieldWith} from '../primitives/text-field.ts';
import type {ActionWorld} from './action-world.ts';
import {problemText} from './change-client.ts';
import {copyLog, saveLog} from './take-log.ts';

/** Does it; false when the action is another kind. */
export function logAction(action: ActionId, world: ActionWorld): boolean {
  const {ui, log, tell} = world;
  switch (action) {
    case 'follow':
      tell({kind: 'log', view: ui.log.follow ? {follow: false, ...endPlace(log.space)} : {follow: true}});
      return true;
    case 'wrap':
      // The line at the top stays there; how many of its rows were scrolled off means nothing at another width.
      tell({kind: 'log', view: {wrap: !ui.log.wrap, skip: 0}});
      return true;
    case 'times':
      tell({kind: 'log', view: {times: !ui.log.times, skip: 0}});
      return true;
    case 'full-screen':
      tell({kind: 'zoom', on: !ui.zoomed});
      return true;
    case 'search':
      prepareSearch(world);
      tell({
        kind: 'overlay',
        overlay: {kind: 'search', field: fieldWith(ui.log.query), before: ui.log.query, regex: ui.log.regex},
      });
      return true;
    case 'filter-log':
      prepareSearch(world);
      openFilter(world);
      return true;
    case 'next-match':
    case 'previous-match':
      jumpToMatch(action === 'next-match' ? 1 : -1, world);
      return true;
    case 'next-phase':
    case 'previous-phase':
      stepPart(action === 'next-phase' ? 1 : -1, world);
      return true;
    case 'fold':
      fold(world);
      return true;
    case 'fold-all':
      foldAll(world);
      return true;
    case 'mark-line': {
      const line = currentLine(world);
      tell({kind: 'log', view: {mark: ui.log.mark === line ? undefined : line}});
      return true;
    }
    case 'first-error':
      void jumpToFailure(world);
      return true;
    case 'copy':
      if (ui.focus !== 'log') return false;
      void copyLog(currentLine(world), world);
      return true;
    case 'save-log':
      void saveLog(world);
      return true;
    default:
      return false;
  }
}

/** The line that keys mean: the one that was jumped to while it is seen, else the first on the screen. */
function currentLine({ui, log}: ActionWorld): number {
  const {hit} = ui.log;
  return hit !== undefined && log.entries().includes(log.outline.upTo(hit) ?? -1) ? hit : log.from;
}

/** The controller's search is ready by the time the pattern is typed. */
function prepareSearch({client, scene}: ActionWorld): void {
  if (!scene.build) return;
  // It only makes the first answer come sooner; what is wrong shows when something is searched.
  client.searchLog(scene.build, {pattern: ''}, 0, 1).catch(() => undefined);
}

function openFilter({ui, tell}: ActionWorld): void {
  const text = filterText(ui.log.filter);
  const {regex = false, context = 2} = ui.log.filter ?? {};
  tell({kind: 'overlay', overlay: {kind: 'search', field: fieldWith(text), before: text, regex, context}});
}

function jumpToMatch(by: 1 | -1, world: ActionWorld): void {
  const {ui, log, tell} = world;
  const {lines} = ui.log.query === '' ? log.filtered : log.matches;
  const hit = stepMatch(lines, ui.log.hit ?? log.from - by, by);
  const pattern = ui.log.query === '' ? (ui.log.filter?.pattern ?? '') : ui.log.query;
  if (hit === undefined) tell({kind: 'toast', toast: {text: `no line holds "${pattern}"`, role: 'warning'}});
  else goToLine(hit, Math.floor(log.space.height / 2), world);
}

/** Shows a line with so many rows above it, whatever is folded around it. */
export function goToLine(line: number, above: number, {ui, log, tell}: ActionWorld): void {
  const folds = unfolded(ui.log.folds, log.parts, line);
  const place = folds === ui.log.folds ? placeOf(log.space, line, above) : {top: Math.max(0, line - above), skip: 0};
  tell({kind: 'log', view: {hit: line, folds, follow: false, ...place}});
}

/** To the next or previous phase or buildpack; parts that lie in a folded one are passed over. */
function stepPart(by: 1 | -1, world: ActionWorld): void {
  const {log, tell} = world;
  const starts = log.parts.map(({from}) => from).filter((line) => log.outline.upTo(line) === line);
  const at = currentLine(world);
  const to = by === 1 ? starts.find((line) => line > at) : starts.findLast((line) => line < at);
  if (to === undefined)
    tell({kind: 'toast', toast: {text: `no ${by === 1 ? 'later' : 'earlier'} phase`, role: 'warning'}});
  else tell({kind: 'log', view: {hit: to, follow: false, ...placeOf(log.space, to, 0)}});
}

/** Shows where a phase begins, for who chooses it in the bar. False when the log holds nothing of it. */
export function showPhase(phase: PhaseName, {log, tell}: ActionWorld): boolean {
  const part = log.parts.findLast((one) => one.phase === phase && one.buildpack === undefined);
  if (!part) return false;
  tell({kind: 'focus', panel: 'log'});
  tell({kind: 'log', view: {hit: part.from, follow: false, ...placeOf(log.space, part.from, 0)}});
  return true;
}

/** Opens what is folded; else folds the smallest part that holds the line. */
function fold(world: ActionWorld): void {
  const {ui, log, tell} = world;
  const line = currentLine(world);
  const folded = log.outline.fold(log.outline.upTo(line) ?? line);
  const part = folded ?? partsAt(log.parts, line).at(-1);
  if (!part) return tell({kind: 'toast', toast: {text: 'there is nothing to fold', role: 'warning'}});
  const folds = {...ui.log.folds, [part.key]: !folded};
  const moved = folded || ui.log.follow ? {} : {top: Math.min(ui.log.top, part.from), skip: 0};
  tell({kind: 'log', view: {folds, ...moved, ...(ui.log.hit === undefined ? {} : {hit: part.from})}});
}

/** Opens everything when anything is folded, else folds every phase. */
function foldAll({ui, log, tell}: ActionWorld): void {
  const anyFolded = log.parts.some((part) => part.folded);
  const wanted = (part: LogPart) => !anyFolded && part.buildpack === undefined;
  const folds = Object.fromEntries(log.parts.map((part) => [part.key, wanted(part)]));
  const phase = partsAt(log.parts, log.from)[0];
  const moved = anyFolded || ui.log.follow || !phase ? {} : {top: phase.from, skip: 0};
  tell({kind: 'log', view: {folds, ...moved}});
}

async function jumpToFailure(world: ActionWorld): Promise<void> {
  const {log, tell} = world;
  try {
    const line = await log.failureLine();
    if (line !== undefined) goToLine(line, Math.floor(log.space.height / 2), world);
    else tell({kind: 'toast', toast: {text: 'the failure names no line of the log', role: 'warning'}});
  } catch (error) {
    tell({kind: 'toast', toast: {text: problemText(error), role: 'failed'}});
  }
}
