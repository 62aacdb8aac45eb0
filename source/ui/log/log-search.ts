// Searches a whole log, page by page through the client: matches come in as they are found.
import stripAnsi from 'strip-ansi';
import type {BuildRef} from '../../domain/build.ts';
import type {Client, LogLine} from '../client-types.ts';

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

/** Reads the log from its beginning; `found` is called after each page. Ends with the log or with the signal. */
export async function searchLog(
  client: Client,
  build: BuildRef,
  query: string,
  found: (matches: LogMatches) => void,
  signal: AbortSignal,
): Promise<void> {
  const lines: number[] = [];
  let searched = 0;
  for (;;) {
    const page = await client.readLog(build, searched, pageSize);
    if (signal.aborted) return;
    for (const line of page.lines) if (lineMatches(line, query)) lines.push(line.line);
    searched += page.lines.length;
    const done = page.lines.length === 0 || searched >= page.total;
    found({lines: [...lines], done, searched});
    if (done) return;
  }
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
