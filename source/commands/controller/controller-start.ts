// `slipway controller start`
import {Command} from 'commander';
import {usageError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

/** Starts a controller in the background, or says that one runs. With --foreground it is this process (see cli.tsx). */
export function controllerStart(context: CommandContext, run: Run): Command {
  return new Command('start')
    .description('start the controller')
    .option('--foreground', 'stay in this process, for service managers and debugging')
    .action(
      run(({foreground}: {readonly foreground?: boolean}, _command: Command) => {
        if (foreground) throw usageError('--foreground must stand alone: slipway controller start --foreground');
        return withClient(context, async (client) => {
          const {pid, home} = await client.status();
          context.stdout.write(`Controller runs (pid ${pid}, home ${home})\n`);
          return exitCode.done;
        });
      }),
    );
}
