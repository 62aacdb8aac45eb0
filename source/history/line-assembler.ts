// Turns pieces of bytes into whole lines, each phase and stream apart, in memory that stays bounded.
import type {PhaseName} from '../domain/phase.ts';
import type {LogStream} from '../ports/executor.ts';
import {slotOf} from './line-index.ts';

/** Receives a line as a range of `bytes`, with its newline when it has one. `bytes` may be reused after the call. */
export type TakeLine = (
  line: {readonly phase: PhaseName; readonly stream: LogStream; readonly at: number; readonly terminated: boolean},
  bytes: Buffer,
  start: number,
  stop: number,
) => void;

export type LineAssembler = {
  push(phase: PhaseName, stream: LogStream, at: number, bytes: Uint8Array): void;
  /** Gives what is left without a newline, in the order in which it began. */
  end(): void;
};

/** Lines longer than `longest` bytes (newline not counted) are given in parts of that length. */
export function createLineAssembler(longest: number, take: TakeLine): LineAssembler {
  const partials = new Map<number, Partial>();

  return {
    push(phase, stream, at, bytes) {
      const slot = slotOf(phase, stream);
      const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let start = 0;
      while (start < source.length) {
        const newline = source.indexOf(newlineByte, start);
        const stop = newline === -1 ? source.length : newline + 1;
        const partial = partials.get(slot);
        if (newline !== -1 && partial === undefined && stop - start <= longest) {
          take({phase, stream, at, terminated: true}, source, start, stop);
        } else {
          const grown = partial ?? newPartial(phase, stream, at);
          partials.delete(slot);
          const rest = extend(grown, source.subarray(start, stop), at, longest, take);
          if (newline === -1) partials.set(slot, rest);
          else give(rest, true, take);
        }
        start = stop;
      }
    },
    end() {
      for (const partial of partials.values()) {
        if (partial.length > 0) give(partial, false, take);
      }
      partials.clear();
    },
  };
}

const newlineByte = 10;

type Partial = {
  readonly phase: PhaseName;
  readonly stream: LogStream;
  readonly at: number;
  bytes: Buffer;
  length: number;
};

function newPartial(phase: PhaseName, stream: LogStream, at: number): Partial {
  return {phase, stream, at, bytes: Buffer.allocUnsafe(256), length: 0};
}

/** Adds a piece, giving away every full part on the way; what it returns is the partial line that goes on. */
function extend(partial: Partial, piece: Buffer, at: number, longest: number, take: TakeLine): Partial {
  let current = partial;
  let rest = piece;
  // The newline itself may sit on top of a full part: it ends that part instead of beginning an empty one.
  while (current.length + rest.length > longest && !(current.length + rest.length === longest + 1 && endsLine(rest))) {
    const room = longest - current.length;
    append(current, rest.subarray(0, room));
    give(current, false, take);
    current = newPartial(current.phase, current.stream, at);
    rest = rest.subarray(room);
  }
  append(current, rest);
  return current;
}

function endsLine(bytes: Buffer): boolean {
  return bytes.at(-1) === newlineByte;
}

function append(partial: Partial, piece: Buffer): void {
  const length = partial.length + piece.length;
  if (length > partial.bytes.length) {
    const grown = Buffer.allocUnsafe(Math.max(length, partial.bytes.length * 2));
    partial.bytes.copy(grown, 0, 0, partial.length);
    partial.bytes = grown;
  }
  piece.copy(partial.bytes, partial.length);
  partial.length = length;
}

function give({phase, stream, at, bytes, length}: Partial, terminated: boolean, take: TakeLine): void {
  take({phase, stream, at, terminated}, bytes, 0, length);
}
