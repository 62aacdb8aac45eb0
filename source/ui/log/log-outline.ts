// Which lines of a log are on view, in their order: all of them, those a filter leaves, or all with some parts folded.
import type {LineList} from './line-list.ts';
import type {LogPart} from './log-parts.ts';
import type {LogMatches} from './log-search.ts';
import type {LogFilter} from './log-view.ts';

/** An entry is a line, or the first line of a folded part, which stands for all of it. */
export type LogOutline = {
  readonly total: number;
  readonly parts: readonly LogPart[];
  readonly filtered: boolean;
  /** The first entry at or after a line (a line in a folded part: that part's), the last at or before it. */
  readonly from: (line: number) => number | undefined;
  readonly upTo: (line: number) => number | undefined;
  readonly next: (entry: number) => number | undefined;
  readonly previous: (entry: number) => number | undefined;
  /** The folded part that an entry stands for. */
  readonly fold: (entry: number) => LogPart | undefined;
  /** The parts that begin between the entry before and this one and are not folded: their headings stand above it. */
  readonly headings: (entry: number) => readonly LogPart[];
  /** About how much of everything lies before an entry, 0 to 1. */
  readonly share: (entry: number) => number;
};

/** All lines, with the folded parts as one entry each. */
export function foldedOutline(total: number, parts: readonly LogPart[]): LogOutline {
  const folds = outermost(parts);
  const foldAt = (line: number) => folds.find(({from, to}) => from <= line && line < to);
  const hidden = folds.reduce((sum, {from, to}) => sum + Math.max(0, to - from - 1), 0);
  const upTo = (line: number) => {
    if (line < 0 || total === 0) return undefined;
    const last = Math.min(line, total - 1);
    return foldAt(last)?.from ?? last;
  };
  const from = (line: number) => {
    const first = Math.max(0, line);
    return first >= total ? undefined : (foldAt(first)?.from ?? first);
  };
  return {
    total,
    parts,
    filtered: false,
    from,
    upTo,
    next: (entry) => from(foldAt(entry)?.to ?? entry + 1),
    previous: (entry) => upTo(entry - 1),
    fold: (entry) => folds.find((part) => part.from === entry),
    headings(entry) {
      const fold = folds.find((part) => part.from === entry);
      // A folded buildpack at the very beginning of its phase still has the heading of the phase above it.
      const before = fold ? parts.slice(0, parts.indexOf(fold)) : parts;
      return before.filter((part) => part.from === entry && part.to > entry);
    },
    share(entry) {
      const before = folds.reduce((sum, part) => (part.to <= entry ? sum + part.to - part.from - 1 : sum), 0);
      return (entry - before) / Math.max(1, total - hidden);
    },
  };
}

/** The lines that a filter leaves of those that were searched; nothing is folded. */
export function filteredOutline(parts: readonly LogPart[], filter: LogFilter, matches: LogMatches): LogOutline {
  const {lines, searched} = matches;
  const {from, upTo} = filter.inverse ? others(lines, searched) : around(lines, filter.context, searched);
  const previous = (entry: number) => upTo(entry - 1);
  return {
    total: searched,
    parts,
    filtered: true,
    from,
    upTo,
    next: (entry) => from(entry + 1),
    previous,
    fold: () => undefined,
    headings(entry) {
      const before = previous(entry) ?? -1;
      // Of the parts that begin in between only those that go on to the entry are its own.
      return parts.filter((part) => part.from > before && part.from <= entry && entry < part.to);
    },
    share: (entry) => (filter.inverse ? entry / Math.max(1, searched) : lines.rank(entry) / Math.max(1, lines.count)),
  };
}

/** The folded parts that lie in no other folded part, and hold lines. */
function outermost(parts: readonly LogPart[]): readonly LogPart[] {
  return parts.reduce<readonly LogPart[]>((kept, part) => {
    const inside = kept.some(({from, to}) => from <= part.from && part.to <= to);
    return part.folded && !inside && part.to > part.from ? [...kept, part] : kept;
  }, []);
}

type Lines = Pick<LogOutline, 'from' | 'upTo'>;

function around(matches: LineList, context: number, total: number): Lines {
  return {
    from(line) {
      const first = Math.max(0, line);
      const match = matches.from(first - context);
      if (match === undefined) return undefined;
      const found = Math.max(first, match - context);
      return found < total ? found : undefined;
    },
    upTo(line) {
      const last = Math.min(line, total - 1);
      const match = last < 0 ? undefined : matches.upTo(last + context);
      return match === undefined ? undefined : Math.max(0, Math.min(last, match + context));
    },
  };
}

/** The lines that are not in the list; long runs of matches are jumped over in one step. */
function others(matches: LineList, total: number): Lines {
  return {
    from(line) {
      const first = Math.max(0, line);
      const rank = matches.rank(first);
      if (matches.at(rank) !== first) return first < total ? first : undefined;
      const length = runLength(matches, rank, 1);
      return first + length < total ? first + length : undefined;
    },
    upTo(line) {
      const last = Math.min(line, total - 1);
      if (last < 0) return undefined;
      const rank = matches.rank(last);
      if (matches.at(rank) !== last) return last;
      const found = last - runLength(matches, rank, -1);
      return found >= 0 ? found : undefined;
    },
  };
}

/** How many matches follow each other without a gap from `rank` on, in one direction. */
function runLength(matches: LineList, rank: number, by: 1 | -1): number {
  const first = matches.at(rank) ?? 0;
  let low = 1;
  let high = by === 1 ? matches.count - rank : rank + 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if (matches.at(rank + by * (middle - 1)) === first + by * (middle - 1)) low = middle;
    else high = middle - 1;
  }
  return low;
}
