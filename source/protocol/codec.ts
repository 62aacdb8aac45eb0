// Newline-delimited JSON: one message is one line of UTF-8.
import {Buffer} from 'node:buffer';
import type {Message} from './message.ts';
import {ProtocolError} from './protocol-error.ts';

/** The longest message a client takes from the controller, in bytes: a whole state fits. */
export const mostBytesFromController = 64 * 1024 * 1024;
/** The longest message the controller takes from a client, in bytes. */
export const mostBytesFromClient = 4 * 1024 * 1024;

/** The message as it goes over the connection, with its newline. */
export function encodeMessage(message: Message): string {
  return `${JSON.stringify(message)}\n`;
}

export type Decoder = {
  /**
   * The values whose last byte this chunk brings, in order; chunks may end anywhere, inside a character too. Throws
   * ProtocolError at the first line that is too long or is not JSON in UTF-8; the values before it were given already.
   */
  push(chunk: Uint8Array): Generator<unknown, void, undefined>;
};

/** Takes messages of at most `mostBytes`, newline not counted. */
export function createDecoder(mostBytes: number): Decoder {
  let begun: Buffer[] = [];
  let length = 0;

  const add = (piece: Buffer): void => {
    length += piece.length;
    if (length > mostBytes) throw tooLong(mostBytes);
    begun.push(piece);
  };
  const finish = (): Buffer => {
    const [first] = begun;
    const line = begun.length === 1 && first !== undefined ? first : Buffer.concat(begun, length);
    begun = [];
    length = 0;
    return line;
  };

  return {
    *push(bytes) {
      const chunk = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      let start = 0;
      for (;;) {
        const newline = chunk.indexOf(newlineByte, start);
        if (newline === -1) break;
        add(chunk.subarray(start, newline));
        start = newline + 1;
        yield parseLine(finish());
      }
      if (start < chunk.length) add(chunk.subarray(start));
    },
  };
}

const newlineByte = 10;
const strictUtf8 = new TextDecoder('utf-8', {fatal: true});

function parseLine(line: Buffer): unknown {
  try {
    return JSON.parse(strictUtf8.decode(line));
  } catch (error) {
    const begin = line.subarray(0, 60).toString('latin1');
    throw new ProtocolError(`expected a message as one line of JSON in UTF-8, got ${JSON.stringify(begin)}`, {
      broken: true,
      cause: error,
    });
  }
}

function tooLong(mostBytes: number): ProtocolError {
  return new ProtocolError(`expected a message of at most ${mostBytes} bytes, got a longer one`, {broken: true});
}
