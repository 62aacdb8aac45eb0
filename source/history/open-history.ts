// The durable memory of one state directory: state.db for events and snapshots, logs/ for the bytes of every build.
import {join} from 'node:path';
import type {History} from '../ports/history.ts';
import {openEventLog, type Retention} from './event-log.ts';
import {openLogStore} from './log-store.ts';

export type OpenHistoryOptions = {
  /** The state directory; made (mode 0700) when it does not exist. */
  readonly directory: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long events stay once a snapshot covers them (default: 200,000 events, 90 days). */
  readonly retention?: Retention;
};

/**
 * Opens the history of a state directory; at most one process has it open at a time. Everything here is synchronous: what
 * returned is on disk (events) or with the operating system within 50 ms (log bytes; synced to disk when the log is closed).
 * Throws HistoryError with `kind`: `newer-version` (written by a newer slipway, refused), `corrupt` (the file is kept),
 * `busy` (another process), `disk` (with `code`, e.g. ENOSPC; then nothing of the refused write was recorded).
 */
export function openHistory({directory, now, retention}: OpenHistoryOptions): History {
  const events = openEventLog({path: join(directory, 'state.db'), now, retention});
  const logs = openLogStore({directory: join(directory, 'logs')});
  return {
    ...events,
    logs,
    close() {
      try {
        logs.close();
      } finally {
        events.close();
      }
    },
  };
}
