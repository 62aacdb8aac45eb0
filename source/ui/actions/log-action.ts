// Actions in the log: follow, wrap, times, search, and the jumps to matches, phases and the first error.
import type {ActionId} from '../keymap/bindings.ts';
import {stepMatch} from '../log/log-search.ts';
import {fieldWith} from '../primitives/text-field.ts';
import type {ActionWorld} from './action-world.ts';

/** Does it; false when the action is another kind. */
export function logAction(action: ActionId, world: ActionWorld): boolean {
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
