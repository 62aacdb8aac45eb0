// No private root: commands run on the host's own paths, as the user who runs the controller. Only for trusted builders.
import {spawn} from 'node:child_process';
import {mkdir} from 'node:fs/promises';
import path from 'node:path';
import {killGroup, type SandboxRoom} from './sandbox.ts';

/** A room whose mounts are where they are. `/tmp` and the home directory are still the command's own. */
export async function openHostPaths(directory: string): Promise<SandboxRoom> {
  return {
    locate: (mount) => mount.from,
    kill: ({pid}) => {
      if (pid !== undefined) killGroup(pid);
    },
    start: async (command, stdio) => {
      const temporary = path.join(directory, command.name, 'tmp');
      const home = path.join(directory, command.name, 'home');
      await mkdir(temporary, {recursive: true});
      await mkdir(home, {recursive: true});
      const [program = '', ...args] = command.program;
      const environment = {PATH: process.env['PATH'] ?? '/usr/bin:/bin', HOME: home, TMPDIR: temporary};
      return spawn(program, args, {
        cwd: command.workingDirectory,
        env: {...command.environment, ...environment},
        stdio,
        detached: true,
      });
    },
  };
}
