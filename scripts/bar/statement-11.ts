// Statement 11, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 11;
export const statement =
  'Any size: sixty-six sizes in the middle of a stream, no row too wide; portrait below 84 columns, a card below 40x10';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests(['test/ui/sizes.test.ts']);
}
