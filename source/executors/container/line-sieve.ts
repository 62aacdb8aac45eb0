// Looks at the lines of a stream without holding the stream back: bytes go on as they come, but for the beginning of a line that may still turn
// out to be one of the lines looked for.

export type LineSieve = {
  write(bytes: Uint8Array): void;
  /** Hands on what is still held. */
  end(): void;
};

export type SieveOptions = {
  /** How the lines looked for begin; a line that begins otherwise is never held. */
  readonly beginnings: readonly string[];
  /** When it says so, every line is looked at, and so held until it is whole or too long. */
  readonly everyLine?: () => boolean;
  /** A whole line that begins so, without its newline (bytes as Latin-1). False takes it out of the stream. */
  readonly onLine: (line: string) => boolean;
  readonly onBytes: (bytes: Uint8Array) => void;
};

/** No line looked for is longer. */
const longestLine = 1000;
const newline = 10;

/** Calls `onLine` before the line's bytes are handed on. */
export function createLineSieve({beginnings, everyLine, onLine, onBytes}: SieveOptions): LineSieve {
  let held: Buffer = Buffer.alloc(0);
  let atLineStart = true;

  const mayMatch = () => {
    if (held.length > longestLine) return false;
    const text = held.toString('latin1');
    return everyLine?.() || beginnings.some((word) => word.startsWith(text) || text.startsWith(word));
  };

  const release = () => {
    if (held.length > 0) onBytes(held);
    held = Buffer.alloc(0);
  };

  /** Takes the bytes of one line, its newline included if it is there. */
  const takeLine = (bytes: Buffer) => {
    const isWhole = bytes.at(-1) === newline;
    if (!atLineStart) onBytes(bytes);
    else {
      held = Buffer.concat([held, bytes]);
      const matches = mayMatch();
      if (isWhole && matches && !onLine(held.toString('latin1').slice(0, -1))) held = Buffer.alloc(0);
      if (isWhole || !matches) release();
      atLineStart = matches;
    }
    if (isWhole) atLineStart = true;
  };

  return {
    write: (chunk) => {
      let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      while (rest.length > 0) {
        // what cannot be looked for goes on in one piece
        const end = rest.indexOf(newline);
        const length = end === -1 ? rest.length : end + 1;
        takeLine(rest.subarray(0, length));
        rest = rest.subarray(length);
      }
    },
    end: release,
  };
}
