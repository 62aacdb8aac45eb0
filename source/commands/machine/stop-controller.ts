// Stops the controller of a home, when one runs, and waits until its process is gone (a lock left by one that was killed is not waited for long).
import {readFile} from 'node:fs/promises';
import path from 'node:path';
import {setTimeout as pause} from 'node:timers/promises';
import {CommandError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {isOtherVersion, nobodyRuns} from '../controller/nobody-runs.ts';
import {withClient} from '../with-client.ts';

type StopContext = Pick<CommandContext, 'home' | 'now' | 'connect' | 'version'>;

const longestMilliseconds = 10_000;

/**
 * Resolves when no controller holds the home any more and the one that did has ended, also when one was just stopping: only then may its files be
 * copied, or another one start at once. Says whether one was there to be asked.
 */
export async function stopController(
  context: StopContext,
  options: {readonly cancelBuilds?: boolean} = {},
): Promise<'stopped' | 'none ran'> {
  const holder = await holderOf(context.home);
  const asked = await askToStop(context, options);
  // The lock goes first; the process takes a moment more to end. Nobody takes the lock away of one that was killed.
  const isHeld = async () => asked === 'stopped' && (await holderOf(context.home)) !== 'nobody';
  const end = context.now() + longestMilliseconds;
  while ((await isRunning(holder)) || (await isHeld())) {
    if (context.now() > end) break;
    await pause(20);
  }
  return asked;
}

async function askToStop(
  context: StopContext,
  options: {readonly cancelBuilds?: boolean},
): Promise<'stopped' | 'none ran'> {
  try {
    await withClient(context, (client) => client.stop(options), {start: false});
    return 'stopped';
  } catch (error) {
    if (nobodyRuns(error)) return 'none ran';
    if (!(error instanceof CommandError) || !isOtherVersion(error)) throw error;
    // Also a controller of another version: this is what its refusal tells people to do.
    const {stopOtherVersion} = await import('../../client/stop-other-version.ts');
    await stopOtherVersion(context.home, context.version, {cancelBuilds: options.cancelBuilds === true});
    return 'stopped';
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
async function isRunning(pid: Awaited<ReturnType<typeof holderOf>>): Promise<boolean> {
  if (typeof pid !== 'number') return false;
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return !/^State:\s*[ZX]/m.test(status);
}
