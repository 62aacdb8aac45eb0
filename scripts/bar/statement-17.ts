// Statement 17, held by tests that are run here.
import {runTests} from './support/tests-as-check.ts';

export const number = 17;
export const statement =
  'Terminal restored for exit, SIGINT, SIGTERM, SIGHUP, throw, rejection, render error, lost tty (within 2 s)';

export function run(): Promise<{figure: string; pass: boolean}> {
  return runTests(['test/ui/pty']);
}
