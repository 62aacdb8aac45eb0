// Statement 16, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 16;
export const statement =
  'Exit leaves evidence: the primary screen gets the summary with failed phase and tail, and the exit code matches';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests(
    ['test/ui/robot/failure.test.ts', 'test/ui/view-models.test.ts', 'test/ui/robot/dashboard.test.ts'],
    'evidence|summary|summed up',
  );
}
