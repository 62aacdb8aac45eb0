// Statement 12, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 12;
export const statement =
  'Six phases: every build row shows all six with state and time, without colour too; progress never falls, ended phases never change';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests([
    'test/ui/view-models.test.ts',
    'test/ui/components.test.tsx',
    'test/ui/time-left.test.ts',
    'test/state/reduce.properties.test.ts',
  ]);
}
