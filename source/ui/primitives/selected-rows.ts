// What the mouse went over: the text of the cells, and the rows with them marked. Selections go from row to row as text does.
import stripAnsi from 'strip-ansi';
import {fitText, sliceCells, textWidth} from './fit-text.ts';

export type Cells = {
  readonly from: {readonly x: number; readonly y: number};
  readonly to: {readonly x: number; readonly y: number};
};

/** The selected cells as text, without spaces at the ends of rows. */
export function selectedText(rows: readonly string[], cells: Cells, width: number): string {
  return rows
    .map((row, y) => ({row, range: rangeOf(y, cells, width)}))
    .flatMap(({row, range}) =>
      range ? [stripAnsi(sliceCells(fitText(row, width), range.from, range.to)).trimEnd()] : [],
    )
    .join('\n');
}

/** The rows, the selected cells marked by `mark`. */
export function markSelected(
  rows: readonly string[],
  cells: Cells,
  width: number,
  mark: (text: string) => string,
): readonly string[] {
  const padded = [...rows, ...Array.from({length: Math.max(0, last(cells) + 1 - rows.length)}, () => '')];
  return padded.map((row, y) => {
    const range = rangeOf(y, cells, width);
    if (!range) return row;
    const full = fitText(row, width);
    const inside = stripAnsi(sliceCells(full, range.from, range.to));
    return sliceCells(full, 0, range.from) + mark(inside) + sliceCells(full, range.to, textWidth(full));
  });
}

function last({from, to}: Cells): number {
  return Math.max(from.y, to.y);
}

function rangeOf(y: number, {from, to}: Cells, width: number): {from: number; to: number} | undefined {
  const [first, second] = from.y < to.y || (from.y === to.y && from.x <= to.x) ? [from, to] : [to, from];
  if (y < first.y || y > second.y) return undefined;
  const start = y === first.y ? first.x : 0;
  const end = y === second.y ? second.x + 1 : width;
  const within = (x: number) => Math.max(0, Math.min(width, x));
  return within(start) < within(end) ? {from: within(start), to: within(end)} : undefined;
}
