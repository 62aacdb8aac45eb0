// Line numbers in ascending order, as many as a log has lines, in eight bytes each at most.

export type LineList = {
  readonly count: number;
  readonly at: (index: number) => number | undefined;
  /** How many are below `line`. */
  readonly rank: (line: number) => number;
  readonly has: (line: number) => boolean;
  /** The first at or after `line`, the last at or before it. */
  readonly from: (line: number) => number | undefined;
  readonly upTo: (line: number) => number | undefined;
};

/** A list to add to; `lines` must be ascending and above those that are in it. */
export function createLineList(): LineList & {readonly add: (lines: readonly number[]) => void} {
  let held = new Uint32Array(256);
  let count = 0;
  const at = (index: number) => (index >= 0 && index < count ? held[index] : undefined);
  const rank = (line: number) => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((held[middle] ?? 0) < line) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return {
    get count() {
      return count;
    },
    at,
    rank,
    has: (line) => at(rank(line)) === line,
    from: (line) => at(rank(line)),
    upTo: (line) => at(rank(line + 1) - 1),
    add(lines) {
      if (count + lines.length > held.length) {
        const grown = new Uint32Array(Math.max(held.length * 2, count + lines.length));
        grown.set(held.subarray(0, count));
        held = grown;
      }
      held.set(lines, count);
      count += lines.length;
    },
  };
}

export const noLines: LineList = createLineList();

/** The match after (or before) a line, going round at the end; undefined when there is none. */
export function stepMatch(lines: LineList, from: number, by: 1 | -1): number | undefined {
  if (by === 1) return lines.from(from + 1) ?? lines.at(0);
  return (from > 0 ? lines.upTo(from - 1) : undefined) ?? lines.at(lines.count - 1);
}
