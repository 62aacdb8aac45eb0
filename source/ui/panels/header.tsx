// The first row: what this is, how its images are, what time it is while something runs.
import {Row} from '../primitives/row.tsx';
import {cutText, fitText, textWidth} from '../primitives/fit-text.ts';
import type {Theme} from '../theme/theme.ts';
import type {Connection} from '../client-types.ts';
import {type StateCount, stateGlyph, stateRole} from '../view-models/counts.ts';

export type HeaderProps = {
  readonly title: string;
  /** Where the screen has drilled down to; empty where everything is seen. */
  readonly trail: readonly string[];
  readonly counts: readonly StateCount[];
  readonly connection: Connection;
  /** `12:04:31` while builds run, else empty: a clock that stands still would be wrong. */
  readonly clock: string;
  readonly columns: number;
  readonly theme: Theme;
};

export function Header({title, trail, counts, connection, clock, columns, theme}: HeaderProps) {
  const {paint} = theme;
  const name = ` ${paint('brand', 'slipway')}`;
  const lost = connectionText(connection, theme);
  const left = [title === '' ? name : `${name} ${paint('faint', title)}`, ...trailText(trail, theme)].join(' ');
  // Where one is comes before the words of the counts.
  const taken = trail.length === 0 ? name : left;
  const room = columns - textWidth(taken) - textWidth(lost) - 3;
  const time = clock === '' ? '' : `   ${paint('dim', clock)}`;
  // What has no room goes: first the words beside the counts, then the clock.
  const withClock = countsText(counts, theme, room - textWidth(time)) + time;
  const right = `${lost}${textWidth(withClock) <= room ? withClock : countsText(counts, theme, room)} `;
  const spare = columns - textWidth(right);
  return (
    <Row
      text={cutText(
        fitText(cutText(left, Math.max(0, spare - 2), theme.glyphs.ellipsis), Math.max(0, spare)) + right,
        columns,
        theme.glyphs.ellipsis,
      )}
    />
  );
}

/** `› orders-api › build 2 › Log`, the last of it strong. */
function trailText(trail: readonly string[], {paint, glyphs}: Theme): readonly string[] {
  return trail.map(
    (step, at) => `${paint('faint', glyphs.caret)} ${paint(at === trail.length - 1 ? 'strong' : 'dim', step)}`,
  );
}

/** `✗ 1 failed   ◐ 2 building   ✓ 7 ready`; without the words where there is no room for them. */
export function countsText(counts: readonly StateCount[], theme: Theme, room: number): string {
  const heads = counts.map(({state, count}) =>
    theme.paint(stateRole(state), `${stateGlyph(state, theme.glyphs)} ${count}`),
  );
  const wordy = heads.map((head, at) => `${head} ${theme.paint('dim', counts[at]?.words ?? '')}`).join('   ');
  return textWidth(wordy) <= room ? wordy : heads.join('  ');
}

function connectionText(connection: Connection, {paint}: Theme): string {
  switch (connection.kind) {
    case 'connected':
      return '';
    case 'reconnecting':
      return `${paint('warning', 'connection lost, trying again')}   `;
    case 'closed':
      return `${paint('failed', 'not connected')}   `;
    default:
      return connection satisfies never;
  }
}
