// The real controller as a process of its own, from source. Given a number, it kills itself without a warning as soon as it is durable
// that so many builds have ended and that others run: a fleet is through before another process could have seen it in the middle.
import {DatabaseSync} from 'node:sqlite';
import {runController} from '../../../source/daemon/run-controller.ts';

const home = process.env['SLIPWAY_HOME'] ?? '';
const killAfter = process.argv[2];
if (killAfter !== undefined) dieInTheMiddle(Number(killAfter));
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());
await runController({
  home,
  version: '0.1.0',
  node: process.execPath,
  lifecycleBundle: '/nowhere',
  examples: '/nowhere',
  signal: stopping.signal,
  log: (line) => process.stdout.write(`${line}\n`),
});

/** Counts what every commit brings: between a commit that says a build runs and the one that says how it ended, nothing can slip. */
function dieInTheMiddle(after: number): void {
  const exec = DatabaseSync.prototype.exec;
  let from: number | undefined;
  let ended = 0;
  let running = 0;
  DatabaseSync.prototype.exec = function counted(sql) {
    if (sql === 'BEGIN IMMEDIATE') from ??= lastEvent(this);
    exec.call(this, sql);
    if (sql !== 'COMMIT' || from === undefined) return;
    for (const {sequence, kind} of this.prepare('SELECT sequence, kind FROM event WHERE sequence > ?').iterate(from)) {
      from = Number(sequence);
      if (kind === 'build.started') running += 1;
      if (kind !== 'build.succeeded') continue;
      ended += 1;
      running -= 1;
    }
    if (ended >= after && running > 0) process.kill(process.pid, 'SIGKILL');
  };
}

/** Only what happens in this process is counted; the tables are there once they were migrated. */
function lastEvent(database: DatabaseSync): number | undefined {
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'event'").get();
  return table && Number(database.prepare('SELECT coalesce(max(sequence), 0) AS last FROM event').get()?.['last']);
}
