// Paints the lines of a log as rows of a width. A line is painted once: its rows are kept for as long as the line is.
import stripAnsi from 'strip-ansi';
import type {LogLine} from '../client-types.ts';
import {cutText, fitText, sliceCells, textWidth} from '../primitives/fit-text.ts';
import {wrapCells} from '../primitives/wrap-cells.ts';
import type {Theme} from '../theme/theme.ts';
import {clockText} from '../view-models/durations.ts';
import {cleanLogText} from '../view-models/log-text.ts';
import {type FindMatches, matchFinder} from './log-matcher.ts';
import type {LogQuery} from './log-view.ts';

export type LogStyle = {
  /** Cells of a row. */
  readonly width: number;
  readonly wrap: boolean;
  readonly times: boolean;
  readonly query: LogQuery | undefined;
  readonly theme: Theme;
  /** False behind a dialog: the log's own colours would shine through. */
  readonly colours: boolean;
};

/** How a line stands out: the match that n went to, the line that was jumped to. */
export type LineAccent = 'none' | 'current-match' | 'chosen';

export type LogPainter = {
  readonly style: LogStyle;
  /** At least one row, none wider than the style's width. */
  readonly rows: (line: LogLine | undefined, accent?: LineAccent) => readonly string[];
  /** A rule across the panel. */
  readonly rule: (title: string) => string;
};

/** A painter that remembers what it painted. */
export function createLogPainter(style: LogStyle): LogPainter {
  const painted = new WeakMap<LogLine, readonly string[]>();
  const find = matchFinder(style.query);
  const missing = [style.theme.paint('faint', style.theme.glyphs.ellipsis)];
  return {
    style,
    rule: (title) => headingRow(title, style),
    rows(line, accent = 'none') {
      if (!line) return missing;
      if (accent !== 'none') return paintLine(line, style, find, accent);
      const known = painted.get(line);
      if (known) return known;
      const rows = paintLine(line, style, find, accent);
      painted.set(line, rows);
      return rows;
    },
  };
}

const timeWidth = 9;

function paintLine(line: LogLine, style: LogStyle, find: FindMatches, accent: LineAccent): readonly string[] {
  const {theme, times, width, wrap} = style;
  const gutter = times ? `${theme.paint('faint', clockText(line.at))} ` : '';
  const room = Math.max(1, width - (times ? timeWidth : 0));
  if (isHeading(line)) return [gutter + headingRow(stripAnsi(line.text), {...style, width: room})];
  const text = lineText(line, style, find, accent);
  const rows = wrap ? wrapCells(text, room) : [cutText(text, room, theme.glyphs.ellipsis)];
  const chosen = accent === 'chosen' ? rows.map((row) => selectedRow(row, room, theme)) : rows;
  if (!times) return chosen;
  return chosen.map((row, at) => (at === 0 ? gutter : ' '.repeat(timeWidth)) + row);
}

function lineText(line: LogLine, {theme, colours}: LogStyle, find: FindMatches, accent: LineAccent): string {
  const text = cleanLogText(line.text, colours && theme.name !== 'none', line.cut);
  const matches = find(stripAnsi(text));
  if (matches.length > 0) return withMatches(text, matches, accent === 'current-match', theme);
  return colours ? text : theme.paint('dim', text);
}

function withMatches(text: string, matches: ReturnType<FindMatches>, current: boolean, theme: Theme): string {
  const plain = stripAnsi(text);
  const parts: string[] = [];
  let cell = 0;
  for (const [from, to] of matches) {
    const start = textWidth(plain.slice(0, from));
    const match = plain.slice(from, to);
    parts.push(sliceCells(text, cell, start), theme.paint(current ? 'match' : 'warning', match));
    cell = start + textWidth(match);
  }
  return parts.join('') + sliceCells(text, cell, textWidth(text));
}

function selectedRow(row: string, width: number, theme: Theme): string {
  return theme.paint('selected', fitText(row.replaceAll('\u001B[0m', '\u001B[22;39m'), width));
}

/** A phase's heading that the log itself brings is drawn as a rule across the panel. */
export function isHeading({text}: LogLine): boolean {
  return text.length < 60 && text.includes('===> ') && /^===> [A-Z]+\s*$/.test(stripAnsi(text));
}

function headingRow(text: string, {width, theme}: Pick<LogStyle, 'width' | 'theme'>): string {
  const title = text.trimEnd();
  const rule = theme.glyphs.frame.horizontal.repeat(Math.max(0, width - textWidth(title) - 1));
  return cutText(`${theme.paint('accent', title)} ${theme.paint('border', rule)}`, width);
}
