// `slipway controller stop`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import type {Run} from '../run.ts';
import {stopController} from '../machine/stop-controller.ts';

/** Stops it; running builds run again at the next start, or are cancelled with --cancel-builds. None running is success. */
export function controllerStop(context: CommandContext, run: Run): Command {
  return new Command('stop')
    .description('stop the controller')
    .option('--cancel-builds', 'cancel running builds instead of running them again at the next start')
    .action(
      run(async ({cancelBuilds}: {readonly cancelBuilds?: boolean}, _command: Command) => {
        const was = await stopController(context, {cancelBuilds: cancelBuilds === true});
        context.stdout.write(was === 'stopped' ? 'Controller stopped\n' : 'No controller runs\n');
        return exitCode.done;
      }),
    );
}
