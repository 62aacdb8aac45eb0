// Draws a terminal's screen as SVG, a cell at a time: real colours, lines that join, nothing that depends on the machine.
import type {Cell} from './terminal.ts';

export type SvgLook = {
  readonly background: string;
  readonly foreground: string;
  /** The bar above the screen, with its title. */
  readonly title: string;
};

export const darkLook = {background: '#0d1117', foreground: '#d1d7e0'};
export const lightLook = {background: '#ffffff', foreground: '#1f2328'};

const cellWidth = 9;
const cellHeight = 19;
const fontSize = 14.95;
const margin = 14;
const barHeight = 30;

/** An SVG document of the screen in a window's frame. */
export function terminalSvg(cells: readonly (readonly Cell[])[], look: SvgLook): string {
  const columns = Math.max(0, ...cells.map((row) => row.length));
  const width = columns * cellWidth + 2 * margin;
  const height = cells.length * cellHeight + barHeight + 2 * margin - 6;
  const body = cells.flatMap((row, y) => rowParts(row, barHeight + margin - 6 + y * cellHeight, look));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" xml:space="preserve">`,
    `<style>text{font-family:"DejaVu Sans Mono","DejaVu Sans",monospace;font-size:${fontSize}px;white-space:pre}.b{font-weight:bold}</style>`,
    `<rect width="${width}" height="${height}" rx="9" fill="${look.background}"/>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8.5" fill="none" stroke="${mixed(look, 0.2)}"/>`,
    ...['#f47067', '#daaa3f', '#57ab5a'].map(
      (color, at) => `<circle cx="${20 + at * 19}" cy="17" r="5.5" fill="${color}"/>`,
    ),
    `<text x="${width / 2}" y="22" text-anchor="middle" fill="${mixed(look, 0.6)}" style="font-size:12px">${escaped(look.title)}</text>`,
    ...body,
    '</svg>',
    '',
  ].join('\n');
}

type Look = {readonly color: string; readonly background: string | undefined; readonly bold: boolean};

function rowParts(row: readonly Cell[], top: number, look: SvgLook): readonly string[] {
  const backgrounds: string[] = [];
  const texts: string[] = [];
  for (let x = 0; x < row.length; ) {
    const cell = row[x];
    if (!cell) break;
    const painted = lookOf(cell, look);
    let to = x + 1;
    while (to < row.length && sameLook(painted, row[to], look)) to++;
    if (painted.background) {
      backgrounds.push(rect(x, to - x, top, painted.background));
    }
    texts.push(...textParts(row.slice(x, to), x, top, painted));
    x = to;
  }
  return [...backgrounds, ...texts];
}

function textParts(cells: readonly Cell[], from: number, top: number, look: Look): readonly string[] {
  const parts: string[] = [];
  let run = '';
  let start = from;
  const flush = () => {
    const text = run.trimEnd();
    if (text.trim() !== '') {
      const lead = text.length - text.trimStart().length;
      parts.push(word(text.trimStart(), start + lead, top, look));
    }
    run = '';
  };
  cells.forEach((cell, offset) => {
    const x = from + offset;
    const line = strokes(cell.text, x, top, look.color);
    if (/^[\u0020-\u007E]?$/.test(cell.text) && line === undefined) {
      if (run === '') start = x;
      run += cell.text === '' ? ' ' : cell.text;
      return;
    }
    flush();
    parts.push(line ?? word(cell.text, x, top, look));
  });
  flush();
  return parts;
}

function word(text: string, x: number, top: number, look: Look): string {
  const bold = look.bold ? ' class="b"' : '';
  const length = text.length > 1 ? ` textLength="${text.length * cellWidth}" lengthAdjust="spacing"` : '';
  return `<text x="${margin + x * cellWidth}" y="${top + 14.5}" fill="${look.color}"${bold}${length}>${escaped(text)}</text>`;
}

