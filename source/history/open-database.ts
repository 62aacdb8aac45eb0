// Opens state.db: whose file it is, which version it has, whether it is whole; migrates it to the version this program knows.
import {closeSync, mkdirSync, openSync, statSync} from 'node:fs';
import {dirname} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {corruptError, databaseError, diskError, HistoryError} from './history-error.ts';
import {applicationId, schemaSteps} from './schema.ts';

export type OpenDatabaseOptions = {
  readonly path: string;
  readonly now: () => number;
  /** The steps of the schema; another list only in tests of migration. */
  readonly steps?: readonly string[];
};

/**
 * The database, migrated and held by this process alone until it is closed. WAL with `synchronous=FULL`: a committed
 * transaction survives kill -9 and the loss of power. Throws HistoryError: `newer-version`, `corrupt`, `busy`, `disk`.
 */
export function openDatabase({path, now, steps = schemaSteps}: OpenDatabaseOptions): DatabaseSync {
  createPrivateFile(path);
  const leftByCrash = sizeOf(`${path}-wal`) > 0;
  return guarded('open', path, () => {
    const database = new DatabaseSync(path, {timeout: 250});
    try {
      holdAlone(database);
      refuseForeign(database, path);
      refuseNewer(database, path, steps.length);
      if (leftByCrash) checkWhole(database, path);
      migrate(database, steps, now());
      return database;
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/** Runs `act` as one transaction: all of it is recorded, or nothing. */
export function inTransaction(database: DatabaseSync, act: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    act();
    database.exec('COMMIT');
  } catch (error) {
    // A full disk makes SQLite roll back by itself; then there is nothing left to undo.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Runs `act` and says in words what SQLite or the disk refused. */
export function guarded<T>(doing: string, path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw databaseError(doing, path, error);
  }
}

function createPrivateFile(path: string): void {
  try {
    mkdirSync(dirname(path), {recursive: true, mode: 0o700});
    closeSync(openSync(path, 'a', 0o600));
  } catch (error) {
    throw diskError('open', path, error);
  }
}

function holdAlone(database: DatabaseSync): void {
  // Exclusive before the first access to the WAL: no second controller can write, even where process ids cannot be compared.
  database.exec('PRAGMA locking_mode = EXCLUSIVE');
  database.exec('PRAGMA journal_mode = WAL');
  database.exec('PRAGMA synchronous = FULL');
}

function refuseForeign(database: DatabaseSync, path: string): void {
  const found = pragma(database, 'application_id');
  const tables = Number(database.prepare('SELECT count(*) AS n FROM sqlite_schema').get()?.['n'] ?? 0);
  if (found === applicationId || (found === 0 && tables === 0)) return;
  throw corruptError(path, 'it is a database of another program');
}

function refuseNewer(database: DatabaseSync, path: string, known: number): void {
  const found = schemaVersion(database);
  if (found <= known) return;
  const message =
    `${path} has schema version ${found}, this slipway knows versions up to ${known}: it was written by a newer slipway. ` +
    'Use that version or a newer one, or name another state directory (SLIPWAY_HOME or --home). Nothing was changed';
  throw new HistoryError('newer-version', path, message);
}

function checkWhole(database: DatabaseSync, path: string): void {
  const found = database.prepare('PRAGMA quick_check(1)').get()?.['quick_check'];
  if (found !== 'ok') throw corruptError(path, String(found));
}

function migrate(database: DatabaseSync, steps: readonly string[], now: number): void {
  const from = schemaVersion(database);
  if (from === steps.length) return;
  inTransaction(database, () => {
    database.exec(`PRAGMA application_id = ${applicationId}`);
    database.exec(
      'CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, migrated_at INTEGER NOT NULL) STRICT',
    );
    steps.slice(from).forEach((step, index) => {
      database.exec(step);
      database.prepare('INSERT INTO schema_version (version, migrated_at) VALUES (?, ?)').run(from + index + 1, now);
    });
  });
}

function schemaVersion(database: DatabaseSync): number {
  const table = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'schema_version'").get();
  if (table === undefined) return 0;
  return Number(database.prepare('SELECT max(version) AS version FROM schema_version').get()?.['version'] ?? 0);
}

function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

function sizeOf(path: string): number {
  return statSync(path, {throwIfNoEntry: false})?.size ?? 0;
}
