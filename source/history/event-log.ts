// Events and snapshots in state.db: append, read windows, keep the newest two snapshots, forget what is old enough.
import type {DatabaseSync} from 'node:sqlite';
import type {Event, RecordedEvent} from '../domain/event.ts';
import type {History} from '../ports/history.ts';
import {corruptError, HistoryError} from './history-error.ts';
import {guarded, inTransaction, openDatabase} from './open-database.ts';
import {forgetOldSnapshots, readNewestSnapshot, writeSnapshot} from './snapshots.ts';

/** How long events stay readable once a snapshot covers them; whichever limit is reached first. */
export type Retention = {readonly events: number; readonly milliseconds: number};

const defaultRetention: Retention = {events: 200_000, milliseconds: 90 * 24 * 60 * 60 * 1000};

export type EventLog = Omit<History, 'logs'>;

export type EventLogOptions = {
  readonly path: string;
  readonly now: () => number;
  readonly retention?: Retention;
  readonly steps?: readonly string[];
};

/** The event half of a History, in the file at `path`. Errors: see `openDatabase`; a write that fails records nothing. */
export function openEventLog({path, now, retention = defaultRetention, steps}: EventLogOptions): EventLog {
  const database = openDatabase({path, now, steps});
  const insert = database.prepare('INSERT INTO event (sequence, at, kind, body) VALUES (?, ?, ?, ?)');
  const after = database.prepare('SELECT sequence, body FROM event WHERE sequence > ? ORDER BY sequence LIMIT ?');
  const since = database.prepare('SELECT sequence, body FROM event WHERE at >= ? ORDER BY sequence LIMIT ?');
  let last = lastSequence(database);

  return {
    load: () =>
      guarded('read', path, () => {
        const snapshot = readNewestSnapshot(database);
        const events = readEvents(after.iterate(snapshot?.sequence ?? 0, -1), path);
        checkUnbroken(events, snapshot?.sequence ?? 0, path);
        return {snapshot, events};
      }),

    append(events) {
      if (events.length === 0) return;
      checkNext(events, last, path);
      guarded('write', path, () =>
        inTransaction(database, () => {
          for (const {sequence, event} of events) insert.run(sequence, event.at, event.kind, JSON.stringify(event));
        }),
      );
      last += events.length;
    },

    keepSnapshot(sequence, state) {
      guarded('write', path, () =>
        inTransaction(database, () => {
          writeSnapshot(database, {sequence, state}, now());
          forgetOld(database, retention, now());
        }),
      );
      last = Math.max(last, sequence);
    },

    eventsSince: (sequence, limit) => guarded('read', path, () => readEvents(after.iterate(sequence, limit), path)),
    eventsSinceTime: (at, limit) => guarded('read', path, () => readEvents(since.iterate(at, limit), path)),
    close: () => guarded('close', path, () => database.close()),
  };
}

type Row = Readonly<Record<string, unknown>>;

/** One row after the other: the texts of a fleet's events are never in memory together. */
function readEvents(rows: Iterable<Row>, path: string): readonly RecordedEvent[] {
  return Array.from(rows, (row) => {
    const sequence = Number(row['sequence']);
    try {
      return {sequence, event: JSON.parse(String(row['body'])) as Event};
    } catch (error) {
      throw corruptError(path, `event ${sequence} is not JSON`, error);
    }
  });
}

function checkUnbroken(events: readonly RecordedEvent[], from: number, path: string): void {
  const gap = events.findIndex(({sequence}, index) => sequence !== from + 1 + index);
  if (gap !== -1) throw corruptError(path, `event ${from + 1 + gap} is missing`);
}

function checkNext(events: readonly RecordedEvent[], last: number, path: string): void {
  const wrong = events.findIndex(({sequence}, index) => sequence !== last + 1 + index);
  if (wrong === -1) return;
  const message = `expected an event with sequence number ${last + 1 + wrong}, got ${String(events[wrong]?.sequence)}; nothing was recorded`;
  throw new HistoryError('invalid', path, message);
}

/** Old events go from the front only, and never one that the older of the two snapshots needs for its replay. */
function forgetOld(database: DatabaseSync, retention: Retention, now: number): void {
  forgetOldSnapshots(database);
  const covered = oneNumber(database, 'SELECT min(sequence) AS n FROM snapshot') ?? 0;
  const last = lastSequence(database);
  const young = oneNumber(database, 'SELECT min(sequence) AS n FROM event WHERE at >= ?', now - retention.milliseconds);
  const cut = Math.min(covered, Math.max(last - retention.events, (young ?? last + 1) - 1));
  database.prepare('DELETE FROM event WHERE sequence <= ?').run(cut);
}

function lastSequence(database: DatabaseSync): number {
  const event = oneNumber(database, 'SELECT max(sequence) AS n FROM event') ?? 0;
  return Math.max(event, oneNumber(database, 'SELECT max(sequence) AS n FROM snapshot') ?? 0);
}

function oneNumber(database: DatabaseSync, query: string, ...values: readonly number[]): number | undefined {
  const found = database.prepare(query).get(...values)?.['n'];
  return typeof found === 'number' ? found : undefined;
}
