// Searches a whole log through the controller: matches come in page by page while the screen goes on, and as the log grows.
import type {Client} from '../client-types.ts';
import {createLineList, type LineList, noLines} from './line-list.ts';
import type {LogBuffer} from './log-buffer.ts';
import type {LogQuery} from './log-view.ts';

/** A new object with every change; `lines` is the same list, longer. */
export type LogMatches = {
  readonly lines: LineList;
  readonly done: boolean;
  /** Every line before this was looked at. */
  readonly searched: number;
  readonly problem?: string;
};

export const noMatches: LogMatches = {lines: noLines, done: true, searched: 0};

export type LogSearch = {
  readonly query: LogQuery;
  readonly read: () => LogMatches;
  /** The first subscriber starts the search, the last one to leave ends it. */
  readonly subscribe: (changed: () => void) => () => void;
};

/** Matches in one answer. */
const pageSize = 20_000;

/** Searches the log from its beginning, and what is added to it afterwards. */
export function openSearch(client: Client, log: LogBuffer, query: LogQuery): LogSearch {
  const listeners = new Set<() => void>();
  const lines = createLineList();
  let matches: LogMatches = {lines, done: false, searched: 0};
  let busy = false;
  let leave: (() => void) | undefined;

  const change = (next: Partial<LogMatches>) => {
    matches = {...matches, ...next};
    for (const listener of listeners) listener();
  };
  const goOn = async () => {
    while (listeners.size > 0 && matches.problem === undefined && (!matches.done || isBehind())) {
      const page = await client.searchLog(log.build, query, matches.searched, pageSize);
      lines.add(page.lines);
      const done = page.searched >= page.total;
      const changes = page.lines.length > 0 || done !== matches.done;
      if (changes) change({searched: page.searched, done});
      else matches = {...matches, searched: page.searched};
      if (page.searched >= log.read().total) return;
    }
  };
  const isBehind = () => matches.searched < log.read().total;
  const start = () => {
    if (busy) return;
    busy = true;
    goOn()
      .catch((error: unknown) => {
        change({done: true, problem: error instanceof Error ? error.message : String(error)});
      })
      .finally(() => {
        busy = false;
      });
  };

  return {
    query,
    read: () => matches,
    subscribe(changed) {
      listeners.add(changed);
      leave ??= log.subscribe(start);
      start();
      return () => {
        listeners.delete(changed);
        if (listeners.size > 0) return;
        leave?.();
        leave = undefined;
      };
    },
  };
}
