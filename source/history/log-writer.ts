// Writes one build's log: bytes and index records gather in memory for at most 50 ms or 64 KiB, then go out together.
import {closeSync, constants, fdatasyncSync, ftruncateSync, mkdirSync, openSync, rmSync} from 'node:fs';
import type {LogSection, LogWriter} from '../ports/history.ts';
import {diskError, HistoryError} from './history-error.ts';
import {createLineAssembler, type TakeLine} from './line-assembler.ts';
import {encodeRecord, headerSize, indexHeader, recordSize} from './line-index.ts';
import {type LogFiles, writeAt} from './log-files.ts';
import {addBuildpackSection, keepBuildpackSections} from './buildpack-sections.ts';
import {addToSections, mergeSections} from './log-sections.ts';
import {emptyLog, type LogSummary, longestLine, recoverLog} from './recover-log.ts';

/** A log being written: what of it is in the files (and can be read), and the end of writing. */
export type OpenLog = LogWriter & {summary(): LogSummary};

export type OpenLogOptions = {
  readonly files: LogFiles;
  readonly attempt: number;
  /** Whether closing it waits until its bytes are on the disk. */
  readonly sync: boolean;
  /** Called after lines reached the files. */
  readonly written: () => void;
  /** Called once, when the writer is closed, whether or not its last bytes could be written. */
  readonly closed: () => void;
};

const batchBytes = 64 * 1024;
const batchMilliseconds = 50;
const retryMilliseconds = 1000;

/**
 * Appends to a log. When the disk refuses, `write` throws HistoryError `disk` and has taken nothing of those bytes; bytes taken
 * before stay in memory (at most a batch and one call's worth) and are tried again with the next call and every second.
 * `close` throws too when the last bytes cannot be written; the files are closed all the same.
 */
export function openLog({files, attempt, sync, written, closed}: OpenLogOptions): OpenLog {
  const {log, index, recovered} = openFiles(files);
  const batch = createBatch(recovered.end);
  const sections: LogSection[] = recovered.sections.filter(({buildpack}) => buildpack === undefined);
  const buildpacks: LogSection[] = recovered.sections.filter(({buildpack}) => buildpack !== undefined);
  let total = recovered.total;
  let end = recovered.end;
  let problem: HistoryError | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  const takeLine: TakeLine = (line, bytes, start, stop) => {
    addToSections(sections, {...line, attempt, end: 0}, total + batch.lines());
    batch.add({...line, attempt}, bytes, start, stop);
  };
  const assembler = createLineAssembler(longestLine, takeLine);

  /** Throws what the disk refuses, and tries again later by itself: a timer has nobody to throw it to. */
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (batch.lines() === 0) return;
    try {
      writeAt(log, batch.bytes(), end);
      writeAt(index, batch.records(), headerSize + total * recordSize);
    } catch (error) {
      problem = diskError('write the log', files.log, error);
      takeBack(log, index, end, total);
      flushLater(retryMilliseconds);
      throw problem;
    }
    problem = undefined;
    end += batch.bytes().length;
    total += batch.lines();
    batch.clear();
    written();
  };
  const tryFlush = (): void => {
    try {
      flush();
    } catch (error) {
      if (error !== problem) throw error;
    }
  };
  const flushLater = (milliseconds: number): void => {
    timer ??= setTimeout(tryFlush, milliseconds);
  };

  return {
    write(phase, stream, at, bytes) {
      if (isClosed)
        throw new HistoryError('closed', files.log, `the log ${files.log} is closed; open it again to write`);
      if (problem !== undefined) flush();
      assembler.push(phase, stream, at, bytes);
      if (batch.size() >= batchBytes) tryFlush();
      else if (batch.lines() > 0) flushLater(batchMilliseconds);
    },
    section(phase, at, buildpack) {
      if (isClosed) return;
      const section = {phase, attempt, line: total + batch.lines(), buildpack, at};
      try {
        addBuildpackSection(files.sections, section);
      } catch (error) {
        throw diskError('write the sections of the log', files.sections, error);
      }
      buildpacks.push(section);
    },
    close() {
      if (isClosed) return;
      isClosed = true;
      try {
        assembler.end();
        flush();
        if (sync) {
          fdatasyncSync(log);
          fdatasyncSync(index);
        }
      } catch (error) {
        throw diskError('write the log', files.log, error);
      } finally {
        clearTimeout(timer);
        closeSync(log);
        closeSync(index);
        closed();
      }
    },
    summary: () => ({
      total,
      end,
      sections: mergeSections(sections, buildpacks).filter((section) => section.line < total),
    }),
  };
}

