// Statement 25, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 25;
export const statement =
  'Proof and teaching: every screen at three sizes in colour and mono has a picture that must not change; pictures of the readme come out the same';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests(['test/ui/screens.test.ts']);
}
