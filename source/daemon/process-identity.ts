// Which process a process id means: ids are used again, so a start time (and the boot it belongs to) is kept with them.
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';

/** `startedAt` is opaque text to be compared, absent where the system does not tell; `boot` names the start of the machine. */
export type ProcessIdentity = {readonly pid: number; readonly startedAt?: string; readonly boot?: string};

/** The identity of a process that runs, or undefined when there is none with this id (one that ended unreaped is none). */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  // Zero and below name groups of processes to the system.
  if (pid <= 0 || !exists(pid)) return undefined;
  if (process.platform === 'linux') return identifyByProc(pid);
  if (process.platform === 'win32') return {pid};
  const {status, stdout} = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {encoding: 'utf8'});
  if (status !== 0 || stdout.trim().startsWith('Z')) return undefined;
  return {pid, startedAt: stdout.trim().replace(/^\S+\s+/, '')};
}

/** Whether the process meant is still running. Where no start time is known the id alone decides. */
export function isRunning(identity: ProcessIdentity): boolean {
  const found = identifyProcess(identity.pid);
  if (found === undefined) return false;
  return same(found.startedAt, identity.startedAt) && same(found.boot, identity.boot);
}

function same(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other;
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** proc_pid_stat(5): the state is the first field after the name in brackets, the start time (in ticks since boot) the twentieth. */
function identifyByProc(pid: number): ProcessIdentity | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return {pid};
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
  return {pid, startedAt: fields[19], boot: readText('/proc/sys/kernel/random/boot_id')?.trim()};
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
