// Brings a log and its index into agreement: what the log file really holds decides, the index is cut or completed.
import {closeSync, constants, fstatSync, ftruncateSync, openSync} from 'node:fs';
import type {LogSection} from '../ports/history.ts';
import {diskError} from './history-error.ts';
import {decodeRecord, encodeRecord, headerSize, indexHeader, type LineRecord, recordSize} from './line-index.ts';
import {type LogFiles, readAt, writeAt} from './log-files.ts';
import {readBuildpackSections} from './buildpack-sections.ts';
import {addToSections, mergeSections} from './log-sections.ts';

/** What is known of a log without its text. `end` is the size in bytes that its lines cover. */
export type LogSummary = {readonly total: number; readonly end: number; readonly sections: readonly LogSection[]};

/** Longer lines are kept as several lines of this many bytes, so that no line has to be held in memory whole. */
export const longestLine = 1024 * 1024;

export const emptyLog: LogSummary = {total: 0, end: 0, sections: []};

/**
 * Checks every record of the index. Records that the log file does not cover are cut; bytes of the log that no record covers
 * become lines with the phase, stream and time of the line before them. Raw bytes are never changed. About 30 ms for a
 * million lines. A log that does not exist is empty. Throws HistoryError `disk`.
 */
export function recoverLog(files: LogFiles): LogSummary {
  let log: number | undefined;
  let index: number | undefined;
  try {
    log = openSync(files.log, constants.O_RDONLY);
    index = openSync(files.index, constants.O_RDWR | constants.O_CREAT, 0o600);
    const {total, end, sections} = agree(log, index);
    return {total, end, sections: mergeSections(sections, readBuildpackSections(files.sections, total))};
  } catch (error) {
    if (log === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return emptyLog;
    throw diskError('read the log', files.log, error);
  } finally {
    if (index !== undefined) closeSync(index);
    if (log !== undefined) closeSync(log);
  }
}

type Scan = {total: number; end: number; last: LineRecord | undefined; readonly sections: LogSection[]};

function agree(log: number, index: number): LogSummary {
  const logSize = fstatSync(log).size;
  const scan = scanIndex(index, logSize);
  const whole = headerSize + scan.total * recordSize;
  if (fstatSync(index).size > whole) ftruncateSync(index, whole);
  if (scan.end < logSize) completeIndex(log, index, scan, logSize);
  return {total: scan.total, end: scan.end, sections: scan.sections};
}

/** Reads records for as long as they are whole, in order and covered by the log. */
function scanIndex(index: number, logSize: number): Scan {
  const scan: Scan = {total: 0, end: 0, last: undefined, sections: []};
  if (!readAt(index, 0, headerSize).equals(indexHeader)) {
    ftruncateSync(index, 0);
    writeAt(index, indexHeader, 0);
    return scan;
  }
  for (;;) {
    const chunk = readAt(index, headerSize + scan.total * recordSize, scanRecords * recordSize);
    for (let position = 0; position + recordSize <= chunk.length; position += recordSize) {
      const record = decodeRecord(chunk, position);
      if (record === undefined || record.end <= scan.end || record.end > logSize) return scan;
      take(scan, record);
    }
    if (chunk.length < scanRecords * recordSize) return scan;
  }
}

const scanRecords = 32_768;

function take(scan: Scan, record: LineRecord): void {
  addToSections(scan.sections, record, scan.total);
  scan.total += 1;
  scan.end = record.end;
  scan.last = record;
}

function completeIndex(log: number, index: number, scan: Scan, logSize: number): void {
  let read = scan.end;
  while (read < logSize) {
    const chunk = readAt(log, read, 64 * 1024);
    if (chunk.length === 0) break;
    appendRecords(index, linesIn(chunk, read, scan), scan);
    read += chunk.length;
  }
  if (scan.end < read) appendRecords(index, [lineUpTo(scan, read, false)], scan);
}

/** The lines that end inside this chunk of the log; a line that goes on beyond it ends in a later one. */
function linesIn(chunk: Buffer, offset: number, scan: Scan): LineRecord[] {
  const records: LineRecord[] = [];
  let end = scan.end;
  for (let start = 0; start < chunk.length; ) {
    const newline = chunk.indexOf(10, start);
    const stop = newline === -1 ? chunk.length : newline + 1;
    const length = offset + stop - end;
    if (newline !== -1 || length >= longestLine) {
      end = offset + stop;
      records.push(lineUpTo(scan, end, newline !== -1));
    }
    start = stop;
  }
  return records;
}

function lineUpTo(scan: Scan, end: number, terminated: boolean): LineRecord {
  const {at, attempt, phase, stream} = scan.last ?? {at: 0, attempt: 1, phase: 'prepare', stream: 'slipway'};
  return {end, at, attempt, phase, stream, terminated};
}

function appendRecords(index: number, records: readonly LineRecord[], scan: Scan): void {
  if (records.length === 0) return;
  const bytes = Buffer.allocUnsafe(records.length * recordSize);
  records.forEach((record, number) => encodeRecord(bytes, number * recordSize, record));
  writeAt(index, bytes, headerSize + scan.total * recordSize);
  for (const record of records) take(scan, record);
}
