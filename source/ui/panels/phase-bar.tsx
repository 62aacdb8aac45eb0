// The phases of a build as three rows: names with their glyphs, a bar, and the time each took.
import Spinner from 'ink-spinner';
import {Transform} from 'ink';
import type {PhaseName} from '../../domain/phase.ts';
import {cutText, fitText} from '../primitives/fit-text.ts';
import type {RowContent} from '../primitives/row.tsx';
import type {Role, Theme} from '../theme/theme.ts';
import type {PhaseCell, PhaseLook} from '../view-models/phase-bar.ts';

/** Three rows of at most `width` cells. `still` draws the running phase without motion. */
export function phaseBarRows(
  cells: readonly PhaseCell[],
  width: number,
  theme: Theme,
  still: boolean,
): readonly RowContent[] {
  if (cells.length === 0) return [];
  const widths = phaseWidths(cells, width);
  const of = (at: number) => widths[at] ?? 0;
  const names = cells.map((one, at) => nameText(one, of(at), theme));
  const bars = cells.map((one, at) => barText(one, of(at), theme));
  const under = cells.map((one, at) => {
    return fitText(theme.paint(underRole(one.look), underText(one.under, of(at))), of(at));
  });
  const running = cells.findIndex((one) => one.look === 'running');
  const join = (texts: readonly string[]) => ` ${texts.join(' ')}`;
  const last = running < 0 || still ? join(under) : movingRow(cells[running], under, running, of(running), theme);
  return [join(names), join(bars), last];
}

/** The cells of each phase: as long as it usually takes, with room for its name; evenly when that is not known. */
export function phaseWidths(cells: readonly PhaseCell[], width: number): readonly number[] {
  const room = Math.max(0, width - 1 - (cells.length - 1));
  const even = evenWidths(cells.length, room);
  const usual = cells.map((cell) => cell.usual ?? 0);
  const whole = usual.reduce((sum, one) => sum + one, 0);
  if (whole === 0) return even;
  const least = cells.map(({name}) => name.length + 2);
  const spare = Math.min(room, cells.length * 22) - least.reduce((sum, one) => sum + one, 0);
  if (spare <= 0) return even;
  const shares = usual.map((one) => Math.floor((one / whole) * spare));
  const lost = spare - shares.reduce((sum, one) => sum + one, 0);
  const longest = usual.indexOf(Math.max(...usual));
  return least.map((one, at) => one + (shares[at] ?? 0) + (at === longest ? lost : 0));
}

/** The whole width shared out evenly; cells of a short run are not stretched for ever. */
function evenWidths(count: number, room: number): readonly number[] {
  const base = Math.min(22, Math.floor(room / Math.max(1, count)));
  const spare = base === 22 ? 0 : room - base * count;
  return Array.from({length: count}, (_, at) => base + (at < spare ? 1 : 0));
}

const spinnerWidth = 3;

/** The elapsed time of the running phase with three moving dots behind it. */
function movingRow(
  phase: PhaseCell | undefined,
  under: readonly string[],
  running: number,
  cell: number,
  theme: Theme,
): RowContent {
  const time = cutText(phase?.under ?? '', Math.max(0, cell - spinnerWidth - 1));
  const rest = Math.max(0, cell - time.length - 1 - spinnerWidth);
  const before = under.slice(0, running).map((text) => `${text} `);
  const after = under.slice(running + 1).map((text) => ` ${text}`);
  return {
    before: ` ${before.join('')}${theme.paint('running', `${time} `)}`,
    live: (
      <Transform transform={(text) => theme.paint('running', text)}>
        <Spinner type="simpleDots" />
      </Transform>
    ),
    liveWidth: spinnerWidth,
    after: ' '.repeat(rest) + after.join(''),
  };
}

function nameText({name, look}: PhaseCell, width: number, theme: Theme): string {
  const {paint} = theme;
  const glyph = paint(lookRole(look), lookGlyph(look, theme));
  const word = width >= name.length + 2 ? name : shortNames[name];
  const role = look === 'running' ? 'strong' : look === 'failed' ? 'failed' : look === 'pending' ? 'faint' : 'text';
  return fitText(`${glyph} ${paint(role, word)}`, width);
}

const shortNames: Readonly<Record<PhaseName, string>> = {
  prepare: 'prep',
  detect: 'det',
  analyze: 'ana',
  restore: 'rest',
  build: 'bld',
  export: 'exp',
  rebase: 'reb',
};

function barText({look, done}: PhaseCell, width: number, {paint, glyphs}: Theme): string {
  if (look === 'pending' || look === 'skipped') return paint('border', glyphs.barPending.repeat(width));
  if (look !== 'running') return paint(lookRole(look), glyphs.barDone.repeat(width));
  const filled = done === undefined ? 0 : Math.round(done * width);
  return paint('running', glyphs.barDone.repeat(filled) + glyphs.barRunning.repeat(width - filled));
}

/** `0.9s cached` where it fits, else the last word alone. */
function underText(under: string, width: number): string {
  return under.length <= width ? under : cutText(under.split(' ').at(-1) ?? '', width);
}

function underRole(look: PhaseLook): Role {
  return look === 'running' || look === 'failed' ? lookRole(look) : 'faint';
}

/** The colour of a phase by its state. */
export function lookRole(look: PhaseLook): Role {
  switch (look) {
    case 'succeeded':
    case 'cached':
      return 'ready';
    case 'running':
      return 'running';
    case 'failed':
      return 'failed';
    case 'cancelled':
      return 'held';
    case 'skipped':
    case 'pending':
      return 'faint';
    default:
      return look satisfies never;
  }
}

/** The glyph of a phase by its state: told apart without colour. */
export function lookGlyph(look: PhaseLook, {glyphs}: Theme): string {
  switch (look) {
    case 'succeeded':
      return glyphs.ready;
    case 'cached':
    case 'running':
    case 'failed':
    case 'cancelled':
    case 'skipped':
    case 'pending':
      return glyphs[look];
    default:
      return look satisfies never;
  }
}
