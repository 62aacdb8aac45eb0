// `slipway events`: the controller's own events as NDJSON.
import {Command} from 'commander';
import type {Client} from '../client/client.ts';
import type {RecordedEvent} from './client-types.ts';
import {interruption, usageError} from './command-error.ts';
import type {CommandContext} from './command-context.ts';
import {exitCode, type ExitCode} from './exit-code.ts';
import type {Run} from './run.ts';
import {stateChange} from './state-change.ts';
import {withClient} from './with-client.ts';

type Flags = {readonly follow?: boolean; readonly since?: string};

const pageSize = 1000;

/** Every kept event, oldest first, one JSON object a line; with --follow also what happens from then on. */
export function eventsCommand(context: CommandContext, run: Run): Command {
  return new Command('events')
    .description("the controller's own events as NDJSON")
    .option('-f, --follow', 'go on with what happens')
    .option('--since <time>', 'a time (RFC 3339) or how long ago (90s, 10m, 2h, 1d)')
    .action(
      run((flags: Flags, _command: Command) => {
        const since = flags.since === undefined ? undefined : sinceTime(flags.since, context.now());
        return withClient(context, (client) => printEvents(client, context, since, flags.follow === true));
      }),
    );
}

async function printEvents(
  client: Client,
  context: CommandContext,
  since: number | undefined,
  follow: boolean,
): Promise<ExitCode> {
  const arrived: RecordedEvent[] = [];
  const stop = client.onEvent((event) => arrived.push(event));
  try {
    let last = await printKept(client, context, since);
    if (!follow) return exitCode.done;
    for (;;) {
      const seen = client.state.read();
      for (const event of arrived.splice(0)) {
        if (event.sequence > last) printEvent(context, event);
        last = Math.max(last, event.sequence);
      }
      await stateChange(client, seen, context.signal);
    }
  } finally {
    stop();
  }
}

/** The sequence number of the last one. */
async function printKept(client: Client, context: CommandContext, since: number | undefined): Promise<number> {
  let afterSequence = 0;
  for (let from = since; ; from = undefined) {
    if (context.signal.aborted) throw interruption();
    const query = from === undefined ? {afterSequence, limit: pageSize} : {since: from, limit: pageSize};
    const events = await client.readEvents(query);
    for (const event of events) printEvent(context, event);
    afterSequence = events.at(-1)?.sequence ?? afterSequence;
    if (events.length < pageSize) return afterSequence;
  }
}

function printEvent({stdout}: CommandContext, {sequence, event}: RecordedEvent): void {
  stdout.write(`${JSON.stringify({sequence, ...event})}\n`);
}

const units: Readonly<Record<string, number>> = {s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000};

function sinceTime(text: string, now: number): number {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return now - Number(count) * (units[unit] ?? 0);
  const at = Date.parse(text);
  if (!Number.isNaN(at)) return at;
  throw usageError(`expected --since to be a time like 2026-11-23T10:00:00Z or 10m, got ${JSON.stringify(text)}`);
}
