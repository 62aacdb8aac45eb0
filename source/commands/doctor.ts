// `slipway doctor`: what this machine can do, and how to fix what it cannot.
import {Command} from 'commander';
import type {CommandContext, Probe} from './command-context.ts';
import {exitCode} from './exit-code.ts';
import {outputFlag, type OutputFlags} from './flags.ts';
import {isDataFormat, printData} from './print-data.ts';
import type {Run} from './run.ts';
import {table} from './text-table.ts';

/** A table of probes; 1 when something needed is missing. */
export function doctorCommand(context: CommandContext, run: Run): Command {
  return outputFlag(
    new Command('doctor').description('what this machine can do, and how to fix what it cannot'),
  ).action(
    run(async ({output}: OutputFlags, _command: Command) => {
      const probes = await context.probes();
      if (isDataFormat(output)) printData(context, output, {probes: probes.map((probe) => ({...probe}))});
      else context.stdout.write(doctorText(probes));
      return probes.some(({state}) => state === 'missing') ? exitCode.failed : exitCode.done;
    }),
  );
}

function doctorText(probes: readonly Probe[]): string {
  const fixes = probes.filter(({fix}) => fix !== undefined);
  const rows = probes.map(({name, state, detail}) => [name, state, detail]);
  return table(['Check', 'State', 'Detail'], rows) + fixes.map(({name, fix}) => `${name}: ${fix ?? ''}\n`).join('');
}
