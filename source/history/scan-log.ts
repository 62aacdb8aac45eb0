// Looks through a range of a log's lines for those that match: bytes where bytes are enough, line by line where not.
import {isAscii} from 'node:buffer';
import {closeSync, openSync} from 'node:fs';
import stripAnsi from 'strip-ansi';
import {headerSize, recordSize} from './line-index.ts';
import {readAt} from './log-files.ts';
import type {LogMatcher} from './log-matcher.ts';

export type LogScan = {
  readonly files: {readonly log: string; readonly index: string};
  readonly matcher: LogMatcher;
  /** Lines `from` up to, not including, `to` are looked through; they must exist. */
  readonly from: number;
  readonly to: number;
  /** It stops after so many matches, or when `isLate` says so (asked between blocks of about 1 MiB). */
  readonly limit: number;
  readonly isLate: () => boolean;
};

/** `lines` match, ascending; every line before `searched` was looked at. */
export type LogScanned = {readonly lines: number[]; readonly searched: number};

/** At least one block is looked through, so that asking again goes on. Throws what the system said. */
export function scanLog({files, matcher, from, to, limit, isLate}: LogScan): LogScanned {
  const lines: number[] = [];
  let searched = from;
  if (from >= to) return {lines, searched};
  const index = openSync(files.index, 'r');
  const log = openSync(files.log, 'r');
  try {
    while (searched < to) {
      const block = readBlock(index, log, searched, to);
      matchBlock(block, matcher, lines);
      searched += block.count;
      if (lines.length >= limit) return cutTo(lines, limit, searched);
      if (isLate()) break;
    }
    return {lines, searched};
  } finally {
    closeSync(index);
    closeSync(log);
  }
}

/** What was found beyond the limit is found again when it is asked for. */
function cutTo(lines: number[], limit: number, searched: number): LogScanned {
  if (lines.length === limit) return {lines, searched};
  const kept = lines.slice(0, limit);
  return {lines: kept, searched: (kept.at(-1) ?? searched) + 1};
}

/** Whole lines and where each ends in `bytes`, its newline included. */
type Block = {readonly first: number; readonly count: number; readonly bytes: Buffer; readonly ends: Uint32Array};

const mostLines = 32_768;
const mostBytes = 1024 * 1024;

function readBlock(index: number, log: number, from: number, to: number): Block {
  const before = from === 0 ? 0 : 1;
  const wanted = Math.min(mostLines, to - from);
  const records = readAt(index, headerSize + (from - before) * recordSize, (wanted + before) * recordSize);
  const start = before === 0 ? 0 : endAt(records, 0);
  const held = Math.floor(records.length / recordSize) - before;
  const ends = new Uint32Array(held);
  let count = 0;
  while (count < held) {
    const end = endAt(records, (count + before) * recordSize) - start;
    if (end > mostBytes && count > 0) break;
    ends[count] = end;
    count += 1;
  }
  if (count === 0) throw new Error(`the line index ends before line ${from}`);
  return {first: from, count, bytes: readAt(log, start, ends[count - 1] ?? 0), ends};
}

function endAt(records: Buffer, position: number): number {
  return records.readUInt32LE(position) + records.readUInt16LE(position + 4) * 0x1_0000_0000;
}

function matchBlock(block: Block, {literal, line}: LogMatcher, found: number[]): void {
  if (literal === undefined) return matchLines(block, line, found);
  const escaped = linesWithEscapes(block);
  const plain = literalLines(block, literal.within(block.bytes), literal.length);
  if (escaped.length === 0) return push(found, plain, block.first);
  // Bytes inside an escape are no text, and an escape may stand inside a match: these lines are read for themselves.
  const special = new Set(escaped);
  const kept = plain.filter((at) => !special.has(at));
  const read = escaped.filter((at) => line(stripAnsi(textAt(block, at))));
  push(
    found,
    [...kept, ...read].toSorted((one, other) => one - other),
    block.first,
  );
}

function push(found: number[], lines: readonly number[], first: number): void {
  for (const at of lines) found.push(first + at);
}

/** The lines of a block that hold the bytes, each once. */
function literalLines({ends, count}: Block, next: (from: number) => number, length: number): number[] {
  const lines: number[] = [];
  let line = 0;
  for (let from = 0; line < count; ) {
    const place = next(from);
    if (place === -1) break;
    while (line < count && (ends[line] ?? 0) <= place) line += 1;
    const end = ends[line] ?? 0;
    const inside = place + length <= end;
    if (inside) lines.push(line);
    from = inside ? end : place + 1;
  }
  return lines;
}

const escapeByte = 0x1b;

function linesWithEscapes({bytes, ends, count}: Block): number[] {
  const lines: number[] = [];
  let line = 0;
  for (let place = bytes.indexOf(escapeByte); place !== -1; place = bytes.indexOf(escapeByte, ends[line] ?? 0)) {
    while (line < count && (ends[line] ?? 0) <= place) line += 1;
    if (line >= count) break;
    lines.push(line);
  }
  return lines;
}

function matchLines(block: Block, matches: (text: string) => boolean, found: number[]): void {
  const {bytes, ends, count, first} = block;
  const text = isAscii(bytes) ? bytes.toString('latin1') : undefined;
  const hasEscapes = bytes.includes(escapeByte);
  for (let at = 0, start = 0; at < count; at++) {
    const end = ends[at] ?? 0;
    const stop = bytes[end - 1] === 10 ? end - 1 : end;
    const line = text === undefined ? bytes.toString('utf8', start, stop) : text.slice(start, stop);
    if (matches(hasEscapes ? withoutEscapes(line) : line)) found.push(first + at);
    start = end;
  }
}

function withoutEscapes(line: string): string {
  return line.includes('\u001B') ? stripAnsi(line) : line;
}

function textAt({bytes, ends}: Block, at: number): string {
  const start = at === 0 ? 0 : (ends[at - 1] ?? 0);
  const end = ends[at] ?? 0;
  return bytes.toString('utf8', start, bytes[end - 1] === 10 ? end - 1 : end);
}
