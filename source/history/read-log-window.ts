// Reads a window of lines: their records from the index, their bytes from the log; nothing else of either file.
import {closeSync, openSync} from 'node:fs';
import type {LogLine} from '../ports/history.ts';
import {corruptError, diskError} from './history-error.ts';
import {decodeRecord, headerSize, type LineRecord, recordSize} from './line-index.ts';
import {type LogFiles, readAt} from './log-files.ts';

/** Text beyond this many bytes of a line is left out; the log file keeps it. */
export const longestText = 64 * 1024;
/** A window ends early rather than hold more than this. */
export const mostLines = 20_000;
export const mostBytes = 4 * 1024 * 1024;

/**
 * Lines `from` to `from + count`, which must exist. A window of more than 20,000 lines or 4 MiB of text ends early (but holds
 * at least one line): ask again from the line after its last. Throws HistoryError `disk` or `corrupt`.
 */
export function readLogWindow(files: LogFiles, from: number, count: number): readonly LogLine[] {
  if (count <= 0) return [];
  const spans = readSpans(files, from, Math.min(count, mostLines));
  return withFile(files.log, (log) => readLines(log, spans, from));
}

type Span = {readonly start: number; readonly record: LineRecord};

function readSpans(files: LogFiles, from: number, count: number): readonly Span[] {
  const first = Math.max(0, from - 1);
  const bytes = withFile(files.index, (index) =>
    readAt(index, headerSize + first * recordSize, (from + count - first) * recordSize),
  );
  const records = Array.from({length: Math.floor(bytes.length / recordSize)}, (_, number) => {
    const record = decodeRecord(bytes, number * recordSize);
    if (record === undefined) throw corruptError(files.index, `line ${first + number} has a wrong check byte`);
    return record;
  });
  const lines = records.slice(from - first);
  return lines.map((record, number) => ({start: startOf(records, from - first + number), record}));
}

function startOf(records: readonly LineRecord[], number: number): number {
  return number === 0 ? 0 : (records[number - 1]?.end ?? 0);
}

function readLines(log: number, spans: readonly Span[], from: number): readonly LogLine[] {
  const lines: LogLine[] = [];
  let bytes = 0;
  for (let next = 0; next < spans.length; ) {
    const group = nextGroup(spans, next);
    const start = spans[next]?.start ?? 0;
    const chunk = readAt(log, start, lengthOf(group, start));
    for (const span of group) {
      const text = textOf(span, chunk, start);
      bytes += text.length;
      if (bytes > mostBytes && lines.length > 0) return lines;
      const {phase, stream, at, attempt} = span.record;
      const cut = sizeOf(span) - text.length;
      const line = {line: from + lines.length, phase, stream, at, attempt, text: text.toString('utf8')};
      lines.push(cut > 0 ? {...line, cut} : line);
    }
    next += group.length;
  }
  return lines;
}

function sizeOf({start, record}: Span): number {
  return record.end - (record.terminated ? 1 : 0) - start;
}

/** Neighbours that are read in one go: up to 256 KiB, or one line that is longer. */
function nextGroup(spans: readonly Span[], next: number): readonly Span[] {
  const start = spans[next]?.start ?? 0;
  let stop = next + 1;
  while (stop < spans.length && (spans[stop]?.record.end ?? 0) - start <= 256 * 1024) stop += 1;
  return spans.slice(next, stop);
}

function lengthOf(group: readonly Span[], start: number): number {
  const length = (group.at(-1)?.record.end ?? start) - start;
  return group.length === 1 ? Math.min(length, longestText + 1) : length;
}

function textOf({start, record}: Span, chunk: Buffer, offset: number): Buffer {
  const stop = record.end - (record.terminated ? 1 : 0) - offset;
  const begin = start - offset;
  if (stop - begin <= longestText) return chunk.subarray(begin, stop);
  return chunk.subarray(begin, characterBoundary(chunk, begin + longestText));
}

/** Goes back to where a UTF-8 character begins, so that a cut text does not end in half of one. */
function characterBoundary(bytes: Buffer, position: number): number {
  let boundary = position;
  while (boundary > position - 3 && ((bytes[boundary] ?? 0) & 0xc0) === 0x80) boundary -= 1;
  return boundary;
}

function withFile<T>(path: string, act: (file: number) => T): T {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw diskError('read the log', path, error);
  }
  try {
    return act(file);
  } catch (error) {
    throw diskError('read the log', path, error);
  } finally {
    closeSync(file);
  }
}
