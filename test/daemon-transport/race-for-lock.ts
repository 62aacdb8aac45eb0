// A program that waits for a line on stdin, tries for the lock, says how it went, and holds what it got until stdin ends.
import {acquireControllerLock} from '../../source/daemon/controller-lock.ts';

const home = process.argv[2] ?? '';
process.stdout.write('ready\n');
process.stdin.once('data', () => {
  void acquireControllerLock({home, log: () => undefined}).then(
    () => process.stdout.write('won\n'),
    (error: unknown) => process.stdout.write(`${(error as {readonly kind?: string}).kind ?? String(error)}\n`),
  );
});
