// Statement 18, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 18;
export const statement =
  'Copy: through the clipboard, OSC 52 (wrapped, capped) or a file, and says which; a drag selects inside its pane; % frees the mouse';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests(
    ['test/ui/clipboard.test.ts', 'test/ui/robot/mouse.test.ts', 'test/ui/robot/lists.test.ts'],
    'copie|drag|mouse|clipboard',
  );
}
