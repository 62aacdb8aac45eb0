// One build's log with everything that is derived from it and worth keeping: what was searched, what was painted.
import type {BuildRef} from '../../domain/build.ts';
import type {Client} from '../client-types.ts';
import {type LogBuffer, openLog} from './log-buffer.ts';
import {createLogPainter, type LogPainter, type LogStyle} from './log-painter.ts';
import {type LogSearch, openSearch} from './log-search.ts';
import type {LogQuery} from './log-view.ts';

export type LogReader = {
  readonly buffer: LogBuffer;
  /** The search of a query: the same one for as long as few others were asked for in between. */
  readonly search: (query: LogQuery) => LogSearch;
  /** The painter of a style: the same one until another style is asked for. */
  readonly painter: (style: LogStyle) => LogPainter;
};

/** Nothing is read before somebody subscribes to the buffer or to a search. */
export function createLogReader(client: Client, build: BuildRef): LogReader {
  const buffer = openLog(client, build);
  const searches = new Map<string, LogSearch>();
  let painter: LogPainter | undefined;
  return {
    buffer,
    search(query) {
      const key = `${query.regex}/${query.pattern}`;
      const search = searches.get(key) ?? openSearch(client, buffer, {pattern: query.pattern, regex: query.regex});
      searches.delete(key);
      searches.set(key, search);
      const [oldest] = searches.keys();
      if (searches.size > mostSearches && oldest !== undefined) searches.delete(oldest);
      return search;
    },
    painter(style) {
      if (!painter || !sameStyle(painter.style, style)) painter = createLogPainter(style);
      return painter;
    },
  };
}

const mostSearches = 4;

function sameStyle(one: LogStyle, other: LogStyle): boolean {
  return (
    one.width === other.width &&
    one.wrap === other.wrap &&
    one.times === other.times &&
    one.theme === other.theme &&
    one.colours === other.colours &&
    one.query?.pattern === other.query?.pattern &&
    one.query?.regex === other.query?.regex
  );
}
