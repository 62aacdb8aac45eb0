// The tables of state.db, as the list of steps that lead to them. A released step is never edited; a change is a new step.

/** Step n brings a database from version n to version n + 1. */
export const schemaSteps: readonly string[] = [
  `
  CREATE TABLE event (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
  CREATE INDEX event_at ON event (at);
  CREATE TABLE snapshot (
    sequence INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    state TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE snapshot_part (
    sequence INTEGER NOT NULL,
    part INTEGER NOT NULL,
    field TEXT NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (sequence, part)
  ) STRICT;
  `,
];

/** Marks the file as this program's (`PRAGMA application_id`): "Slip" in ASCII. */
export const applicationId = 0x53_6c_69_70;
