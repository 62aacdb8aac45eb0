// Where in the log a failure shows: the line that the failure quotes, else the last line of the phase that failed.
import stripAnsi from 'strip-ansi';
import type {Build} from '../../domain/build.ts';
import type {Client} from '../client-types.ts';

const pageSize = 2000;

/** The line's number, or undefined when the build did not fail or its log cannot be read. */
export async function findFailureLine(client: Client, build: Build | undefined): Promise<number | undefined> {
  if (!build?.failure) return undefined;
  const {phase, message} = build.failure;
  const wanted = message.trim().slice(0, 200);
  let last: number | undefined;
  for (let from = 0; ; ) {
    const {lines, total} = await client.readLog(build, from, pageSize);
    for (const line of lines) {
      if (line.phase !== phase) continue;
      if (wanted !== '' && stripAnsi(line.text).includes(wanted)) return line.line;
      last = line.line;
    }
    from += lines.length;
    if (lines.length === 0 || from >= total) return last;
  }
}
