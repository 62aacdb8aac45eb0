// The counts of one run of tests, and the one plain line that closes it.

/** A test or check with the reason for what became of it. */
export type NamedResult = {readonly name: string; readonly reason: string};

/** What came out of a run. A file that cannot be loaded and an error outside any test count as failed. */
export type TestCounts = {
  readonly passed: number;
  readonly failed: readonly NamedResult[];
  readonly skipped: readonly NamedResult[];
};

export const noCounts: TestCounts = {passed: 0, failed: [], skipped: []};

/** Both runs as one. */
export function addCounts(left: TestCounts, right: TestCounts): TestCounts {
  return {
    passed: left.passed + right.passed,
    failed: [...left.failed, ...right.failed],
    skipped: [...left.skipped, ...right.skipped],
  };
}

/** `N passed, N failed`, with `, N skipped` only when something was skipped. */
export function closingLine({passed, failed, skipped}: TestCounts): string {
  const line = `${passed} passed, ${failed.length} failed`;
  return skipped.length > 0 ? `${line}, ${skipped.length} skipped` : line;
}

/** Prints what was skipped and what failed by name, then the closing line. */
export function printResults(counts: TestCounts): void {
  console.log('');
  printList('skipped', counts.skipped);
  printList('failed', counts.failed);
  console.log(closingLine(counts));
}

function printList(word: string, results: readonly NamedResult[]): void {
  for (const {name: what, reason} of results) console.log(`${word}: ${what} (${firstLine(reason)})`);
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
