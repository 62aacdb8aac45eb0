// Statement 19, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 19;
export const statement =
  'Safety: targets and digests before, focus on Cancel, typed name for several, --read-only, patch with dry run and one-key rollback';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests(
    ['test/ui/robot/patch.test.ts', 'test/ui/keymap.test.ts', 'test/ui/robot/dashboard.test.ts'],
    'patch|read only|asks before|cancels',
  );
}
