// The last row: what can be done here, or what just happened.
import type {Binding, Keymap} from '../keymap/bindings.ts';
import {type KeyFacts, disabledReason} from '../keymap/disabled-reason.ts';
import {keyLabel} from '../keymap/key-name.ts';
import {reachable} from '../keymap/resolve-key.ts';
import type {PanelId} from '../layout/layout.ts';
import {cutText, textWidth} from '../primitives/fit-text.ts';
import {Row} from '../primitives/row.tsx';
import type {Theme} from '../theme/theme.ts';
import type {Toast} from '../ui-state/ui-state.ts';

export type FooterProps = {
  readonly panel: PanelId;
  readonly keymap: Keymap;
  readonly facts: KeyFacts;
  readonly toast: Toast | undefined;
  /** A line being typed stands in the place of the hints. */
  readonly prompt?: string | undefined;
  readonly columns: number;
  readonly theme: Theme;
};

export function Footer({panel, keymap, facts, toast, prompt, columns, theme}: FooterProps) {
  if (prompt !== undefined) return <Row text={cutText(` ${prompt}`, columns, theme.glyphs.ellipsis)} />;
  const message = toast ? toastText(toast, theme) : '';
  const room = columns - textWidth(message) - (message === '' ? 1 : 3);
  const hints = hintsText(panel, keymap, facts, Math.max(0, room), theme);
  const gap = Math.max(1, columns - 1 - textWidth(hints) - textWidth(message));
  const row = message === '' ? ` ${hints}` : ` ${message}${' '.repeat(gap)}${hints}`;
  return <Row text={cutText(row, columns, theme.glyphs.ellipsis)} />;
}

function toastText({text, role}: Toast, {paint, glyphs}: Theme): string {
  const glyph = role === 'failed' ? glyphs.failed : role === 'ready' ? glyphs.ready : glyphs.caret;
  return paint(role, `${glyph} ${text}`);
}

/** As many hints as fit; help and quit stay last and are never pushed out by others. */
function hintsText(panel: PanelId, keymap: Keymap, facts: KeyFacts, width: number, theme: Theme): string {
  const hinted = reachable(panel, keymap).filter((binding) => binding.hint !== undefined);
  const lasting = keymap.filter(({action, hint}) => hint !== undefined && (action === 'help' || action === 'back'));
  const others = hinted.filter((binding) => !lasting.includes(binding));
  const tail = lasting.map((binding) => hintText(binding, undefined, theme));
  const shown: string[] = [];
  for (const binding of others) {
    const text = hintText(binding, disabledReason(binding.action, facts, panel === 'stacks'), theme);
    if (textWidth([...shown, text, ...tail].join('  ')) > width) break;
    shown.push(text);
  }
  return cutText([...shown, ...tail].join('  '), width);
}

function hintText({keys, hint = ''}: Binding, disabled: string | undefined, {paint}: Theme): string {
  const key = keyLabel(keys[0] ?? '');
  if (disabled !== undefined) return paint('faint', `${key} ${hint}`);
  return `${paint('key', key)} ${paint('dim', hint)}`;
}
