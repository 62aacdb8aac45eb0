// Order of versions, by Semantic Versioning 2.0.0 section 11; missing parts count as 0.

/** Negative when `a` is older than `b`, positive when newer, 0 when neither. */
export function compareVersions(a: string, b: string): number {
  const [coreA, preA] = split(a);
  const [coreB, preB] = split(b);
  const byCore = compareParts(coreA, coreB);
  if (byCore !== 0) return byCore;
  if (preA.length === 0 || preB.length === 0) return preB.length - preA.length;
  return compareParts(preA, preB) || preA.length - preB.length;
}

function split(version: string): [readonly string[], readonly string[]] {
  const [withoutBuild = ''] = version.replace(/^v/, '').split('+');
  const dash = withoutBuild.indexOf('-');
  if (dash < 0) return [withoutBuild.split('.'), []];
  return [withoutBuild.slice(0, dash).split('.'), withoutBuild.slice(dash + 1).split('.')];
}

function compareParts(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const order = comparePart(a[index], b[index]);
    if (order !== 0) return order;
  }
  return 0;
}

function comparePart(a = '0', b = '0'): number {
  const numericA = /^\d+$/.test(a);
  const numericB = /^\d+$/.test(b);
  if (numericA && numericB) return compareNumbers(a.replace(/^0+/, ''), b.replace(/^0+/, ''));
  if (numericA !== numericB) return numericA ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Of any length: a number of type number would lose digits of a timestamp. */
function compareNumbers(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
