// Statement 21, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 21;
export const statement =
  'Same events, four faces: pure functions of one stream with golden output; JSON lines with a schema; catching up loses nothing';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests(['test/ui/faces.test.ts']);
}
