// A patch on its way through the fleet: a bar of what is done and what remains, and each image with its state.
import {patchIsOpen} from '../../domain/patch.ts';
import {columnWidths, type Column, tableRow} from '../primitives/columns.ts';
import {cutText, fitText, textWidth} from '../primitives/fit-text.ts';
import type {Role, Theme} from '../theme/theme.ts';
import {tookText} from '../view-models/durations.ts';
import {type Fleet, type FleetRow, outcomeWords} from '../view-models/fleet-rows.ts';
import {patchTargetText} from '../view-models/patch-target-text.ts';
import {pips} from './images-panel.tsx';
import {shortDigest} from '../view-models/names.ts';
import type {OverlayContent, OverlaySize} from './overlay-content.ts';

export function fleetContent(fleet: Fleet, top: number, size: OverlaySize, theme: Theme): OverlayContent {
  const {paint} = theme;
  const {patch, rows} = fleet;
  const {width} = size;
  const inner = width - 4;
  const room = Math.max(1, size.height - 9);
  const from = Math.max(0, Math.min(top, rows.length - room));
  const columns = columnsOf(rows);
  const widths = columnWidths(columns, inner - 2);
  const head = `  ${paint('faint', tableRow(headings, columns, widths))}`;
  const open = patchIsOpen(patch);
  return {
    title: `${patch.id} ${theme.glyphs.dot} ${patchTargetText(patch.target)}`,
    foot: open ? 'P pauses, x leaves out what waits, z rolls back, Esc closes' : 'z rolls back, Esc closes',
    width,
    lines: [
      '',
      `  ${cutText(changeText(fleet, theme), inner)}`,
      '',
      `  ${barText(fleet, inner, theme)}`,
      `  ${cutText(countsText(fleet, theme), inner)}`,
      '',
      head,
      ...rows.slice(from, from + room).map((row) => `  ${rowText(row, columns, widths, theme)}`),
      ...(patch.note ? ['', `  ${paint('warning', patch.note)}`] : []),
      '',
    ],
    scroll: {count: rows.length, from},
  };
}

function changeText({patch}: Fleet, {paint, glyphs}: Theme): string {
  const {old, new: next} = patch.target;
  const back = patch.rollbackOf === undefined ? '' : paint('dim', `takes back patch ${patch.rollbackOf}: `);
  return `${back}${paint('removed', shortDigest(old))} ${paint('dim', glyphs.arrow)} ${paint('added', shortDigest(next))}`;
}

/** One cell a share of the fleet: done, failed, running, waiting, each with a stroke of its own. */
function barText({counts, acting}: Fleet, width: number, {paint, glyphs}: Theme): string {
  if (acting === 0) return paint('border', glyphs.barPending.repeat(width));
  let [ended, drawn] = [0, 0];
  /** Up to the cell where so many members end: what was rounded away in one part is in the next. */
  const cells = (count: number): number => {
    ended += count;
    const upTo = Math.min(width, Math.round((ended / acting) * width));
    const own = Math.max(0, upTo - drawn);
    drawn += own;
    return own;
  };
  return [
    paint('ready', glyphs.barDone.repeat(cells(counts.done))),
    paint('failed', glyphs.failed.repeat(cells(counts.failed))),
    paint('held', glyphs.cancelled.repeat(cells(counts.cancelled))),
    paint('running', glyphs.barRunning.repeat(cells(counts.running))),
    paint('border', glyphs.barPending.repeat(width - drawn)),
  ].join('');
}

function countsText(fleet: Fleet, {paint, glyphs}: Theme): string {
  const {counts, patch, left, acting, ended} = fleet;
  const shown = (['done', 'running', 'waiting', 'failed', 'held', 'cancelled', 'left-alone', 'gone'] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => `${paint(roles[state], String(counts[state]))} ${paint('dim', outcomeWords[state])}`);
  const open = patchIsOpen(patch);
  const wave = patch.waves > 1 ? ` ${glyphs.dot} wave ${patch.openWave} of ${patch.waves}` : '';
  const time = left === undefined ? '' : ` ${glyphs.dot} about ${tookText(left)} left`;
  const took = patch.closedAt === undefined ? '' : ` in ${tookText(patch.closedAt - patch.openedAt)}`;
  const word = open ? `${patch.state}, ${ended} of ${acting}${wave}${time}` : `${patch.state}${took}`;
  const role: Role = patch.state === 'succeeded' ? 'ready' : patch.state === 'running' ? 'running' : 'warning';
  return `${paint(role, word)}   ${shown.join('  ')}`;
}

const headings = ['', 'IMAGE', 'PLAN', 'WAVE', 'STATE', 'BEFORE', 'AFTER', 'TOOK', ''].map((text) => ({text}));

function columnsOf(rows: readonly FleetRow[]): readonly Column[] {
  const waves = rows.some(({wave}) => Number(wave) > 1);
  return [
    {width: 1},
    {width: Math.min(30, Math.max(5, ...rows.map(({name}) => name.length)))},
    {width: 7, drop: 1},
    {width: waves ? 4 : 0, align: 'right'},
    {width: 10},
    {width: 8, drop: 2},
    {width: 8, drop: 2},
    {width: Math.max(4, ...rows.map(({took}) => took.length)), align: 'right'},
    {width: 6, flex: true},
  ];
}

function rowText(row: FleetRow, columns: readonly Column[], widths: readonly number[], theme: Theme): string {
  const {paint} = theme;
  const as = (role: Role) => (text: string) => paint(role, text);
  const role = roles[row.state];
  const last = row.phases.length > 0 ? pips(row.phases, theme) : row.message;
  const text = tableRow(
    [
      {text: glyphOf(row.state, theme), paint: as(role)},
      {text: row.name, paint: as(row.state === 'left-alone' ? 'dim' : 'text')},
      {text: planWords[row.planned], paint: as('dim')},
      {text: row.wave, paint: as('dim')},
      {text: outcomeWords[row.state], paint: as(role)},
      {text: row.old, paint: as('faint')},
      {text: row.new, paint: as('dim')},
      {text: row.took, paint: as(row.state === 'running' ? 'running' : 'faint')},
      {text: last, paint: row.phases.length > 0 ? (one) => one : as(row.state === 'failed' ? 'failed' : 'faint')},
    ],
    columns,
    widths,
  );
  return fitText(text, Math.max(textWidth(text), 1));
}

const planWords: Readonly<Record<FleetRow['planned'], string>> = {
  rebase: 'rebase',
  build: 'build',
  none: '',
  held: 'held',
};

const roles: Readonly<Record<FleetRow['state'], Role>> = {
  done: 'ready',
  running: 'running',
  waiting: 'queued',
  failed: 'failed',
  held: 'held',
  cancelled: 'held',
  'left-alone': 'faint',
  gone: 'faint',
};

function glyphOf(state: FleetRow['state'], {glyphs}: Theme): string {
  switch (state) {
    case 'done':
      return glyphs.ready;
    case 'running':
    case 'failed':
    case 'held':
    case 'cancelled':
      return glyphs[state];
    case 'waiting':
      return glyphs.queued;
    case 'left-alone':
      return glyphs.dot;
    case 'gone':
      return glyphs.skipped;
    default:
      return state satisfies never;
  }
}
