// Finds what somebody may have meant.

/** At most five of `names` that are close to `wanted`: few letters apart, or one holding the other; the closest first. */
export function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  const low = wanted.toLowerCase();
  return names
    .map((name) => ({name, far: farFrom(low, name.toLowerCase())}))
    .filter(({far}) => far <= Math.max(1, Math.floor(low.length / 3)))
    .toSorted((left, right) => left.far - right.far)
    .slice(0, 5)
    .map(({name}) => name);
}

function farFrom(wanted: string, name: string): number {
  if (wanted === name) return 0;
  if (wanted.length >= 3 && name.length >= 3 && (name.includes(wanted) || wanted.includes(name))) return 1;
  return Math.abs(wanted.length - name.length) > 4 || name.length > 100 ? Infinity : editDistance(wanted, name);
}

/** Levenshtein's: how many letters to insert, remove or replace. */
function editDistance(left: string, right: string): number {
  let row = Array.from({length: right.length + 1}, (_, index) => index);
  for (let i = 1; i <= left.length; i++) {
    const next = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
