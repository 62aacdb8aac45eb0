// Where the commands of a build run: in a private root, or, where none can be had, on the host's own paths.
import type {ChildProcess, StdioOptions} from 'node:child_process';
import type {SandboxStatement} from '../domain/event.ts';

/** A file or directory of this machine and where a command finds it. */
export type Mount = {readonly from: string; readonly to: string; readonly writable: boolean};

/** Whom a command runs as, inside. Never 0. */
export type SandboxUser = {readonly uid: number; readonly gid: number};

export type SandboxCommand = {
  /** Names the command's own /tmp and home directory; they are new for every command. */
  readonly name: string;
  readonly mounts: readonly Mount[];
  /** Absolute path of the program as it is inside, and its arguments. */
  readonly program: readonly string[];
  /** The whole environment, but for PATH, HOME and TMPDIR, which the sandbox sets. */
  readonly environment: Readonly<Record<string, string>>;
  /** As it is inside. */
  readonly workingDirectory: string;
};

/** What all commands of one run share. */
export type SandboxRoom = {
  /** The path under which a command finds a mount. */
  locate(mount: Mount): string;
  /** Starts a command in a session of its own. In a private root its `exit` means that everything it started is dead. */
  start(command: SandboxCommand, stdio: StdioOptions): Promise<ChildProcess>;
  /** Ends a command and everything it started (on the host's own paths: that is still in its group). Its `exit` follows. */
  kill(child: ChildProcess): void;
};

export type Sandbox = {
  readonly statement: SandboxStatement;
  /** Prepares a room below `directory`, which exists, is empty and belongs to this run alone. */
  open(directory: string, user: SandboxUser): Promise<SandboxRoom>;
};

/** The exit code of a private root that could not be set up; no phase of the lifecycle ends with it. */
export const sandboxFailed = 125;

/** Kills a process and its group; what is gone already is fine. */
export function killGroup(pid: number): void {
  for (const target of [-pid, pid]) kill(target);
}

/** Kills a process, or a group when negative; what is gone already, or became somebody else's, is fine. */
export function kill(target: number): void {
  try {
    process.kill(target, 'SIGKILL');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
