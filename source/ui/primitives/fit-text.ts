// Cuts and pads text to an exact number of terminal cells, whatever it is made of: escapes, CJK, emoji, combining marks.
import sliceAnsi from 'slice-ansi';
import stringWidth from 'string-width';

export type Align = 'left' | 'right' | 'center';

/** `text` as exactly `width` cells: cut with an ellipsis when longer, padded with spaces when shorter. */
export function fitText(text: string, width: number, align: Align = 'left', ellipsis = '…'): string {
  if (width <= 0) return '';
  const cells = textWidth(text);
  const cut = cells <= width ? text : cutText(text, width, ellipsis);
  const space = width - (cells <= width ? cells : textWidth(cut));
  if (space <= 0) return cut;
  if (align === 'right') return ' '.repeat(space) + cut;
  if (align === 'left') return cut + ' '.repeat(space);
  const before = Math.floor(space / 2);
  return ' '.repeat(before) + cut + ' '.repeat(space - before);
}

/** `text` in at most `width` cells, with an ellipsis where something was cut off. */
export function cutText(text: string, width: number, ellipsis = '…'): string {
  if (width <= 0) return '';
  if (textWidth(text) <= width) return text;
  if (width === 1) return ellipsis.slice(0, 1);
  const kept = sliceCells(text, 0, width - 1);
  // Before the escapes that close the style, so that the ellipsis looks like what it stands for.
  const close = /(?:\u001B\[[\d;]*m)*$/.exec(kept)?.index ?? kept.length;
  return kept.slice(0, close) + ellipsis.slice(0, 1) + kept.slice(close);
}

/** The cells from `from` up to `to`. */
export function sliceCells(text: string, from: number, to: number): string {
  return isPlain(text) ? text.slice(from, to) : sliceAnsi(text, from, to);
}

/** How many cells `text` takes on the terminal. */
export function textWidth(text: string): number {
  if (isPlain(text)) return text.length;
  const bare = text.replaceAll(colours, '');
  return narrow.test(bare) ? bare.length : stringWidth(text);
}

const plain = /^[\u0020-\u007E]*$/;
const colours = /\u001B\[[\d;]*m/g;

/** One cell each, whatever stands beside them: ASCII, box drawing, and the glyphs of the themes. Rows are measured all the time. */
const narrow =
  /^[\u0020-\u007E\u00B1\u00B7\u2026\u2016\u203A\u2190-\u2193\u21BB\u2261\u2298\u2500-\u257F\u258C\u25A0\u25CB\u25CF\u25D0\u2713\u2717]*$/;

function isPlain(text: string): boolean {
  return plain.test(text);
}
