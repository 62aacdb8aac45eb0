// The columns of the list of images: how wide each is, what stands above it, and which one a click on a heading means.
import {columnWidths, type Column, tableRow} from '../primitives/columns.ts';
import type {Theme} from '../theme/theme.ts';
import type {ImageColumn, ImageSort} from '../ui-state/ui-state.ts';
import type {ImageRow} from '../view-models/image-rows.ts';

export type ImageTable = {readonly columns: readonly Column[]; readonly widths: readonly number[]};

/** Cells before the first column: the cursor, the state's glyph, a space. */
const before = 3;

/** The table of a panel whose content is `width` cells wide. */
export function imageTable(rows: readonly ImageRow[], width: number): ImageTable {
  const columns = columnsOf(rows, width);
  return {columns, widths: columnWidths(columns, width - before)};
}

/** The row above the images; the column they are sorted by has an arrow, the one that `O` would sort by stands out. */
export function imageHeadings({columns, widths}: ImageTable, look: HeadingLook): string {
  const {sort, column, theme} = look;
  const {paint, glyphs} = theme;
  const cells = headings.map(({text, sorts}) => {
    const sorted = sorts.includes(sort.column);
    const stands = sorts.includes(column) && column !== sort.column;
    // State and time share a column: it is called what it is, or is to be, sorted by.
    const name = sorts.includes('time') && (stands ? column : sort.column) === 'time' ? 'TIME' : text;
    return {
      text: sorted ? name + (sort.descending ? glyphs.down : glyphs.up) : name,
      paint: (one: string) => paint(stands ? 'strong' : 'faint', one),
    };
  });
  return ' '.repeat(before) + tableRow(cells, columns, borrowed(cells, columns, widths));
}

/** A heading wider than its right-aligned column takes cells from the column before, whose own heading leaves them. */
function borrowed(
  cells: readonly {readonly text: string}[],
  columns: readonly Column[],
  widths: readonly number[],
): readonly number[] {
  const own = [...widths];
  for (const [at, {text}] of cells.entries()) {
    const from = own.findLastIndex((width, index) => index < at && width > 0);
    const missing = text.length - (own[at] ?? 0);
    if ((own[at] ?? 0) === 0 || from < 0 || missing <= 0 || columns[at]?.align !== 'right') continue;
    own[at] = text.length;
    own[from] = Math.max(1, (own[from] ?? 0) - missing);
  }
  return own;
}

type HeadingLook = {readonly sort: ImageSort; readonly column: ImageColumn; readonly theme: Theme};

/** The column under a cell of the headings; 0-based in the panel's content. */
export function imageColumnAt({widths}: ImageTable, x: number): ImageColumn | undefined {
  let end = before;
  const at = widths.findIndex((width) => (end += width === 0 ? 0 : width + 1) > x);
  return headings[at]?.sorts[0];
}

/** Columns as wide as what stands in them; the name has the rest. The stack is there where it costs no name a letter. */
function columnsOf(rows: readonly ImageRow[], width: number): readonly Column[] {
  const widest = (texts: readonly string[]) => Math.max(0, ...texts.map((text) => text.length));
  const tails = rows.map(({tail, phases}) => (phases.length > 0 ? phases.length + 1 + tail.length : tail.length));
  const least = Math.max(2, widest(rows.map((row) => row.build)));
  const reason = Math.max(7, widest(rows.map((row) => row.reason)));
  const tail = Math.max(6, ...tails);
  const stack = Math.min(20, Math.max(5, widest(rows.map((row) => row.stack))));
  const spare = width - before - 6 - reason - tail - 4 - Math.min(40, widest(rows.map(({label}) => label)));
  const roomy = spare >= stack;
  return [
    {width: 8, flex: true},
    {width: roomy ? stack : 0},
    {width: roomy ? Math.max(6, least) : least, align: 'right', drop: 1},
    {width: reason, drop: 2},
    {width: tail, align: 'right'},
  ];
}

const headings: readonly {readonly text: string; readonly sorts: readonly ImageColumn[]}[] = [
  {text: 'IMAGE', sorts: ['name']},
  {text: 'STACK', sorts: []},
  {text: 'BUILD', sorts: ['build']},
  {text: 'REASON', sorts: ['reason']},
  {text: 'STATE', sorts: ['state', 'time']},
];
