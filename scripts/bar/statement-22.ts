// Statement 22, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 22;
export const statement =
  'Degradation: no colour, sixteen colours, ASCII; contrast at least 4.5:1; no state by colour alone; every screen in mono';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests(
    ['test/ui/view-models.test.ts', 'test/ui/degraded.test.ts', 'test/ui/screens.test.ts'],
    'theme|ASCII|mono|colour',
  );
}
