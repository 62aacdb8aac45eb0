// File names are bytes, strings are Unicode. A byte that is not part of valid UTF-8 becomes the lone surrogate U+DC00 + byte (as Python's
// surrogateescape does), so that every name survives the way from a directory into a tar and back, and names sort by their bytes.
import {isUtf8} from 'node:buffer';
import {OciError} from './oci-error.ts';
import {quoted} from './quoted.ts';

/** The string for a file name's bytes; `encodePath` gives the same bytes back. */
export function decodePath(bytes: Buffer): string {
  return isUtf8(bytes) ? bytes.toString('utf8') : decodeBroken(bytes);
}

/** The bytes of a path that `decodePath` or ordinary text made; a lone surrogate that stands for no byte is refused (kind `bad-path`). */
export function encodePath(path: string): Buffer {
  return path.isWellFormed() ? Buffer.from(path, 'utf8') : encodeBroken(path);
}

/** Orders two paths by their bytes, as Go compares strings. */
export function comparePaths(left: string, right: string): number {
  if (isPlain(left) && isPlain(right)) return left < right ? -1 : left > right ? 1 : 0;
  return Buffer.compare(encodePath(left), encodePath(right));
}

function isPlain(path: string): boolean {
  for (let index = 0; index < path.length; index++) {
    if (path.charCodeAt(index) >= 0xd8_00) return false;
  }
  return true;
}

function decodeBroken(bytes: Buffer): string {
  let path = '';
  let index = 0;
  while (index < bytes.length) {
    const length = [1, 2, 3, 4].find(
      (size) => index + size <= bytes.length && isUtf8(bytes.subarray(index, index + size)),
    );
    path +=
      length === undefined
        ? String.fromCharCode(0xdc_00 + (bytes[index] ?? 0))
        : bytes.toString('utf8', index, index + length);
    index += length ?? 1;
  }
  return path;
}

function encodeBroken(path: string): Buffer {
  const parts: Buffer[] = [];
  for (const character of path) {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0xd8_00 || code > 0xdf_ff) parts.push(Buffer.from(character, 'utf8'));
    else if (code >= 0xdc_80 && code <= 0xdc_ff) parts.push(Buffer.from([code - 0xdc_00]));
    else
      throw new OciError(
        'bad-path',
        `The path ${quoted(path)} holds half of a character pair, which no file name can hold.`,
      );
  }
  return Buffer.concat(parts);
}
