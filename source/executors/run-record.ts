// What a run writes down about itself, so that a controller that starts after a crash can end and remove it.
import {execFile} from 'node:child_process';
import {constants} from 'node:fs';
import {open, readdir, readFile, rename, writeFile} from 'node:fs/promises';
import path from 'node:path';
import {promisify} from 'node:util';
import {z} from 'zod';
import {removeTree} from './remove-tree.ts';
import {killGroup} from './sandbox.ts';

const run = promisify(execFile);

const schema = z.object({
  executor: z.literal('embedded'),
  boot: z.string(),
  /** The phase that runs: the leader of its process group. */
  process: z.object({pid: z.int().min(2), startTime: z.string()}).optional(),
});

type RunRecord = z.infer<typeof schema>;

const fileName = 'run.json';
const unfinishedName = `${fileName}.new`;

/** Writes `run.json` into the work directory, whole or not at all; `pid` is the phase's process, absent between phases. */
export async function recordRun(workDirectory: string, pid?: number): Promise<void> {
  const startTime = pid === undefined ? undefined : await processStartTime(pid);
  const record: RunRecord = {
    executor: 'embedded',
    boot: await bootId(),
    ...(pid === undefined || startTime === undefined ? {} : {process: {pid, startTime}}),
  };
  const temporary = path.join(workDirectory, unfinishedName);
  await writeFile(temporary, `${JSON.stringify(record)}\n`, {mode: 0o600});
  await rename(temporary, path.join(workDirectory, fileName));
}

/**
 * Ends the processes and removes the directories of every embedded run recorded below `worksRoot`, and directories of runs that were
 * interrupted before they had recorded anything. Runs of others are left alone.
 */
export async function sweepRuns(worksRoot: string): Promise<void> {
  for (const directory of await runDirectories(worksRoot, 3)) {
    const record = await readRecord(directory);
    if (record === undefined) continue;
    if (record.process && record.boot === (await bootId())) await endProcess(record.process);
    await removeTree(directory);
  }
  for (const directory of await unbornDirectories(worksRoot)) await removeTree(directory);
}

/** Directories that hold a run.json, at most `depth` levels down; links are not followed. */
async function runDirectories(directory: string, depth: number): Promise<readonly string[]> {
  const entries = await readdir(directory, {withFileTypes: true}).catch(none);
  if (entries.some((entry) => entry.name === fileName && entry.isFile())) return [directory];
  if (depth === 0) return [];
  const found: string[] = [];
  for (const entry of entries) {
    if (entry.isDirectory()) found.push(...(await runDirectories(path.join(directory, entry.name), depth - 1)));
  }
  return found;
}

/** Directories right below `worksRoot` that hold nothing, or half a record: their run was ended before its record had its name. */
async function unbornDirectories(worksRoot: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(worksRoot, {withFileTypes: true}).catch(none)) {
    const directory = path.join(worksRoot, entry.name);
    if (!entry.isDirectory()) continue;
    if ((await readdir(directory)).every((name) => name === unfinishedName)) found.push(directory);
  }
  return found;
}

function none(error: unknown): [] {
  if (isMissing(error)) return [];
  throw error;
}

async function readRecord(directory: string): Promise<RunRecord | undefined> {
  const file = await open(path.join(directory, fileName), constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const result = schema.safeParse(JSON.parse(await file.readFile('utf8')));
    return result.success ? result.data : undefined;
  } catch {
    return undefined; // not a record of ours: written by nobody we know, left alone
  } finally {
    await file.close();
  }
}

/** Kills the group, if its leader is still the very process that was recorded, and waits until it is gone. */
async function endProcess(recorded: {readonly pid: number; readonly startTime: string}): Promise<void> {
  const isAlive = async () => (await processStartTime(recorded.pid)) === recorded.startTime;
  if (!(await isAlive())) return;
  killGroup(recorded.pid);
  for (let tries = 0; tries < 100 && (await isAlive()); tries += 1) {
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
  }
}

/** When a process started, in the system's own notation; undefined when there is none (or only its zombie is left). */
async function processStartTime(pid: number): Promise<string | undefined> {
  if (process.platform !== 'linux') {
    const {stdout} = await run('ps', ['-o', 'lstart=', '-p', String(pid)]).catch(() => ({stdout: ''}));
    return stdout.trim() || undefined;
  }
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    // the second field is the name in parentheses, which may contain anything; state is the third field, the start the 22nd
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function bootId(): Promise<string> {
  if (process.platform !== 'linux') return '';
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH');
}
