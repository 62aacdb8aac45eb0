// Breaks a line that is too long for its panel: nothing that can be read whole is cut.
import {textWidth} from '../primitives/fit-text.ts';
import {wrapWords} from '../primitives/wrap-words.ts';
import {type Line, type Span, span} from './spans.ts';

/** A sentence, or a name and what belongs to it, in as many rows as it takes; what goes on stands under where it began. */
export function wrapLine(line: Line, width: number): readonly Line[] {
  const cells = line.reduce((sum, {text}) => sum + textWidth(text), 0);
  const [first, ...rest] = line;
  if (cells <= width || first === undefined) return [line];
  if (rest.length === 0) return wrapWords(first.text, width).map((text) => [{...first, text}]);
  const indent = textWidth(first.text);
  // Where the name leaves hardly any room, cutting says more than a column of syllables.
  if (width - indent < 12) return [line];
  return rowsOf(rest, width - indent).map((row, at) => [at === 0 ? first : span(' '.repeat(indent)), ...row]);
}

/** Words after words; one that does not fit any more begins a row, one that fits no row is broken. */
function rowsOf(spans: Line, width: number): readonly Line[] {
  const rows: Span[][] = [[]];
  let room = width;
  for (const {text, ...look} of spans) {
    const fits = textWidth(text) <= room;
    const pieces = fits ? [text] : wrapWords(text.trimStart(), width);
    for (const piece of pieces) {
      // What lost the space before it cannot stand behind another word.
      if (!fits && room < width) {
        rows.push([]);
        room = width;
      }
      rows.at(-1)?.push({...look, text: piece});
      room -= textWidth(piece);
    }
  }
  return rows.filter((row) => row.length > 0);
}
