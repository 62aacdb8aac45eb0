// Breaks a sentence into rows at its spaces.
import {sliceCells, textWidth} from './fit-text.ts';

/** Rows of at most `width` cells; a word longer than a row is broken. At most `most` rows. */
export function wrapWords(text: string, width: number, most = Infinity): readonly string[] {
  if (width <= 0) return [];
  const rows: string[] = [];
  let row = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, width))) {
    if (row !== '' && textWidth(row) + 1 + textWidth(word) > width) {
      rows.push(row);
      row = word;
    } else row = row === '' ? word : `${row} ${word}`;
  }
  rows.push(row);
  if (rows.length <= most) return rows;
  const kept = rows.slice(0, most);
  return [...kept.slice(0, -1), `${sliceCells(kept.at(-1) ?? '', 0, width - 1)}…`];
}

function pieces(word: string, width: number): readonly string[] {
  const cells = textWidth(word);
  if (cells <= width) return [word];
  return Array.from({length: Math.ceil(cells / width)}, (_, at) => sliceCells(word, at * width, (at + 1) * width));
}
