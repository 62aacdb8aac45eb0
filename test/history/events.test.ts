// What the history promises about events and snapshots.
import {readdirSync, readFileSync, statSync, truncateSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {describe, expect, test} from 'vitest';
import {openEventLog} from '../../source/history/event-log.ts';
import {openHistory} from '../../source/history/open-history.ts';
import {schemaSteps} from '../../source/history/schema.ts';
import {aDirectory, aHistory, anEvent, someEvents, thrownBy} from './a-history.ts';

describe('events', () => {
  test('are there again after closing and opening', () => {
    const directory = aDirectory();
    const first = aHistory({directory});
    first.append(someEvents(1, 3));
    first.append(someEvents(4, 4));
    first.close();
    expect(aHistory({directory}).load()).toEqual({snapshot: undefined, events: someEvents(1, 4)});
  });

  test('are read in windows by sequence and by time', () => {
    const history = aHistory();
    history.append(someEvents(1, 10));
    expect(history.eventsSince(7, 2)).toEqual(someEvents(8, 9));
    expect(history.eventsSince(10, 2)).toEqual([]);
    expect(history.eventsSinceTime(9, 5)).toEqual(someEvents(9, 10));
  });

  test('come in their order when the clock went back', () => {
    const history = aHistory();
    const events = [anEvent(1, 500), anEvent(2, 100), anEvent(3, 400)];
    history.append(events);
    expect(history.eventsSinceTime(300, 5)).toEqual([events[0], events[2]]);
  });

  test('must follow on; a batch with a gap is refused as a whole', () => {
    const history = aHistory();
    history.append(someEvents(1, 2));
    expect(() => history.append([...someEvents(3, 3), ...someEvents(5, 5)])).toThrow(/expected .* 4, got 5/);
    expect(history.load().events).toEqual(someEvents(1, 2));
    history.append(someEvents(3, 3));
    expect(history.load().events).toEqual(someEvents(1, 3));
  });
});

describe('snapshots', () => {
  test('are where loading begins; what they cover stays readable', () => {
    const history = aHistory();
    history.append(someEvents(1, 6));
    history.keepSnapshot(4, {of: 4});
    expect(history.load()).toEqual({snapshot: {sequence: 4, state: {of: 4}}, events: someEvents(5, 6)});
    expect(history.eventsSince(0, 100)).toEqual(someEvents(1, 6));
  });

  test('stay as the newest two, and the older one serves when the newest cannot be read', () => {
    const directory = aDirectory();
    const history = aHistory({directory});
    history.append(someEvents(1, 9));
    for (const sequence of [3, 6, 8]) history.keepSnapshot(sequence, {of: sequence});
    history.close();
    withDatabase(directory, (database) => {
      expect(database.prepare('SELECT sequence FROM snapshot ORDER BY sequence').all()).toEqual([
        {sequence: 6},
        {sequence: 8},
      ]);
      database.exec('UPDATE snapshot SET state = \'{"of":\' WHERE sequence = 8');
    });
    expect(aHistory({directory}).load()).toEqual({snapshot: {sequence: 6, state: {of: 6}}, events: someEvents(7, 9)});
  });

  test('come back as they were kept, however big their maps are', () => {
    const directory = aDirectory();
    const history = aHistory({directory});
    const text = 'x'.repeat(1000);
    const images = Object.fromEntries(Array.from({length: 1_000}, (_, index) => [`b/${1_000 - index}`, {index, text}]));
    const state = {sequence: 2, images, patches: {}, settings: {polled: true}, list: [1, 2]};
    history.append(someEvents(1, 2));
    history.keepSnapshot(2, state);
    history.keepSnapshot(2, state);
    history.close();
    const found = aHistory({directory}).load().snapshot?.state;
    expect(JSON.stringify(found)).toBe(JSON.stringify(state));
  });

  test('of which a part cannot be read are passed over, and their parts go with them', () => {
    const directory = aDirectory();
    const history = aHistory({directory});
    history.append(someEvents(1, 9));
    for (const sequence of [3, 6, 8]) history.keepSnapshot(sequence, {images: {of: sequence}});
    history.close();
    withDatabase(directory, (database) => {
      expect(database.prepare('SELECT DISTINCT sequence FROM snapshot_part').all()).toEqual([
        {sequence: 6},
        {sequence: 8},
      ]);
      database.exec('UPDATE snapshot_part SET body = \'{"of":\' WHERE sequence = 8');
    });
    expect(aHistory({directory}).load().snapshot).toEqual({sequence: 6, state: {images: {of: 6}}});
  });

  test.each([
    ['more than the count', {events: 3, milliseconds: 1e9}, 5, someEvents(6, 8)],
    ['older than the age', {events: 1000, milliseconds: 1000 - 5}, 5, someEvents(5, 8)],
    ['what the older snapshot needs stays', {events: 0, milliseconds: 0}, 5, someEvents(6, 8)],
  ])('let old events go: %s', (_case, retention, older, left) => {
    const history = aHistory({retention});
    history.append(someEvents(1, 8));
    history.keepSnapshot(older, {});
    history.keepSnapshot(8, {});
    expect(history.eventsSince(0, 100)).toEqual(left);
  });

  test('carry the numbering on when every event is gone', () => {
    const directory = aDirectory();
    const history = aHistory({directory, retention: {events: 0, milliseconds: 0}});
    history.append(someEvents(1, 5));
    history.keepSnapshot(5, {});
    history.close();
    const again = aHistory({directory});
    expect(again.eventsSince(0, 10)).toEqual([]);
    again.append(someEvents(6, 7));
    expect(again.load().events).toEqual(someEvents(6, 7));
  });
});

describe('the database file', () => {
  test('belongs to its owner alone', () => {
    const directory = join(aDirectory(), 'state');
    aHistory({directory});
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(statSync(join(directory, 'state.db')).mode & 0o777).toBe(0o600);
  });

  test('is opened by one at a time', () => {
    const directory = aDirectory();
    const first = aHistory({directory});
    expect(thrownBy(() => openHistory({directory, now: () => 1}))).toMatchObject({kind: 'busy'});
    first.append(someEvents(1, 1));
  });

  test('of an older version is migrated and keeps its events', () => {
    const path = join(aDirectory(), 'state.db');
    const old = openEventLog({path, now: () => 1});
    old.append(someEvents(1, 2));
    old.close();
    const steps = [...schemaSteps, 'ALTER TABLE event ADD COLUMN origin TEXT'];
    const migrated = openEventLog({path, now: () => 2, steps});
    expect(migrated.load().events).toEqual(someEvents(1, 2));
    migrated.close();
    const database = new DatabaseSync(path);
    expect(database.prepare('SELECT version, migrated_at FROM schema_version').all()).toEqual([
      ...schemaSteps.map((_, index) => ({version: index + 1, migrated_at: 1})),
      {version: steps.length, migrated_at: 2},
    ]);
    database.close();
  });

  test('whose migration fails stays at its version', () => {
    const path = join(aDirectory(), 'state.db');
    openEventLog({path, now: () => 1}).close();
    expect(() => openEventLog({path, now: () => 2, steps: [...schemaSteps, 'CREATE TABLE a (b); NONSENSE']})).toThrow();
    const again = openEventLog({path, now: () => 3});
    expect(again.load().events).toEqual([]);
    again.close();
  });

  test('of a newer version is refused in words and left alone', () => {
    const directory = aDirectory();
    aHistory({directory}).close();
    withDatabase(directory, (database) => database.exec('INSERT INTO schema_version VALUES (7, 1)'));
    const before = readFileSync(join(directory, 'state.db'));
    expect(thrownBy(() => openHistory({directory, now: () => 1}))).toMatchObject({
      kind: 'newer-version',
      message: expect.stringMatching(/schema version 7, this slipway knows versions up to \d.*newer slipway/),
    });
    expect(readFileSync(join(directory, 'state.db')).equals(before)).toBe(true);
  });

  test('that is no database is kept, and the error says what to do', () => {
    const directory = aDirectory();
    const path = join(directory, 'state.db');
    writeFileSync(path, 'this is not a database. '.repeat(100));
    expect(thrownBy(() => openHistory({directory, now: () => 1}))).toMatchObject({
      kind: 'corrupt',
      path,
      message: expect.stringMatching(/state\.db cannot be read.*left as it is.*move it/),
    });
    expect(readFileSync(path, 'utf8')).toMatch(/^this is not a database/);
    expect(readdirSync(directory)).toEqual(['state.db']);
  });

  test('that was cut short is reported, not read as a shorter history', () => {
    const directory = aDirectory();
    const history = aHistory({directory});
    history.append(someEvents(1, 2000));
    history.close();
    truncateSync(join(directory, 'state.db'), 40_960);
    const error = thrownBy(() => {
      const opened = openHistory({directory, now: () => 1});
      try {
        opened.load();
      } finally {
        opened.close();
      }
    });
    expect(error).toMatchObject({kind: 'corrupt'});
  });

  test('with a hole between its events is reported', () => {
    const directory = aDirectory();
    const history = aHistory({directory});
    history.append(someEvents(1, 5));
    history.close();
    withDatabase(directory, (database) => database.exec('DELETE FROM event WHERE sequence = 3'));
    expect(() => aHistory({directory}).load()).toThrow(/event 3 is missing/);
  });

  test('of another program is refused', () => {
    const directory = aDirectory();
    withDatabase(directory, (database) => database.exec('CREATE TABLE theirs (a)'));
    expect(() => openHistory({directory, now: () => 1})).toThrow(/database of another program/);
  });
});

function withDatabase(directory: string, act: (database: DatabaseSync) => void): void {
  const database = new DatabaseSync(join(directory, 'state.db'));
  try {
    act(database);
  } finally {
    database.close();
  }
}
