// Durable memory: events and snapshots, and the bytes of every log with their index.
import type {BuildRef} from '../domain/build.ts';
import type {RecordedEvent} from '../domain/event.ts';
import type {PhaseName} from '../domain/phase.ts';
import type {LogStream} from './executor.ts';

export type History = {
  /** The newest snapshot (the state as plain data, with the sequence number it stands for) and the events after it. */
  load(): {
    readonly snapshot?: {readonly sequence: number; readonly state: unknown};
    readonly events: readonly RecordedEvent[];
  };
  /** Durable when it returns (one transaction). Throws when the disk refuses; then nothing of it was recorded. */
  append(events: readonly RecordedEvent[]): void;
  /** Keeps a snapshot; the events it covers stay readable by `eventsSince` until they are older than the retention. */
  keepSnapshot(sequence: number, state: unknown): void;
  /** Events after a sequence number, oldest first, at most `limit`. */
  eventsSince(sequence: number, limit: number): readonly RecordedEvent[];
  /** Events at or after a time (milliseconds since the epoch), oldest first, at most `limit`. */
  eventsSinceTime(at: number, limit: number): readonly RecordedEvent[];
  readonly logs: LogStore;
  close(): void;
};

export type LogLine = {
  /** 0-based position in the log. */
  readonly line: number;
  readonly phase: PhaseName;
  readonly stream: LogStream;
  /** Milliseconds since the epoch at which the line's first byte arrived. */
  readonly at: number;
  readonly attempt: number;
  /** The text without its newline, decoded as UTF-8; raw otherwise (escapes and carriage returns kept), capped at 64 KiB. */
  readonly text: string;
  /** How many bytes of the line lie beyond that. */
  readonly cut?: number;
};

/** `total` is how many lines the log has now; `complete` that nothing is being written any more. */
export type LogWindow = {readonly lines: readonly LogLine[]; readonly total: number; readonly complete: boolean};

/** Where each phase begins in the log, and within a phase each buildpack, for folding and for jumping. */
export type LogSection = {
  readonly phase: PhaseName;
  readonly attempt: number;
  readonly line: number;
  /** The buildpack that begins here (`id@version`); absent where the phase itself begins. */
  readonly buildpack?: string;
  /** When the buildpack began, milliseconds since the epoch. */
  readonly at?: number;
};

/** What is searched: a text, or a regular expression. The case counts when the pattern has a capital letter. */
export type LogQuery = {readonly pattern: string; readonly regex?: boolean};

/** Lines that match, ascending; every line before `searched` was looked at, of the `total` that the log has now. */
export type LogMatches = {readonly lines: readonly number[]; readonly searched: number; readonly total: number};

export type LogWriter = {
  /** Bytes as they came; a line may arrive in pieces and pieces of different streams are kept apart. */
  write(phase: PhaseName, stream: LogStream, at: number, bytes: Uint8Array): void;
  /** The buildpack begins: what is written from here on, up to the next buildpack or the end of the phase, is its own. */
  section(phase: PhaseName, at: number, buildpack: string): void;
  /** Flushes and closes; a last line without a newline counts as a line. */
  close(): void;
};

export type LogStore = {
  /**
   * Appends to the build's log; an earlier attempt's lines stay. With `sync: false` closing it leaves the flush to disk to the
   * system: a loss of power may take its lines, a crash of the process does not.
   */
  open(build: BuildRef, attempt: number, options?: {readonly sync?: boolean}): LogWriter;
  /** `from` negative counts from the end. An unknown log is empty and complete. */
  read(build: BuildRef, from: number, count: number): LogWindow;
  sections(build: BuildRef): readonly LogSection[];
  /** The log's bytes as they came, from an offset on, at most 256 KiB; `size` is how many there are now. */
  readBytes(build: BuildRef, from: number): {readonly bytes: Uint8Array; readonly size: number};
  /**
   * Looks for matching lines, beginning with line `from`, away from the caller's thread. It answers after at most `limit`
   * matches and soon: ask again from `searched`. An empty pattern makes the search ready and matches nothing. Rejects when the pattern is no regular expression, or one without an end.
   */
  search(build: BuildRef, query: LogQuery, from: number, limit: number): Promise<LogMatches>;
  /** The first line that came at or after a time (milliseconds since the epoch); the total when there is none. */
  lineAt(build: BuildRef, at: number): number;
  /** Calls back after lines were added or the log was closed; returns the way to stop. */
  watch(build: BuildRef, changed: () => void): () => void;
  remove(build: BuildRef): void;
};
