// A screen as text that a person can review: its rows, then which cells look how, then the digest of its picture.
import {createHash} from 'node:crypto';
import type {Cell} from '../../support/terminal.ts';
import {darkLook, terminalSvg} from '../../support/terminal-svg.ts';

type Cells = readonly (readonly Cell[])[];

/** `shared` are the rows of a screen that may show the same text; then it is not said twice. */
export function screenText(cells: Cells, name: string, shared?: Cells): string {
  const rows = rowsOf(cells);
  const text = shared && rowsOf(shared).join('\n') === rows.join('\n') ? ['the text as in colour'] : collapsed(rows);
  const svg = terminalSvg(cells, {...darkLook, title: `slipway ${name}`});
  return [...text, ...styles(cells), `svg ${createHash('sha256').update(svg).digest('hex').slice(0, 24)}`].join('\n');
}

function rowsOf(cells: Cells): readonly string[] {
  return cells.map((row) =>
    row
      .map(({text, width}) => (width === 0 ? '' : text === '' ? ' ' : text))
      .join('')
      .trimEnd(),
  );
}

/** Rows that are the same one after the other stand once, with how many more there are. */
function collapsed(rows: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (let at = 0; at < rows.length; ) {
    let to = at + 1;
    while (to < rows.length && rows[to] === rows[at]) to++;
    lines.push(rows[at] ?? '', ...(to - at > 1 ? [`  (${to - at - 1} more such rows)`] : []));
    at = to;
  }
  return lines;
}

/** A letter for each look, then for each row the columns that have it: `3 a1-7 b9-12`; plain cells are left out. */
function styles(cells: Cells): readonly string[] {
  const letters = new Map<string, string>();
  const letterOf = (look: string) => {
    const known = letters.get(look) ?? letterAt(letters.size);
    letters.set(look, known);
    return known;
  };
  const rows = cells.map((row) => runsOf(row, letterOf));
  const lines: string[] = [];
  for (let at = 0; at < rows.length; ) {
    let to = at + 1;
    while (to < rows.length && rows[to] === rows[at]) to++;
    if (rows[at] !== '') lines.push(`${at + 1}${to - at > 1 ? `..${to}` : ''} ${rows[at]}`);
    at = to;
  }
  return [...[...letters].map(([look, letter]) => `${letter} = ${look}`), ...lines];
}

function letterAt(at: number): string {
  return at < 26 ? String.fromCodePoint(97 + at) : `${letterAt(Math.floor(at / 26) - 1)}${letterAt(at % 26)}`;
}

function runsOf(row: readonly Cell[], letterOf: (look: string) => string): string {
  const runs: string[] = [];
  for (let at = 0; at < row.length; ) {
    const look = lookOf(row[at]);
    let to = at + 1;
    while (to < row.length && lookOf(row[to]) === look) to++;
    if (look !== '') runs.push(`${letterOf(look)}${at + 1}${to - at > 1 ? `-${to}` : ''}`);
    at = to;
  }
  return runs.join(' ');
}

function lookOf(cell: Cell | undefined): string {
  if (!cell) return '';
  const {color, background, bold, dim, inverse, underline, text} = cell;
  // What cannot be seen is no look: the colour of a space.
  const ink = text.trim() === '' && !inverse && !underline ? undefined : color;
  return [
    ink === undefined ? '' : String(ink),
    background === undefined ? '' : `on ${String(background)}`,
    bold && text.trim() !== '' ? 'bold' : '',
    dim && text.trim() !== '' ? 'dim' : '',
    inverse ? 'inverse' : '',
    underline ? 'underlined' : '',
  ]
    .filter(Boolean)
    .join(' ');
}
