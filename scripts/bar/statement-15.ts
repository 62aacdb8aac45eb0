// Statement 15, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 15;
export const statement =
  'Failure in one glance: phase, buildpack, meaning, first error line, 20 lines of tail, next step; a bell only when unfocused';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests(['test/ui/robot/failure.test.ts', 'test/ui/robot/lists.test.ts'], 'failure');
}
