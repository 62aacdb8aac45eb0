// Stops the controller of a home, when one runs, and waits until it has let go of it.
import {readdir} from 'node:fs/promises';
import {setTimeout as pause} from 'node:timers/promises';
import {CommandError, failure} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {withClient} from '../with-client.ts';

const longestMilliseconds = 10_000;

/** Resolves when no controller holds the home any more: at once when none runs. */
export async function stopController(context: CommandContext): Promise<void> {
  try {
    await withClient(context, (client) => client.stop(), {start: false});
  } catch (error) {
    if (!(error instanceof CommandError && error.kind === 'no-controller')) throw error;
    return;
  }
  const end = context.now() + longestMilliseconds;
  while (await isHeld(context.home)) {
    if (context.now() > end) throw failure(`the controller of ${context.home} did not stop within ten seconds`);
    await pause(20);
  }
}

async function isHeld(home: string): Promise<boolean> {
  return (await readdir(home)).includes('controller.lock');
}