function rect(x: number, count: number, top: number, color: string): string {
  return `<rect x="${margin + x * cellWidth}" y="${top}" width="${count * cellWidth}" height="${cellHeight}" fill="${color}"/>`;
}

/** Lines and corners as strokes, so that they meet across cells whatever the font. */
function strokes(text: string, x: number, top: number, color: string): string | undefined {
  const [left, right, bottom] = [margin + x * cellWidth, margin + (x + 1) * cellWidth, top + cellHeight];
  const [cx, cy] = [(left + right) / 2, top + cellHeight / 2];
  const path = (d: string, width: number, dash = '') =>
    `<path d="${d}" fill="none" stroke="${color}" stroke-width="${width}"${dash}/>`;
  switch (text) {
    case '─':
      return path(`M${left} ${cy}H${right}`, 1.2);
    case '━':
      return path(`M${left} ${cy}H${right}`, 3);
    case '╍':
      return path(`M${left + 1} ${cy}H${cx - 1}M${cx + 1} ${cy}H${right - 1}`, 3);
    case '│':
      return path(`M${cx} ${top}V${bottom}`, 1.2);
    case '┃':
      return path(`M${cx} ${top}V${bottom}`, 3);
    case '╭':
      return path(`M${cx} ${bottom}V${cy + 4}Q${cx} ${cy} ${cx + 4} ${cy}H${right}`, 1.2);
    case '╮':
      return path(`M${left} ${cy}H${cx - 4}Q${cx} ${cy} ${cx} ${cy + 4}V${bottom}`, 1.2);
    case '╰':
      return path(`M${cx} ${top}V${cy - 4}Q${cx} ${cy} ${cx + 4} ${cy}H${right}`, 1.2);
    case '╯':
      return path(`M${left} ${cy}H${cx - 4}Q${cx} ${cy} ${cx} ${cy - 4}V${top}`, 1.2);
    case '▌':
      return `<rect x="${left}" y="${top}" width="${cellWidth / 2 - 1}" height="${cellHeight}" fill="${color}"/>`;
    default:
      return undefined;
  }
}

function lookOf(cell: Cell, look: SvgLook): Look {
  const color = paletteColor(cell.color) ?? look.foreground;
  const background = paletteColor(cell.background);
  const front = cell.inverse ? (background ?? look.background) : color;
  const back = cell.inverse ? color : background;
  return {color: cell.dim ? blend(front, look.background, 0.55) : front, background: back, bold: cell.bold};
}

function sameLook(one: Look, cell: Cell | undefined, look: SvgLook): boolean {
  if (!cell) return false;
  const other = lookOf(cell, look);
  return one.color === other.color && one.background === other.background && one.bold === other.bold;
}

function paletteColor(color: string | number | undefined): string | undefined {
  if (typeof color !== 'number') return color;
  if (color < 16) return sixteen[color];
  if (color >= 232) return hexOf([8 + (color - 232) * 10, 8 + (color - 232) * 10, 8 + (color - 232) * 10]);
  const cube = color - 16;
  const step = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  return hexOf([step(Math.floor(cube / 36)), step(Math.floor(cube / 6) % 6), step(cube % 6)]);
}

const sixteen = [
  '#161b22',
  '#f47067',
  '#57ab5a',
  '#c69026',
  '#539bf5',
  '#b083f0',
  '#39c5cf',
  '#909dab',
  '#636e7b',
  '#ff938a',
  '#6bc46d',
  '#daaa3f',
  '#6cb6ff',
  '#dcbdfb',
  '#56d4dd',
  '#cdd9e5',
]; // prettier-ignore

function mixed({foreground, background}: SvgLook, share: number): string {
  return blend(foreground, background, share);
}

function blend(front: string, back: string, share: number): string {
  const [a, b] = [channels(front), channels(back)];
  return hexOf(a.map((value, at) => Math.round(value * share + (b[at] ?? 0) * (1 - share))));
}

function channels(color: string): readonly number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

function hexOf(values: readonly number[]): string {
  return `#${values.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
