// What a search looks for: a text or a regular expression, in any case unless the pattern has a capital letter.
import type {LogQuery} from '../ports/history.ts';

/** How a query is answered for a block of bytes, and for a single line. */
export type LogMatcher = {
  /** Where looking for bytes is enough: how many match, and the place of the next ones in a block (-1 when there are none). */
  readonly literal?: {readonly length: number; readonly within: (block: Buffer) => (from: number) => number};
  /** Whether a line matches; colours and other escapes are not part of its text. */
  readonly line: (text: string) => boolean;
};

/** Throws SyntaxError, in the engine's words, for a regular expression that is none. */
export function logMatcher({pattern, regex = false}: LogQuery): LogMatcher {
  const folded = foldsCase(pattern, regex);
  if (regex) {
    const expression = new RegExp(pattern, folded ? 'iu' : 'u');
    return {line: (text) => expression.test(text)};
  }
  if (!folded) {
    const wanted = Buffer.from(pattern);
    const within = (block: Buffer) => (from: number) => block.indexOf(wanted, from);
    return {literal: {length: wanted.length, within}, line: (text) => text.includes(pattern)};
  }
  if (!ascii.test(pattern)) {
    const expression = new RegExp(escaped(pattern), 'iu');
    return {line: (text) => expression.test(text)};
  }
  return {
    literal: {length: pattern.length, within: anyCase(new RegExp(escaped(pattern), 'gi'))},
    line: (text) => text.toLowerCase().includes(pattern),
  };
}

/** The engine's own search for a text in any case is twice as fast as folding the block first; a character is a byte here. */
function anyCase(expression: RegExp) {
  return (block: Buffer) => {
    const text = block.toString('latin1');
    return (from: number) => {
      expression.lastIndex = from;
      return expression.exec(text)?.index ?? -1;
    };
  };
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, (mark) => (mark === '-' ? '\\x2d' : `\\${mark}`));
}

/** Smart case, as ripgrep's `--smart-case`: a capital letter in the pattern (not in `\S` or `\p{Lu}`) makes the case count. */
export function foldsCase(pattern: string, regex: boolean): boolean {
  const letters = regex ? pattern.replaceAll(/\\[pP]\{[^}]*\}|\\./gu, '') : pattern;
  return letters === letters.toLowerCase();
}

const ascii = /^[\u0000-\u007F]*$/;