function openFiles(files: LogFiles): {readonly log: number; readonly index: number; readonly recovered: LogSummary} {
  let log: number | undefined;
  try {
    log = createLog(files);
    if (log !== undefined) return {log, index: createIndex(files), recovered: emptyLog};
    log = openSync(files.log, constants.O_RDWR | constants.O_CREAT, 0o600);
    const recovered = recoverLog(files);
    keepBuildpackSections(files.sections, recovered.total);
    return {log, index: openSync(files.index, constants.O_RDWR), recovered};
  } catch (error) {
    if (log !== undefined) closeSync(log);
    throw diskError('open the log', files.log, error);
  }
}

/** The log of a first attempt, which is nearly every log: nothing is there to be looked at. Undefined when there is one already. */
function createLog(files: LogFiles): number | undefined {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL;
  try {
    return openSync(files.log, flags, 0o600);
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return undefined;
    if (code !== 'ENOENT') throw error;
    mkdirSync(files.directory, {recursive: true, mode: 0o700});
    return openSync(files.log, flags, 0o600);
  }
}

/** An index and sections that a log left behind when it was removed say nothing of the new one. */
function createIndex(files: LogFiles): number {
  const index = openSync(files.index, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600);
  try {
    rmSync(files.sections, {force: true});
    writeAt(index, indexHeader, 0);
    return index;
  } catch (error) {
    closeSync(index);
    throw error;
  }
}

/** Leaves the files as they were before a batch that did not fit. What cannot be cut now is cut when the log is opened next. */
function takeBack(log: number, index: number, end: number, total: number): void {
  for (const [file, size] of [
    [log, end],
    [index, headerSize + total * recordSize],
  ] as const) {
    try {
      ftruncateSync(file, size);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error)) throw error;
    }
  }
}

type Batch = {
  add(line: Parameters<TakeLine>[0] & {readonly attempt: number}, bytes: Buffer, start: number, stop: number): void;
  bytes(): Buffer;
  records(): Buffer;
  lines(): number;
  /** Bytes held, records included. */
  size(): number;
  clear(): void;
};

/** Lines and their records, waiting to be written; `end` is the size of the log file before the first of them. */
function createBatch(end: number): Batch {
  let bytes: Buffer = Buffer.allocUnsafe(firstBytes);
  let records: Buffer = Buffer.allocUnsafe(firstBytes);
  let length = 0;
  let lines = 0;
  let base = end;

  return {
    add(line, source, start, stop) {
      bytes = withRoom(bytes, length, stop - start);
      records = withRoom(records, lines * recordSize, recordSize);
      source.copy(bytes, length, start, stop);
      length += stop - start;
      encodeRecord(records, lines * recordSize, {...line, end: base + length});
      lines += 1;
    },
    bytes: () => bytes.subarray(0, length),
    records: () => records.subarray(0, lines * recordSize),
    lines: () => lines,
    size: () => length + lines * recordSize,
    clear() {
      base += length;
      length = 0;
      lines = 0;
      if (bytes.length > keptBytes) bytes = Buffer.allocUnsafe(2 * batchBytes);
      if (records.length > keptBytes) records = Buffer.allocUnsafe(2 * batchBytes);
    },
  };
}

/** The log of a rebase fits into it; that of a build grows to what its batches need. */
const firstBytes = 2048;
const keptBytes = 2 * 1024 * 1024;

function withRoom(buffer: Buffer, used: number, more: number): Buffer {
  if (used + more <= buffer.length) return buffer;
  const grown = Buffer.allocUnsafe(Math.max(buffer.length * 2, used + more));
  buffer.copy(grown, 0, 0, used);
  return grown;
}
