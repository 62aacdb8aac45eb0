// `slipway controller status`
import {Command} from 'commander';
import type {CommandContext} from '../command-context.ts';
import {exitCode} from '../exit-code.ts';
import {outputFlag, type OutputFlags} from '../flags.ts';
import {isDataFormat, printData} from '../print-data.ts';
import type {Run} from '../run.ts';
import {statusBlocks} from '../text-table.ts';
import {localTime} from '../time-text.ts';
import {withClient} from '../with-client.ts';
import {nobodyRuns} from './nobody-runs.ts';

/** Says what runs, without starting anything; 3 when nothing does. */
export function controllerStatus(context: CommandContext, run: Run): Command {
  return outputFlag(new Command('status').description('show the controller')).action(
    run(async ({output}: OutputFlags, _command: Command) => {
      try {
        return await withClient(
          context,
          async (client) => {
            const status = await client.status();
            if (isDataFormat(output)) printData(context, output, {...status});
            else context.stdout.write(statusText(status));
            return exitCode.done;
          },
          {start: false},
        );
      } catch (error) {
        if (!nobodyRuns(error)) throw error;
        if (isDataFormat(output)) printData(context, output, {home: context.home});
        else
          context.stdout.write(
            statusBlocks([
              {
                rows: [
                  ['Status', 'Not running'],
                  ['Home', context.home],
                ],
              },
            ]),
          );
        return exitCode.noController;
      }
    }),
  );
}

type Status = {
  readonly pid: number;
  readonly version: string;
  readonly home: string;
  readonly startedAt: number;
  readonly clients: number;
  readonly runningBuilds: number;
  readonly logFile: string;
};

function statusText(status: Status): string {
  const rows = [
    ['Status', 'Running'],
    ['Pid', String(status.pid)],
    ['Version', status.version],
    ['Home', status.home],
    ['Started', localTime(status.startedAt)],
    ['Clients', String(status.clients)],
    ['Running Builds', String(status.runningBuilds)],
    ['Log', status.logFile],
  ] as const;
  return statusBlocks([{rows}]);
}
