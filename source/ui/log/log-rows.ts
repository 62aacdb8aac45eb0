// The rows of a log's viewport: entries of the outline from a place on, or up to the end, with headings and folded parts.
import type {LogLine} from '../client-types.ts';
import {cutText} from '../primitives/fit-text.ts';
import type {Role, Theme} from '../theme/theme.ts';
import {tookText} from '../view-models/durations.ts';
import {countText} from '../view-models/names.ts';
import type {LogOutline} from './log-outline.ts';
import {isHeading, type LineAccent, type LogPainter} from './log-painter.ts';
import type {LogPart, PartState} from './log-parts.ts';

/** What is needed to know the rows of any entry. */
export type LogSpace = {
  readonly outline: LogOutline;
  readonly painter: LogPainter;
  readonly line: (index: number) => LogLine | undefined;
  /** Rows of the viewport. */
  readonly height: number;
};

/** A place in a log: an entry of the outline, and how many of its rows lie above the viewport. */
export type LogPlace = {readonly top: number; readonly skip: number};

export type LogRowsWish = LogSpace & {
  /** Undefined while following: the last rows are shown. */
  readonly place: LogPlace | undefined;
  readonly hit?: number | undefined;
  readonly mark?: number | undefined;
};

export type LogRows = {
  /** Each has a column on its left for the mark. */
  readonly rows: readonly string[];
  /** The entry that each row belongs to. */
  readonly entries: readonly number[];
  /** The lines on the screen: `from` up to, not including, `to`. */
  readonly from: number;
  readonly to: number;
};

const nothing: LogRows = {rows: [], entries: [], from: 0, to: 0};

/** At most `height` rows. A place so near to the end that rows would stay empty is drawn from the end. */
export function logRows(wish: LogRowsWish): LogRows {
  const {outline, height} = wish;
  if (height <= 0 || outline.upTo(outline.total - 1) === undefined) return nothing;
  const last = endPlace(wish);
  const place = wish.place && isBefore(wish.place, last) ? wish.place : last;
  const rows: string[] = [];
  const entries: number[] = [];
  let entry = outline.from(place.top);
  let to = 0;
  const from = entry ?? 0;
  for (let skip = place.skip; entry !== undefined && rows.length < height; skip = 0) {
    const margin = marginOf(entry, wish);
    for (const row of entryRows(entry, wish, accentOf(entry, wish)).slice(skip, skip + height - rows.length)) {
      rows.push(margin + row);
      entries.push(entry);
    }
    to = outline.fold(entry)?.to ?? entry + 1;
    entry = outline.next(entry);
  }
  return {rows, entries, from, to};
}

/** The place from which the last rows just fill the viewport; the first one when everything fits. */
export function endPlace(space: LogSpace): LogPlace {
  const {outline, height} = space;
  let entry = outline.upTo(outline.total - 1);
  let room = height;
  let place: LogPlace = {top: outline.from(0) ?? 0, skip: 0};
  while (entry !== undefined && room > 0) {
    const count = entryHeight(entry, space);
    place = {top: entry, skip: Math.max(0, count - room)};
    room -= count;
    entry = outline.previous(entry);
  }
  return place;
}

/** The place so many rows further down (up when negative), or the end when it would be passed. */
export function stepPlace(space: LogSpace, {top, skip}: LogPlace, rows: number): LogPlace | 'end' {
  const {outline} = space;
  if (rows === -Infinity) return {top: outline.from(0) ?? 0, skip: 0};
  const last = endPlace(space);
  let entry = outline.from(top) ?? outline.upTo(top) ?? 0;
  let at = skip + rows;
  while (at < 0) {
    const before = outline.previous(entry);
    if (before === undefined) return {top: entry, skip: 0};
    entry = before;
    at += entryHeight(entry, space);
  }
  while (isBefore({top: entry, skip: 0}, last)) {
    const count = entryHeight(entry, space);
    if (at < count) break;
    at -= count;
    entry = outline.next(entry) ?? last.top;
  }
  const place = {top: entry, skip: at};
  return isBefore(place, last) ? place : rows > 0 ? 'end' : last;
}

/** The place that shows a line with so many rows above it. */
export function placeOf(space: LogSpace, line: number, above: number): LogPlace {
  const entry = space.outline.upTo(line) ?? space.outline.from(line) ?? 0;
  const place = stepPlace(space, {top: entry, skip: 0}, -above);
  return place === 'end' ? endPlace(space) : place;
}

export function isBefore(one: LogPlace, other: LogPlace): boolean {
  return one.top === other.top ? one.skip < other.skip : one.top < other.top;
}

function entryHeight(entry: number, space: LogSpace): number {
  const {outline, painter, line} = space;
  const headings = headingsOf(entry, space).length;
  if (!painter.style.wrap || outline.fold(entry)) return headings + 1;
  return headings + painter.rows(line(entry)).length;
}

function entryRows(entry: number, space: LogSpace, accent: LineAccent): readonly string[] {
  const {outline, painter, line} = space;
  const headings = headingsOf(entry, space).map((part) => painter.rule(titleOf(part)));
  const fold = outline.fold(entry);
  if (fold) return [...headings, foldRow(fold, painter.style.theme, painter.style.width, accent)];
  const rows = painter.rows(line(entry), accent);
  return headings.length === 0 ? rows : [...headings, ...rows];
}

/** A phase whose first line is its heading needs none of ours. */
function headingsOf(entry: number, {outline, line}: LogSpace): readonly LogPart[] {
  const parts = outline.headings(entry);
  if (parts.length === 0) return parts;
  const first = line(entry);
  return first && isHeading(first) ? parts.filter(({buildpack}) => buildpack !== undefined) : parts;
}

function titleOf({phase, attempt, buildpack}: LogPart): string {
  const again = attempt > 1 ? ` (attempt ${attempt})` : '';
  return buildpack === undefined ? `===> ${phase.toUpperCase()}${again}` : `---> ${buildpack}`;
}

/** `✓ RESTORE 3.2s · 214 lines` */
function foldRow(part: LogPart, theme: Theme, width: number, accent: LineAccent): string {
  const {paint, glyphs} = theme;
  const {phase, attempt, buildpack, from, to, state, took} = part;
  const indent = buildpack === undefined ? '' : '  ';
  const name = buildpack ?? phase.toUpperCase();
  const again = attempt > 1 ? ` (attempt ${attempt})` : '';
  const time = took === undefined ? '' : ` ${tookText(took)}`;
  const words = `${time} ${glyphs.dot} ${countText(to - from, 'line')}`;
  const glyph = state === 'succeeded' ? glyphs.ready : glyphs[state];
  const row = `${indent}${paint(stateRoles[state], glyph)} ${paint('strong', name + again)}${paint('dim', words)}`;
  return cutText(accent === 'none' ? row : `${row} ${paint('accent', glyphs.cursor)}`, width, glyphs.ellipsis);
}

const stateRoles: Readonly<Record<PartState, Role>> = {
  succeeded: 'ready',
  running: 'running',
  failed: 'failed',
  skipped: 'faint',
  cancelled: 'held',
};

function accentOf(entry: number, {outline, painter, hit}: LogRowsWish): LineAccent {
  if (hit === undefined) return 'none';
  const fold = outline.fold(entry);
  if (fold ? hit < fold.from || hit >= fold.to : hit !== entry) return 'none';
  return painter.style.query ? 'current-match' : 'chosen';
}

function marginOf(entry: number, {mark, painter}: LogRowsWish): string {
  if (mark !== entry) return ' ';
  return painter.style.theme.paint('accent', painter.style.theme.glyphs.cursor);
}
