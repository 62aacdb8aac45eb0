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
  /** Starts a command in a session of its own; killing the process that it returns ends everything the command started. */
  start(command: SandboxCommand, stdio: StdioOptions): Promise<ChildProcess>;
};

export type Sandbox = {
  readonly statement: SandboxStatement;
  /** Prepares a room below `directory`, which exists, is empty and belongs to this run alone. */
  open(directory: string, user: SandboxUser): Promise<SandboxRoom>;
};

/** The exit code of a private root that could not be set up; no phase of the lifecycle ends with it. */
export const sandboxFailed = 125;

/** Ends a command and everything it started that is still in its session. */
export function killSandboxed(child: ChildProcess): void {
  if (child.pid === undefined) return;
  for (const target of [-child.pid, child.pid]) {
    try {
      process.kill(target, 'SIGKILL');
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM')))
        throw error;
    }
  }
}
