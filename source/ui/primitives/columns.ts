// Lays the cells of a table side by side: fixed columns keep their width, flexible ones share what is left.
import {type Align, fitText} from './fit-text.ts';

export type Column = {
  /** Cells wide; a flexible column has at least this much. */
  readonly width: number;
  readonly flex?: boolean;
  readonly align?: Align;
  /** A column that may vanish when there is no room: the highest number goes first. */
  readonly drop?: number;
};

/** The widths of the columns within `width` cells, with `gap` cells between two; a dropped column has width 0. */
export function columnWidths(columns: readonly Column[], width: number, gap = 1): readonly number[] {
  const kept = columns.map((column) => column.flex === true || column.width > 0);
  const needed = () => {
    const widths = columns.filter((_, at) => kept[at]).map((column) => column.width);
    return widths.reduce((sum, one) => sum + one, 0) + gap * Math.max(0, widths.length - 1);
  };
  const droppable = columns
    .map((column, at) => ({at, drop: column.drop ?? 0}))
    .filter(({drop}) => drop > 0)
    .toSorted((a, b) => b.drop - a.drop);
  for (const {at} of droppable) {
    if (needed() <= width) break;
    kept[at] = false;
  }
  const flexible = columns.filter((column, at) => kept[at] && column.flex).length;
  let spare = Math.max(0, width - needed());
  let left = flexible;
  return columns.map((column, at) => {
    if (!kept[at]) return 0;
    if (!column.flex) return column.width;
    const share = Math.floor(spare / left--);
    spare -= share;
    return column.width + share;
  });
}

export type TableCell = {readonly text: string; readonly paint?: (text: string) => string};

/** One row of the table: every cell cut or padded to its column's width, then painted. */
export function tableRow(
  cells: readonly TableCell[],
  columns: readonly Column[],
  widths: readonly number[],
  gap = 1,
): string {
  return cells
    .map((cell, at) => {
      const width = widths[at] ?? 0;
      if (width === 0) return undefined;
      const text = fitText(cell.text, width, columns[at]?.align);
      return cell.paint ? cell.paint(text) : text;
    })
    .filter((text) => text !== undefined)
    .join(' '.repeat(gap));
}
