// A line of text being typed: pure editing, and its look with the cursor in it.
import {cutText, sliceCells, textWidth} from './fit-text.ts';

export type TextField = {readonly text: string /** Counts graphemes. */; readonly cursor: number};

export const emptyField: TextField = {text: '', cursor: 0};

/** A field that holds `text` with the cursor behind it. */
export function fieldWith(text: string): TextField {
  return {text, cursor: graphemes(text).length};
}

export type Edit =
  | {readonly kind: 'insert'; readonly text: string}
  | {readonly kind: 'backspace' | 'delete' | 'left' | 'right' | 'home' | 'end' | 'clear' | 'delete-word'};

/** The field after an edit. Control characters and line breaks are never inserted. */
export function editField(field: TextField, edit: Edit): TextField {
  const all = graphemes(field.text);
  const at = Math.min(field.cursor, all.length);
  const before = all.slice(0, at);
  const after = all.slice(at);
  switch (edit.kind) {
    case 'insert': {
      const text = edit.text.replaceAll(/[\u0000-\u001F\u007F-\u009F]/g, '');
      return {text: before.join('') + text + after.join(''), cursor: at + graphemes(text).length};
    }
    case 'backspace':
      return {text: [...before.slice(0, -1), ...after].join(''), cursor: Math.max(0, at - 1)};
    case 'delete':
      return {text: [...before, ...after.slice(1)].join(''), cursor: at};
    case 'left':
      return {text: field.text, cursor: Math.max(0, at - 1)};
    case 'right':
      return {text: field.text, cursor: Math.min(all.length, at + 1)};
    case 'home':
      return {text: field.text, cursor: 0};
    case 'end':
      return {text: field.text, cursor: all.length};
    case 'clear':
      return emptyField;
    case 'delete-word': {
      const kept = before.join('').replace(/\S+\s*$/, '');
      return {text: kept + after.join(''), cursor: graphemes(kept).length};
    }
    default:
      return edit satisfies never;
  }
}

/** The field in exactly the cells it needs, at most `width`, the cursor shown by `mark`; scrolled so that it is seen. */
export function fieldText(field: TextField, width: number, mark: (text: string) => string): string {
  const all = graphemes(field.text);
  const before = all.slice(0, field.cursor).join('');
  const under = all[field.cursor] ?? ' ';
  const after = all.slice(field.cursor + 1).join('');
  const room = Math.max(0, width - textWidth(under));
  const beforeWidth = textWidth(before);
  const shown = beforeWidth > room ? `…${sliceCells(before, beforeWidth - room + 1, beforeWidth)}` : before;
  return shown + mark(under) + cutText(after, Math.max(0, room - textWidth(shown)));
}

function graphemes(text: string): readonly string[] {
  return Array.from(segmenter.segment(text), ({segment}) => segment);
}

const segmenter = new Intl.Segmenter();
