// Statement 20, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 20;
export const statement =
  'One key registry: hints, help, palette, readme and rebinding from one list; conflicts and unknown keys are errors with line and column';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests([
    'test/ui/keymap.test.ts',
    'test/ui/stories.test.ts',
    'test/ui/rebind.test.ts',
    'test/ui/readme-keys.test.ts',
    'test/ui/robot/palette.test.ts',
    'test/ui/robot/table.test.ts',
  ]);
}
