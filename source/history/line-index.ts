// The line index beside a log: a header, then one record of 16 bytes per line, each with a check byte, in order of the lines.
import type {PhaseName} from '../domain/phase.ts';
import type {LogStream} from '../ports/executor.ts';

export const recordSize = 16;
export const headerSize = 16;
/** The first bytes of an index; the last digit is the version of the format. */
export const indexHeader: Buffer = Buffer.alloc(headerSize);
indexHeader.write('slipway-lines-1\n', 'latin1');

/** One line. It begins in the log file where the line before it ends. */
export type LineRecord = {
  /** Offset in the log file just after the line (and its newline). */
  readonly end: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly attempt: number;
  readonly phase: PhaseName;
  readonly stream: LogStream;
  /** Whether the line ends with a newline in the log file. */
  readonly terminated: boolean;
};

/**
 * Layout, little-endian: end u48, at u48, attempt u16, kind u8 (phase in bits 0–3, stream in bits 4–5, bit 6 when it has no
 * newline), check u8. Nothing is ever renumbered: files written today are read by every later version.
 */
export function encodeRecord(target: Buffer, position: number, record: LineRecord): void {
  target.writeUIntLE(record.end, position, 6);
  target.writeUIntLE(Math.max(0, Math.floor(record.at)), position + 6, 6);
  target.writeUInt16LE(record.attempt, position + 12);
  const kind = phaseCodes[record.phase] | (streamCodes[record.stream] << 4) | (record.terminated ? 0 : 0x40);
  target[position + 14] = kind;
  target[position + 15] = checkByte(target, position);
}

/** The record at a position, or undefined when its bytes are not what was once written. */
export function decodeRecord(source: Buffer, position: number): LineRecord | undefined {
  if (source[position + 15] !== checkByte(source, position)) return undefined;
  const kind = source[position + 14] ?? 0;
  const phase = phases[kind & 0x0f];
  const stream = streams[(kind >> 4) & 0x03];
  if (phase === undefined || stream === undefined) return undefined;
  return {
    end: source.readUIntLE(position, 6),
    at: source.readUIntLE(position + 6, 6),
    attempt: source.readUInt16LE(position + 12),
    phase,
    stream,
    terminated: (kind & 0x40) === 0,
  };
}

/** A small number for a pair of phase and stream. */
export function slotOf(phase: PhaseName, stream: LogStream): number {
  return phaseCodes[phase] * 4 + streamCodes[stream];
}

/** Each phase's number in a record. */
export const phaseCodes: Readonly<Record<PhaseName, number>> = {
  prepare: 0,
  detect: 1,
  analyze: 2,
  restore: 3,
  build: 4,
  export: 5,
  rebase: 6,
};
const streamCodes: Readonly<Record<LogStream, number>> = {stdout: 0, stderr: 1, slipway: 2};
const phases = Object.keys(phaseCodes) as readonly PhaseName[];
const streams = Object.keys(streamCodes) as readonly LogStream[];

/** Not zero for a record of zeros, so that a hole in the file is no line. */
function checkByte(source: Buffer, position: number): number {
  let check = 0x5a;
  for (let index = position; index < position + 15; index++) check = (check * 31 + (source[index] ?? 0)) & 0xff;
  return check;
}
