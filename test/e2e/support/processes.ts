// Which processes belong to a state directory: by what they were started with, and by what is mounted for them.
import {readdir, readFile} from 'node:fs/promises';
import {setTimeout as pause} from 'node:timers/promises';

export type FoundProcess = {readonly pid: number; readonly command: string};

/** Processes whose command line, environment or mounts name the directory. Linux only; this process is none of them. */
export async function processesOf(directory: string): Promise<readonly FoundProcess[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const found: FoundProcess[] = [];
  for (const pid of ids) {
    if (pid === process.pid) continue;
    const command = await textOf(`/proc/${pid}/cmdline`);
    const belongs = async (file: string) => (await textOf(`/proc/${pid}/${file}`)).includes(directory);
    if (command.includes(directory) || (await belongs('environ')) || (await belongs('mountinfo'))) {
      found.push({pid, command: command.replaceAll('\0', ' ').trim()});
    }
  }
  return found;
}

/** Resolves when the condition holds; looks again as soon as anything can have changed. Rejects after `within` milliseconds. */
export async function eventually(
  what: string,
  condition: () => Promise<boolean> | boolean,
  within = 20_000,
): Promise<void> {
  const end = Date.now() + within;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`expected within ${within} ms: ${what}`);
    await pause(15);
  }
}

/** Resolves when no process belongs to the directory any more. */
export async function expectNoProcesses(directory: string, within = 5_000): Promise<void> {
  let left: readonly FoundProcess[] = [];
  const isEmpty = async () => {
    left = await processesOf(directory);
    return left.length === 0;
  };
  await eventually(`no process of ${directory} left`, isEmpty, within).catch((cause: unknown) => {
    throw new Error(`left behind: ${JSON.stringify(left)}`, {cause});
  });
}

/** Gone meanwhile, a kernel thread's, or somebody else's: nothing. */
async function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EINVAL', 'EPERM'].includes(error.code ?? '')) return '';
    throw error;
  });
}
