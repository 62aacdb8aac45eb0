// Named pipes for what a phase prints. Node gives a child sockets, and `echo x > /dev/stderr` cannot reopen a socket; a pipe it can.
import {execFile} from 'node:child_process';
import {closeSync, constants, openSync} from 'node:fs';
import {Socket} from 'node:net';
import path from 'node:path';
import {promisify} from 'node:util';

const run = promisify(execFile);

export type OutputPipes = {
  /** Opens both anew for one process. `closeWriters` must be called once the process has started. */
  open(): {
    readonly stdout: Socket;
    readonly stderr: Socket;
    readonly writers: readonly [stdout: number, stderr: number];
    closeWriters(): void;
  };
};

/** Makes the pipes below `directory`, which only the controller's user can enter: whoever holds one open may reopen it. */
export async function makeOutputPipes(directory: string): Promise<OutputPipes> {
  const files = ['stdout', 'stderr'].map((name) => path.join(directory, name));
  await run('mkfifo', ['-m', '0666', '--', ...files]);
  const [out = '', error = ''] = files;
  return {
    open: () => {
      const readers = [openReader(out), openReader(error)] as const;
      const writers = [openSync(out, constants.O_WRONLY), openSync(error, constants.O_WRONLY)] as const;
      return {
        stdout: new Socket({fd: readers[0], readable: true, writable: false}),
        stderr: new Socket({fd: readers[1], readable: true, writable: false}),
        writers,
        closeWriters: () => {
          for (const descriptor of writers) closeSync(descriptor);
        },
      };
    },
  };
}

/** Without a writer yet: that is what makes the writer's open return at once. */
function openReader(file: string): number {
  return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
}
