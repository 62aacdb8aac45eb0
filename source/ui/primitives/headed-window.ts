// Which part of a long list is on the screen when a row of headings may stand above it.
import {type ListWindow, listWindow} from './list-window.ts';

export type HeadedWindow = ListWindow & {
  /** Rows that the headings take: none where the list has few rows to itself. */
  readonly head: 0 | 1;
};

/** The window of a list with headings in `height` rows; headings need `least` rows below them. */
export function headedWindow(count: number, cursor: number, height: number, least = 8): HeadedWindow {
  const head = count > 0 && height > least ? 1 : 0;
  return {...listWindow(count, cursor, height - head), head};
}
