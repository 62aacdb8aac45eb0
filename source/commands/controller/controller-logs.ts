// `slipway controller logs`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {positiveNumber} from '../flags.ts';
import type {Run} from '../run.ts';
import {withClient} from '../with-client.ts';

type Flags = {readonly lines?: number};

/** Prints the controller's own log. */
export function controllerLogs(context: CommandContext, run: Run): Command {
  return new Command('logs')
    .description("print the controller's own log")
    .option('--lines <count>', 'only the last lines', positiveNumber('a number of lines'))
    .action(
      run(({lines}: Flags, _command: Command) =>
        withClient(context, async (client) => {
          const {logFile} = await client.status();
          const text = await context.files.readText(logFile);
          context.stdout.write(lines === undefined ? text : lastLines(text, lines));
          return exitCode.done;
        }),
      ),
    );
}

function lastLines(text: string, count: number): string {
  const lines = text.split('\n');
  const end = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  return lines
    .slice(Math.max(0, end - count), end)
    .map((line) => `${line}\n`)
    .join('');
}
