// Snapshots in state.db. One of a big fleet is tens of megabytes of JSON: it is written and read in parts, and is never one text in memory.
import type {DatabaseSync} from 'node:sqlite';

export type Snapshot = {readonly sequence: number; readonly state: unknown};

/** Keeps a snapshot, within the caller's transaction. A state that is an object is written map by map, each in parts of some entries. */
export function writeSnapshot(database: DatabaseSync, {sequence, state}: Snapshot, at: number): void {
  forgetParts(database, sequence);
  const insert = database.prepare('INSERT INTO snapshot_part (sequence, part, field, body) VALUES (?, ?, ?, ?)');
  const maps = isMap(state) ? Object.entries(state).filter(([, value]) => isMap(value)) : [];
  let part = 0;
  for (const [field, map] of maps) {
    for (const body of partsOf(map as object)) insert.run(sequence, part++, field, body);
  }
  const rest =
    maps.length === 0 ? state : {...(state as object), ...Object.fromEntries(maps.map(([field]) => [field, {}]))};
  database
    .prepare('INSERT OR REPLACE INTO snapshot (sequence, at, state) VALUES (?, ?, ?)')
    .run(sequence, at, JSON.stringify(rest));
}

/** The newest snapshot that can be read: the one before it stays for the day on which the newest cannot. */
export function readNewestSnapshot(database: DatabaseSync): Snapshot | undefined {
  for (const row of database.prepare('SELECT sequence, state FROM snapshot ORDER BY sequence DESC').all()) {
    const sequence = Number(row['sequence']);
    const state = stateOf(database, sequence, String(row['state']));
    if (state !== undefined) return {sequence, state};
  }
  return undefined;
}

/** Leaves the newest two, and the parts of no others. */
export function forgetOldSnapshots(database: DatabaseSync): void {
  database.exec(
    'DELETE FROM snapshot WHERE sequence NOT IN (SELECT sequence FROM snapshot ORDER BY sequence DESC LIMIT 2)',
  );
  database.exec('DELETE FROM snapshot_part WHERE sequence NOT IN (SELECT sequence FROM snapshot)');
}

/** Characters of JSON in one part, about. */
const partLength = 256 * 1024;

/** The map's entries as JSON objects that together are the map. */
function* partsOf(map: object): Generator<string> {
  let entries: string[] = [];
  let length = 0;
  for (const [key, value] of Object.entries(map)) {
    const body: string | undefined = JSON.stringify(value);
    if (body === undefined) continue;
    entries.push(`${JSON.stringify(key)}:${body}`);
    length += body.length;
    if (length < partLength) continue;
    yield `{${entries.join(',')}}`;
    entries = [];
    length = 0;
  }
  if (entries.length > 0) yield `{${entries.join(',')}}`;
}

function stateOf(database: DatabaseSync, sequence: number, text: string): unknown {
  const state = parsed(text);
  if (!isMap(state)) return state;
  const maps = new Map<string, [string, unknown][]>();
  const parts = database.prepare('SELECT field, body FROM snapshot_part WHERE sequence = ? ORDER BY part');
  for (const {field, body} of parts.iterate(sequence)) {
    const entries = parsed(String(body));
    if (!isMap(entries)) return undefined;
    const map = maps.get(String(field)) ?? [];
    for (const one of Object.entries(entries)) map.push(one);
    maps.set(String(field), map);
  }
  return {...state, ...Object.fromEntries([...maps].map(([field, map]) => [field, Object.fromEntries(map)]))};
}

function forgetParts(database: DatabaseSync, sequence: number): void {
  database.prepare('DELETE FROM snapshot_part WHERE sequence = ?').run(sequence);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isMap(value: unknown): value is object {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
