// The rows of a log's viewport: which lines are on it, wrapped or cut, with times, headings and matches painted.
import stripAnsi from 'strip-ansi';
import type {LogLine, LogSection} from '../client-types.ts';
import {cutText, fitText, sliceCells, textWidth} from '../primitives/fit-text.ts';
import type {Theme} from '../theme/theme.ts';
import {clockText} from './durations.ts';
import {cleanLogText} from './log-text.ts';

export type LogWish = {
  readonly total: number;
  readonly line: (index: number) => LogLine | undefined;
  /** Where each phase begins: a heading stands above that line. */
  readonly sections: readonly LogSection[];
  readonly width: number;
  readonly height: number;
  readonly follow: boolean;
  readonly top: number;
  readonly wrap: boolean;
  readonly times: boolean;
  readonly query: string;
  readonly hit?: number | undefined;
  readonly theme: Theme;
  /** False behind a dialog: the log's own colours would shine through. */
  readonly colours: boolean;
};

export type LogRows = {
  readonly rows: readonly string[];
  /** The lines on the screen: `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
};

/** At most `height` rows of at most `width` cells. */
export function logRows(wish: LogWish): LogRows {
  if (wish.height <= 0 || wish.total === 0) return {rows: [], from: 0, to: 0};
  return wish.follow ? fromEnd(wish) : fromTop(wish);
}

function fromTop(wish: LogWish): LogRows {
  const from = Math.max(0, Math.min(wish.top, wish.total - 1));
  const rows: string[] = [];
  let to = from;
  for (; to < wish.total && rows.length < wish.height; to++) rows.push(...lineRows(to, wish));
  return {rows: rows.slice(0, wish.height), from, to};
}

function fromEnd(wish: LogWish): LogRows {
  let rows: string[] = [];
  let from = wish.total;
  while (from > 0 && rows.length < wish.height) {
    from--;
    rows = [...lineRows(from, wish), ...rows];
  }
  return {rows: rows.slice(-wish.height), from, to: wish.total};
}

function lineRows(index: number, wish: LogWish): readonly string[] {
  const section = wish.sections.find(({line}) => line === index);
  const rows = textRows(index, wish);
  const line = wish.line(index);
  if (!section || (line && isHeading(line))) return rows;
  const again = section.attempt > 1 ? ` (attempt ${section.attempt})` : '';
  return [headingRow(`===> ${section.phase.toUpperCase()}${again}`, wish.width, wish.theme), ...rows];
}

function textRows(index: number, wish: LogWish): readonly string[] {
  const {theme, times, width} = wish;
  const line = wish.line(index);
  if (!line) return [theme.paint('faint', theme.glyphs.ellipsis)];
  const gutter = times ? `${theme.paint('faint', clockText(line.at))} ` : '';
  const room = Math.max(1, width - (times ? 9 : 0));
  if (isHeading(line)) return [gutter + headingRow(line.text, room, theme)];
  const text = marked(line, index, wish);
  // A line that was jumped to without a search is marked as a whole.
  if (wish.query === '' && index === wish.hit) {
    return [gutter + theme.paint('selected', fitText(text.replaceAll('\u001B[0m', '\u001B[22;39m'), room))];
  }
  if (!wish.wrap) return [gutter + cutText(text, room, theme.glyphs.ellipsis)];
  return wrapped(text, room, Math.max(1, wish.height)).map(
    (row, at) => (at === 0 ? gutter : ' '.repeat(times ? 9 : 0)) + row,
  );
}

/** A phase's heading is drawn as a rule across the panel. */
function isHeading({text}: LogLine): boolean {
  return text.length < 60 && text.includes('===> ') && /^===> [A-Z]+\s*$/.test(stripAnsi(text));
}

function headingRow(text: string, width: number, theme: Theme): string {
  const title = stripAnsi(text).trimEnd();
  const rule = theme.glyphs.frame.horizontal.repeat(Math.max(0, width - title.length - 1));
  return cutText(`${theme.paint('accent', title)} ${theme.paint('border', rule)}`, width);
}

function marked(line: LogLine, index: number, {query, hit, theme, colours}: LogWish): string {
  const text = cleanLogText(line.text, colours && theme.name !== 'none');
  const base = colours ? text : theme.paint('dim', text);
  return query === '' ? base : withMatches(text, query, index === hit, theme);
}

function withMatches(text: string, query: string, current: boolean, theme: Theme): string {
  const plain = stripAnsi(text);
  const [lower, wanted] = [plain.toLowerCase(), query.toLowerCase()];
  const parts: string[] = [];
  let cell = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, at + wanted.length)) {
    const start = textWidth(plain.slice(0, at));
    const match = plain.slice(at, at + wanted.length);
    parts.push(sliceCells(text, cell, start), theme.paint(current ? 'match' : 'warning', match));
    cell = start + textWidth(match);
  }
  return parts.join('') + sliceCells(text, cell, textWidth(text));
}

function wrapped(text: string, width: number, most: number): readonly string[] {
  const cells = textWidth(text);
  if (cells <= width) return [text];
  const count = Math.min(most, Math.ceil(cells / width));
  return Array.from({length: count}, (_, at) => sliceCells(text, at * width, Math.min(cells, (at + 1) * width)));
}
