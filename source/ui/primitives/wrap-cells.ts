// Breaks a painted line into rows of a width in one pass: colours and links go on in the next row, no character is cut in half.
import {textWidth} from './fit-text.ts';

/** Rows of at most `width` cells, at most `most` of them; at least one. */
export function wrapCells(text: string, width: number, most = Infinity): readonly string[] {
  if (plain.test(text)) return wrapPlain(text, width, most);
  const rows: string[] = [];
  let row = '';
  let room = width;
  let style = '';
  let link = '';
  const close = () => row + (link === '' ? '' : linkEnd) + (style === '' ? '' : reset);
  const breakRow = () => {
    rows.push(close());
    row = link + style;
    room = width;
  };
  for (const [token] of text.matchAll(tokens)) {
    if (token.startsWith('\u001B[')) {
      style = isReset(token) ? '' : style + token;
      row += token;
    } else if (token.startsWith('\u001B]')) {
      link = token === linkEnd ? '' : token;
      row += token;
    } else {
      for (const piece of piecesOf(token)) {
        let rest = piece;
        while (rest !== '') {
          const taken = takeCells(rest, room);
          if (taken === '' && room < width) {
            breakRow();
            if (rows.length >= most) return rows;
            continue;
          }
          // A character wider than a whole row is left out: there is no place for it.
          row += taken;
          room -= textWidth(taken);
          rest = taken === '' ? '' : rest.slice(taken.length);
        }
      }
    }
  }
  return row === '' && rows.length > 0 ? rows : [...rows, close()];
}

const plain = /^[\u0020-\u007E]*$/;
const tokens = /\u001B\[[\d;:]*m|\u001B\]8;[^\u0007]*\u0007|[^\u001B]+|\u001B/g;
const reset = '\u001B[0m';
const linkEnd = '\u001B]8;;\u0007';

function isReset(token: string): boolean {
  return token === '\u001B[m' || token === reset;
}

function wrapPlain(text: string, width: number, most: number): readonly string[] {
  if (text.length <= width) return [text];
  const count = Math.min(most, Math.ceil(text.length / width));
  return Array.from({length: count}, (_, at) => text.slice(at * width, (at + 1) * width));
}

/** Runs of ASCII whole, everything else character by character as a person counts them. */
function piecesOf(text: string): Iterable<string> {
  if (plain.test(text)) return [text];
  return Array.from(segmenter.segment(text), ({segment}) => segment);
}

const segmenter = new Intl.Segmenter();

function takeCells(piece: string, room: number): string {
  if (plain.test(piece)) return piece.slice(0, room);
  return textWidth(piece) <= room ? piece : '';
}
