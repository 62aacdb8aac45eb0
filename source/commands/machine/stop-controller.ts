// Stops the controller of a home, when one runs, and waits until its process is gone (a lock left by one that was killed is not waited for long).
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {CommandError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {withClient} from '../with-client.ts';

type StopContext = Pick<CommandContext, 'home' | 'now' | 'connect'>;

const longestMilliseconds = 5_000;

/** Resolves when no controller holds the home any more and the one that did has ended, also when one was just stopping. */
export async function stopController(context: StopContext): Promise<void> {
  const holder = await holderOf(context.home);
  if (holder === 'nobody') return;
  try {
    await withClient(context, (client) => client.stop(), {start: false});
  } catch (error) {
    if (!(error instanceof CommandError && error.kind === 'no-controller')) throw error;
  }
  // The lock goes first; the process takes a moment more to end.
  const end = context.now() + longestMilliseconds;
  while ((await holderOf(context.home)) !== 'nobody' || (await isRunning(holder))) {
    if (context.now() > end) return;
    await pause(20);
  }
}

/** The process id in the lock; `unknown` for a lock that cannot be read as one. */
async function holderOf(home: string): Promise<number | 'nobody' | 'unknown'> {
  let text: string;
  try {
    text = await readFile(path.join(home, 'controller.lock'), 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'nobody';
    throw error;
  }
  const pid = /"pid":\s*(\d+)/.exec(text)?.[1];
  return pid === undefined ? 'unknown' : Number(pid);
}

/** A zombie has ended, whoever is left to say so. */
async function isRunning(pid: number | 'unknown'): Promise<boolean> {
  if (pid === 'unknown') return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return !/^State:\s*[ZX]/m.test(status);
}
