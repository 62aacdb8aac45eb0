// `slipway version`
import {Command} from 'commander';
import type {CommandContext} from './command-context.ts';
import {exitCode} from './exit-code.ts';
import {outputFlag, type OutputFlags} from './flags.ts';
import {isDataFormat, printData} from './print-data.ts';
import type {Run} from './run.ts';

/** The version of this program; it asks no controller. */
export function versionCommand(context: CommandContext, run: Run): Command {
  return outputFlag(new Command('version').description('print the version')).action(
    run(({output}: OutputFlags, _command: Command) => {
      if (isDataFormat(output)) printData(context, output, {version: context.version});
      else context.stdout.write(`slipway ${context.version}\n`);
      return Promise.resolve(exitCode.done);
    }),
  );
}
