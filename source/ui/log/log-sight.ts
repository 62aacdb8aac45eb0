// The log as it is seen: what of it is on view and where, from the reader, the user's view and the room there is.
import type {Build} from '../../domain/build.ts';
import type {Theme} from '../theme/theme.ts';
import type {LogSnapshot} from './log-buffer.ts';
import {filteredOutline, foldedOutline, type LogOutline} from './log-outline.ts';
import {type LogPart, logParts} from './log-parts.ts';
import type {LogReader} from './log-reader.ts';
import {endPlace, type LogPlace, type LogSpace} from './log-rows.ts';
import {type LogMatches, noMatches} from './log-search.ts';
import {type LogView, queryOf} from './log-view.ts';

export type LogSightWish = {
  readonly view: LogView;
  readonly build: Build | undefined;
  /** Cells of a row, and rows. */
  readonly width: number;
  readonly height: number;
  readonly theme: Theme;
  readonly colours: boolean;
  /** Whether finished phases fold by themselves. */
  readonly autoFold: boolean;
};

export type LogSight = {
  readonly snapshot: LogSnapshot;
  /** What is searched with `/`, and what the filter looks for. */
  readonly matches: LogMatches;
  readonly filtered: LogMatches;
  readonly parts: readonly LogPart[];
  readonly outline: LogOutline;
  readonly space: LogSpace;
  /** Undefined while following. */
  readonly place: LogPlace | undefined;
};

export function logSight(reader: LogReader, wish: LogSightWish): LogSight {
  const {view, build, width, height, theme, colours, autoFold} = wish;
  const snapshot = reader.buffer.read();
  const {total, sections} = snapshot;
  const query = queryOf(view);
  const matches = query ? reader.search(query).read() : noMatches;
  const filtered = view.filter ? reader.search(view.filter).read() : noMatches;
  const parts = logParts({sections, total, build, view, autoFold});
  const outline = view.filter ? filteredOutline(parts, view.filter, filtered) : foldedOutline(total, parts);
  // The filter's own matches are marked unless something else is searched among them.
  const marked = query ?? (view.filter?.inverse ? undefined : view.filter);
  const style = {width: Math.max(1, width), wrap: view.wrap, times: view.times, query: marked, theme, colours};
  const space = {outline, painter: reader.painter(style), line: reader.buffer.line, height};
  const place = view.follow ? undefined : {top: view.top, skip: view.skip};
  return {snapshot, matches, filtered, parts, outline, space, place};
}

/** The first row's place, followed or not. */
export function firstPlace({place, space}: Pick<LogSight, 'place' | 'space'>): LogPlace {
  return place ?? endPlace(space);
}
