// What the screen remembers of how its user looks at the log: where, wrapped or cut, searched, filtered, folded.

export type LogQuery = {readonly pattern: string; readonly regex: boolean};

/** Only lines that match, with some around each; inverse: only those that do not. */
export type LogFilter = LogQuery & {readonly context: number; readonly inverse: boolean};

export type LogView = {
  readonly follow: boolean;
  /** The first visible line while not following. */
  readonly top: number;
  /** Rows of that line (and of the headings above it) that are scrolled off. */
  readonly skip: number;
  readonly wrap: boolean;
  readonly times: boolean;
  /** Empty when nothing is searched. */
  readonly query: string;
  readonly regex: boolean;
  /** The line that was jumped to; n and N go on from it. */
  readonly hit?: number;
  readonly filter?: LogFilter;
  /** What the user folded (true) and unfolded (false), by the key of the part; other parts fold by themselves. */
  readonly folds: Readonly<Record<string, boolean>>;
  /** The line that was marked. */
  readonly mark?: number;
  /** What `c` copied last and when, so that the next `c` copies more. */
  readonly copied?: {readonly scope: CopyScope; readonly at: number};
};

export type CopyScope = 'line' | 'marked' | 'visible' | 'whole';

export const firstLogView: LogView = {
  follow: true,
  top: 0,
  skip: 0,
  wrap: false,
  times: false,
  query: '',
  regex: false,
  folds: {},
};

/** The view of another log: the same look, and nothing of what was searched, filtered or folded before. */
export function freshLogView({wrap, times}: LogView): LogView {
  return {...firstLogView, wrap, times};
}

/** The query of a view, if something is searched. */
export function queryOf({query, regex}: LogView): LogQuery | undefined {
  return query === '' ? undefined : {pattern: query, regex};
}

/** What is typed for a filter (`!` before it turns it round) as a filter. */
export function filterOf(text: string, regex: boolean, context: number): LogFilter | undefined {
  const inverse = text.startsWith('!');
  const pattern = inverse ? text.slice(1) : text;
  return pattern === '' ? undefined : {pattern, regex, context, inverse};
}

/** The other way round: what to type for it. */
export function filterText(filter: LogFilter | undefined): string {
  return filter ? `${filter.inverse ? '!' : ''}${filter.pattern}` : '';
}
