// Chance that can be repeated: everything drawn follows from the seed (mulberry32).

export type Random = {
  /** 0 ≤ n < limit. */
  readonly below: (limit: number) => number;
  readonly chance: (probability: number) => boolean;
  readonly pick: <T>(values: readonly T[]) => T;
  /** Every value with this probability, in their order. */
  readonly some: <T>(values: readonly T[], probability: number) => readonly T[];
  readonly shuffled: <T>(values: readonly T[]) => readonly T[];
};

/** The stream of choices that belongs to `seed`. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const pick = <T>(values: readonly T[]): T => {
    if (values.length === 0) throw new Error('expected something to pick from, got an empty list');
    return values[below(values.length)] as T;
  };
  return {
    below,
    pick,
    chance: (probability) => next() < probability,
    some: (values, probability) => values.filter(() => next() < probability),
    shuffled: (values) =>
      values
        .map((value) => ({value, order: next()}))
        .toSorted((a, b) => a.order - b.order)
        .map(({value}) => value),
  };
}
