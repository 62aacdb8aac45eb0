// The images: what each is doing, the one under the cursor marked.
import {tableRow} from '../primitives/columns.ts';
import {fitText} from '../primitives/fit-text.ts';
import {headedWindow} from '../primitives/headed-window.ts';
import type {Role, Theme} from '../theme/theme.ts';
import {stateGlyph, stateRole} from '../view-models/counts.ts';
import type {ImageRow} from '../view-models/image-rows.ts';
import type {PhaseRecord} from '../../domain/phase.ts';
import type {ImageColumn, ImageSort} from '../ui-state/ui-state.ts';
import {imageHeadings, type ImageTable, imageTable} from './image-table.ts';
import {PanelFrame, type PanelProps} from './panel-frame.tsx';

export type ImagesPanelProps = PanelProps & {
  readonly rows: readonly ImageRow[];
  readonly at: number;
  /** How many images there are without the filter. */
  readonly all: number;
  readonly filter: string;
  readonly marks: readonly string[];
  readonly sort: ImageSort;
  readonly column: ImageColumn;
};

/** The list of images, or what to do when there is none. */
export function ImagesPanel(props: ImagesPanelProps) {
  const {at, all, filter, marks, spot, focused, selected, theme} = props;
  const rows = shownImages(props.rows, spot.width);
  const height = Math.max(0, spot.height - 2);
  const width = Math.max(0, spot.width - 2);
  const window = headedWindow(rows.length, at, height);
  const table = imageTable(rows, width);
  const painted = rows.slice(window.from, window.to).map((row, offset) => {
    const chosen = window.from + offset === at;
    return imageRowText(row, {chosen, focused, marked: marks.includes(row.key), theme, table, width});
  });
  const headed = window.head > 0 ? [imageHeadings(table, props), ...painted] : painted;
  return (
    <PanelFrame
      spot={spot}
      focused={focused}
      selected={selected}
      theme={theme}
      note={noteText(props, window.head > 0)}
      foot={rows.length > height - window.head ? theme.paint('faint', `${at + 1}/${rows.length}`) : ''}
      rows={painted.length > 0 ? headed : emptyRows(all, filter, width, theme)}
      scroll={{count: rows.length, from: window.from}}
    />
  );
}

/** The rows as a panel of this width shows them: a narrow one leaves the time left out. */
export function shownImages(rows: readonly ImageRow[], width: number): readonly ImageRow[] {
  return width < 50 ? rows : rows.map((row) => (row.left === '' ? row : {...row, tail: row.tail + row.left}));
}

/** What is unusual about the list: marks, an order that no heading shows, a filter. */
function noteText({rows, all, filter, marks, sort, column, theme}: ImagesPanelProps, headed: boolean): string {
  const {paint, glyphs} = theme;
  const order = `${sort.column} ${sort.descending ? glyphs.down : glyphs.up}`;
  const chosen = column === sort.column ? '' : ` O ${column}`;
  const usual = headed || (sort.column === 'name' && !sort.descending && chosen === '');
  return [
    marks.length > 0 ? paint('accent', `${marks.length} marked`) : '',
    usual ? '' : paint('dim', `${order}${chosen}`),
    filter === '' ? '' : paint('warning', `/${filter} ${rows.length} of ${all}`),
  ]
    .filter(Boolean)
    .join('  ');
}

type RowLook = {
  readonly chosen: boolean;
  readonly marked: boolean;
  readonly focused: boolean;
  readonly theme: Theme;
  readonly table: ImageTable;
  readonly width: number;
};

function imageRowText(row: ImageRow, {chosen, marked, focused, theme, table, width}: RowLook): string {
  const {paint, glyphs} = theme;
  const role = stateRole(row.state);
  const cursor = marked
    ? paint('accent', glyphs.marked)
    : chosen
      ? paint(focused ? 'accent' : 'faint', glyphs.cursor)
      : ' ';
  const glyph = paint(role, stateGlyph(row.state, glyphs));
  const as = (which: Role) => (text: string) => paint(which, text);
  const tail = row.phases.length > 0 ? `${pips(row.phases, theme)} ${paint('running', row.tail)}` : row.tail;
  const text = tableRow(
    [
      {text: row.label, paint: as(chosen && focused ? 'strong' : row.state === 'held' ? 'dim' : 'text')},
      {text: row.stack, paint: as('faint')},
      {text: row.build, paint: as('dim')},
      {text: row.reason, paint: as('reason')},
      {text: tail, paint: row.phases.length > 0 ? (one) => one : as(tailRole(row))},
    ],
    table.columns,
    table.widths,
  );
  const line = fitText(`${cursor}${glyph} ${text}`, width);
  return chosen ? paint(focused ? 'selected' : 'selected-away', line) : line;
}

function tailRole({state}: ImageRow): Role {
  return state === 'ready' ? 'faint' : stateRole(state);
}

/** A phase a glyph: which of them are done is told without words. */
export function pips(phases: readonly PhaseRecord[], {paint, glyphs}: Theme): string {
  return phases
    .map(({state}) => {
      switch (state) {
        case 'succeeded':
          return paint('ready', glyphs.done);
        case 'running':
          return paint('running', glyphs.running);
        case 'failed':
          return paint('failed', glyphs.failed);
        case 'skipped':
          return paint('faint', glyphs.skipped);
        case 'cancelled':
          return paint('held', glyphs.cancelled);
        case 'pending':
          return paint('faint', glyphs.pending);
        default:
          return state satisfies never;
      }
    })
    .join('');
}

function emptyRows(all: number, filter: string, width: number, theme: Theme): readonly string[] {
  const {paint} = theme;
  if (all > 0)
    return ['', ` ${paint('dim', `no image matches "${filter}"`)}`, ` ${paint('faint', 'Esc clears the filter')}`];
  const words = [
    paint('strong', 'No images yet'),
    '',
    paint('dim', 'Make the first one from a directory:'),
    paint('accent', '  slipway image create hello \\'),
    paint('accent', '    --tag hello --local-path .'),
    '',
    paint('dim', 'or see it all at work:'),
    paint('accent', '  slipway demo'),
  ];
  return ['', ...words.map((text) => fitText(`  ${text}`, width))];
}
