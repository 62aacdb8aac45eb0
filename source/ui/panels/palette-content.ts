// The palette: what is typed, and the commands that fit it.
import type {Keymap} from '../keymap/bindings.ts';
import {fitText} from '../primitives/fit-text.ts';
import {listWindow} from '../primitives/list-window.ts';
import {fieldText} from '../primitives/text-field.ts';
import type {Theme} from '../theme/theme.ts';
import type {Overlay} from '../ui-state/ui-state.ts';
import {paletteRows} from '../view-models/palette-rows.ts';
import type {Scene} from '../view-models/scene.ts';
import type {OverlayContent, OverlaySize} from './overlay-content.ts';

export function paletteContent(
  {field, at}: Extract<Overlay, {kind: 'palette'}>,
  scene: Scene,
  keymap: Keymap,
  size: OverlaySize,
  theme: Theme,
): OverlayContent {
  const {paint, glyphs} = theme;
  const width = Math.min(size.width, 84);
  const rows = paletteRows(field.text, scene, keymap);
  // The dialog keeps its height while one types: what moves is read badly.
  const room = Math.max(1, Math.min(size.height, 18) - 2);
  const window = listWindow(rows.length, at, room);
  const words = Math.min(34, Math.floor(width * 0.45));
  const lines = rows.slice(window.from, window.to).map((row, offset) => {
    const chosen = window.from + offset === at;
    const mark = chosen ? paint('accent', glyphs.cursor) : ' ';
    const line = fitText(
      `${mark} ${paint('key', fitText(row.words, words, 'left', glyphs.ellipsis))} ${paint('dim', row.note)}`,
      width - 2,
      'left',
      glyphs.ellipsis,
    );
    return chosen ? paint('selected', line) : line;
  });
  const empty = `  ${paint('dim', 'no such command')}`;
  const shown = lines.length > 0 ? lines : [empty];
  return {
    title: 'Commands',
    foot: 'Tab completes, Enter runs it, Esc closes',
    width,
    lines: [
      ` ${paint('key', ':')}${fieldText(field, width - 6, (text) => paint('badge', text))}`,
      '',
      ...shown,
      ...Array.from({length: Math.max(0, room - shown.length)}, () => ''),
    ],
    scroll: {count: rows.length, from: window.from},
  };
}
