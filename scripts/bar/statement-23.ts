// Statement 23, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 23;
export const statement =
  'Accessible: no alternate screen, no cursor motion, one line a change, every action by command';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests(['test/ui/accessible.test.ts']);
}
