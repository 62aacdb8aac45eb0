// `slipway controller stop`
import {setTimeout as pause} from 'node:timers/promises';
import {Command} from 'commander';
import {CommandError} from '../command-error.ts';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

/** Stops it; running builds run again at the next start, or are cancelled with --cancel-builds. None running is success. */
export function controllerStop(context: CommandContext, run: Run): Command {
  return new Command('stop')
    .description('stop the controller')
    .option('--cancel-builds', 'cancel running builds instead of running them again at the next start')
    .action(
      run(async ({cancelBuilds}: {readonly cancelBuilds?: boolean}, _command: Command) => {
        try {
          await withClient(context, (client) => client.stop({cancelBuilds: cancelBuilds === true}), {start: false});
          await released(context);
          context.stdout.write('Controller stopped\n');
        } catch (error) {
          if (!(error instanceof CommandError && error.kind === 'no-controller')) throw error;
          context.stdout.write('No controller runs\n');
        }
        return exitCode.done;
      }),
    );
}

const longestMilliseconds = 10_000;

/** Resolves when the controller has let go of the home: only then may its files be copied, or another one start at once. */
async function released(context: CommandContext): Promise<void> {
  const lock = `${context.home}/controller.lock`;
  const end = context.now() + longestMilliseconds;
  while (context.now() < end && (await context.files.kind(lock)) !== 'missing') await pause(10);
}
