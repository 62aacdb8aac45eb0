// Tables and status blocks as kp prints them: columns of cells that end in a tab, four spaces apart (Go text/tabwriter).

const padding = 4;

/** Headers in capitals, one line a row, and an empty line at the end (kpack-cli `pkg/commands/table_writer.go`). */
export function table(headers: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [headers.map((header) => header.toUpperCase()), ...rows].map((cells) => cells.join('\t'));
  return `${alignTabs(lines).join('\n')}\n\n`;
}

export type StatusBlock = {
  readonly header?: string;
  /** An empty value is shown as `--`; a value may go on in further lines, which are aligned under it. */
  readonly rows: readonly (readonly [key: string, value: string])[];
};

/** Blocks of `Key:    value`, an empty line after each (kpack-cli `pkg/commands/status_writer.go`). */
export function statusBlocks(blocks: readonly StatusBlock[]): string {
  const lines = blocks.flatMap(({header, rows}) => [
    ...(header === undefined ? [] : [header]),
    ...rows.flatMap(([key, value]) => `${key}:\t${value === '' ? '--' : value}`.split('\n')),
    '',
  ]);
  return `${alignTabs(lines).join('\n')}\n`;
}

/** Aligns cells that end in a tab; a column is made of neighbouring lines that have it, the text after the last tab is free. */
export function alignTabs(lines: readonly string[]): readonly string[] {
  return alignColumn(
    lines.map((line) => line.split('\t')),
    [],
  );
}

function alignColumn(lines: readonly (readonly string[])[], widths: readonly number[]): readonly string[] {
  const column = widths.length;
  const result: string[] = [];
  for (let start = 0; start < lines.length; ) {
    const end = blockEnd(lines, start, column);
    if (end === start) {
      result.push(joinCells(lines[start] ?? [], widths));
      start += 1;
      continue;
    }
    const block = lines.slice(start, end);
    const width = Math.max(...block.map((cells) => textWidth(cells[column] ?? ''))) + padding;
    result.push(...alignColumn(block, [...widths, width]));
    start = end;
  }
  return result;
}

/** The first line from `start` on that has no tab-terminated cell in this column. */
function blockEnd(lines: readonly (readonly string[])[], start: number, column: number): number {
  let end = start;
  while (end < lines.length && (lines[end]?.length ?? 0) - 1 > column) end += 1;
  return end;
}

function joinCells(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, column) => cell + ' '.repeat((widths[column] ?? textWidth(cell)) - textWidth(cell))).join('');
}

/** Go counts characters, not columns. */
function textWidth(text: string): number {
  return Array.from(text).length;
}
