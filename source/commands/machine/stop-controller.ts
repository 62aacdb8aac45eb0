// Stops the controller of a home, when one runs, and waits until it has let go of it (a lock left by one that was killed is not waited for long).
import {readdir} from 'node:fs/promises';
import {setTimeout as pause} from 'node:timers/promises';
import {CommandError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {withClient} from '../with-client.ts';

const longestMilliseconds = 5_000;

/** Resolves when no controller holds the home any more, also when one was just stopping. */
export async function stopController(context: CommandContext): Promise<void> {
  if (!(await isHeld(context.home))) return;
  try {
    await withClient(context, (client) => client.stop(), {start: false});
  } catch (error) {
    if (!(error instanceof CommandError && error.kind === 'no-controller')) throw error;
  }
  const end = context.now() + longestMilliseconds;
  while (await isHeld(context.home)) {
    if (context.now() > end) return;
    await pause(20);
  }
}

async function isHeld(home: string): Promise<boolean> {
  return (await readdir(home)).includes('controller.lock');
}
