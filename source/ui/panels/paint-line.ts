// Paints words by their roles.
import {cutText} from '../primitives/fit-text.ts';
import type {Theme} from '../theme/theme.ts';
import type {Line} from '../view-models/spans.ts';

/** One painted row of at most `width` cells. */
export function paintLine(line: Line, width: number, theme: Theme): string {
  return cutText(line.map(({text, role}) => theme.paint(role ?? 'text', text)).join(''), width, theme.glyphs.ellipsis);
}
