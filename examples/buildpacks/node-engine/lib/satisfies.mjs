// node satisfies.mjs VERSION RANGE: exit 0 when the version fits, 1 when it does not, 2 when the range cannot be read.
// Ranges: *, 20, 20.x, 20.1.3, ^20.1, ~20.1, >=20, >20, <27, <=26.1, =26; several with a space (all) or || (any).
const endless = [Infinity, 0, 0];

const [version, range] = process.argv.slice(2);
process.exitCode = satisfies(numbers(version), range);

function satisfies(actual, wanted) {
  let fits = false;
  for (const alternative of wanted.split('||')) {
    const comparators = alternative.replace(/([<>=~^])\s+/g, '$1').trim().split(/\s+/).map(readComparator);
    if (comparators.includes(undefined)) return 2;
    if (comparators.every(({low, high}) => compare(actual, low) >= 0 && compare(actual, high) < 0)) fits = true;
  }
  return fits ? 0 : 1;
}

/** A comparator as the versions from `low` on that stay under `high`. */
function readComparator(text) {
  if (text === '' || text === '*' || text === 'x') return {low: [0, 0, 0], high: endless};
  const match = /^(\^|~|>=|<=|>|<|=)?v?(\d+(?:\.(?:\d+|x|\*)){0,2})$/.exec(text);
  if (match === null) return undefined;
  const given = numbers(match[2].replace(/\.(x|\*).*$/, ''));
  const low = [given[0], given[1] ?? 0, given[2] ?? 0];
  const next = after(low, given.length);
  switch (match[1]) {
    case '^':
      return {low, high: after(low, given[0] > 0 || given.length === 1 ? 1 : given[1] > 0 || given.length === 2 ? 2 : 3)};
    case '~':
      return {low, high: after(low, Math.min(given.length, 2))};
    case '>=':
      return {low, high: endless};
    case '>':
      return {low: next, high: endless};
    case '<':
      return {low: [0, 0, 0], high: low};
    case '<=':
      return {low: [0, 0, 0], high: next};
    default:
      return {low, high: next};
  }
}

/** The first version after all that share the leading `length` numbers. */
function after(version, length) {
  return version.map((number, index) => (index < length - 1 ? number : index === length - 1 ? number + 1 : 0));
}

function compare(left, right) {
  const index = left.findIndex((number, at) => number !== right[at]);
  return index === -1 ? 0 : left[index] - right[index];
}

function numbers(text) {
  return text.split('.').map(Number);
}

