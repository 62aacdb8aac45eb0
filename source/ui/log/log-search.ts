// Searches a whole log, page by page through the client: matches come in as they are found.
import stripAnsi from 'strip-ansi';
import type {Client, LogLine} from '../client-types.ts';
import type {LogBuffer} from './log-buffer.ts';

export type LogMatches = {
  /** The lines that match, ascending. */
  readonly lines: readonly number[];
  readonly done: boolean;
  /** How far it has read. */
  readonly searched: number;
  readonly problem?: string;
};

export const noMatches: LogMatches = {lines: [], done: true, searched: 0};

const pageSize = 2000;

export type LogSearch = {
  readonly read: () => LogMatches;
  /** The first subscriber starts the search, the last one to leave ends it. */
  readonly subscribe: (changed: () => void) => () => void;
};

/** Searches the log from its beginning, and what is added to it afterwards. */
export function openSearch(client: Client, log: LogBuffer, query: string): LogSearch {
  const listeners = new Set<() => void>();
  let matches: LogMatches = {lines: [], done: false, searched: 0};
  let busy = false;
  let leave: (() => void) | undefined;

  const change = (next: LogMatches) => {
    matches = next;
    for (const listener of listeners) listener();
  };
  const go = async () => {
    while (listeners.size > 0 && (matches.searched === 0 || matches.searched < log.read().total)) {
      const page = await client.readLog(log.build, matches.searched, pageSize);
      const found = page.lines.filter((line) => lineMatches(line, query)).map(({line}) => line);
      const searched = matches.searched + page.lines.length;
      change({lines: [...matches.lines, ...found], searched, done: page.lines.length === 0 || searched >= page.total});
      if (page.lines.length === 0) return;
    }
  };
  const goOn = () => {
    if (busy) return;
    busy = true;
    go()
      .catch((error: unknown) => {
        change({...matches, done: true, problem: error instanceof Error ? error.message : String(error)});
      })
      .finally(() => {
        busy = false;
      });
  };

  return {
    read: () => matches,
    subscribe(changed) {
      listeners.add(changed);
      leave ??= log.subscribe(goOn);
      goOn();
      return () => {
        listeners.delete(changed);
        if (listeners.size > 0) return;
        leave?.();
        leave = undefined;
      };
    },
  };
}

/** Whether a line holds the text, in any case, colours aside. */
export function lineMatches({text}: LogLine, query: string): boolean {
  return stripAnsi(text).toLowerCase().includes(query.toLowerCase());
}

/** The match after (or before) a line, going round at the end; undefined when there is none. */
export function stepMatch(lines: readonly number[], from: number, by: 1 | -1): number | undefined {
  if (by === 1) return lines.find((line) => line > from) ?? lines[0];
  return lines.findLast((line) => line < from) ?? lines.at(-1);
}
