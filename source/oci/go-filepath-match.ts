// Go's path/filepath.Match on Unix, on bytes as there: `*` and `?` do not cross a slash, `[...]` is a class, `\` escapes. The slices of
// launch.toml are matched with it (buildpacks/lifecycle layers/slices.go).
import {isUtf8} from 'node:buffer';
import {posix} from 'node:path';
import {OciError} from './oci-error.ts';
import {encodePath} from './path-bytes.ts';
import {quoted} from './quoted.ts';

/**
 * Does `pattern` match the whole of `name`? An OciError of kind `bad-pattern` when the pattern is malformed; as in Go, a fault behind the
 * place where the answer is already known can go unseen.
 */
export function goFilepathMatch(pattern: string, name: string): boolean {
  try {
    return matchBytes(encodePath(pattern), encodePath(name));
  } catch (cause) {
    if (!(cause instanceof BadPattern)) throw cause;
    throw new OciError(
      'bad-pattern',
      `Expected a file pattern (*, ?, [a-z], \\ escapes), got ${quoted(pattern)}: ${cause.message}.`,
      {cause},
    );
  }
}

/** Go's filepath.Clean: `./` and `..` resolved, no slash at the end, `.` for nothing. */
export function goFilepathClean(path: string): string {
  const normal = posix.normalize(path);
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

class BadPattern extends Error {}

const star = 0x2a;
const question = 0x3f;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const caret = 0x5e;
const minus = 0x2d;
const slash = 0x2f;
const runeError = 0xff_fd;

function matchBytes(wholePattern: Buffer, wholeName: Buffer): boolean {
  let pattern = wholePattern;
  let name = wholeName;
  while (pattern.length > 0) {
    const {starred, chunk, rest} = scanChunk(pattern);
    pattern = rest;
    if (starred && chunk.length === 0) return !name.includes(slash);
    const after = matchChunkSomewhere(chunk, name, starred, pattern.length === 0);
    if (after === undefined) return false;
    name = after;
  }
  return name.length === 0;
}

/** What remains of `name` behind the chunk: tried at the start and, behind a star, at every later byte of this path element. */
function matchChunkSomewhere(chunk: Buffer, name: Buffer, starred: boolean, isLast: boolean): Buffer | undefined {
  for (let skip = 0; skip <= name.length; skip++) {
    if (skip > 0 && (!starred || name[skip - 1] === slash)) return undefined;
    const after = matchChunk(chunk, name.subarray(skip));
    if (after !== undefined && (after.length === 0 || !isLast)) return after;
  }
  return undefined;
}

/** The next piece of the pattern up to a star that is neither escaped nor in a class, and whether stars stood before it. */
function scanChunk(pattern: Buffer): {readonly starred: boolean; readonly chunk: Buffer; readonly rest: Buffer} {
  let start = 0;
  while (pattern[start] === star) start++;
  let end = start;
  let inClass = false;
  for (; end < pattern.length; end++) {
    const byte = pattern[end];
    if (byte === star && !inClass) break;
    if (byte === backslash && end + 1 < pattern.length) end++;
    else if (byte === openBracket) inClass = true;
    else if (byte === closeBracket) inClass = false;
  }
  return {starred: start > 0, chunk: pattern.subarray(start, end), rest: pattern.subarray(end)};
}

/** What remains of `name` when `chunk` (literals, classes, `?`) matches its start. Reads all of the chunk, to see whether it is well formed. */
function matchChunk(wholeChunk: Buffer, wholeName: Buffer): Buffer | undefined {
  let chunk = wholeChunk;
  let name = wholeName;
  let failed = false;
  while (chunk.length > 0) {
    failed ||= name.length === 0;
    const step: Step = chunk[0] === openBracket ? matchClass(chunk, name, failed) : matchSingle(chunk, name, failed);
    failed ||= !step.matched;
    ({chunk, name} = step);
  }
  return failed ? undefined : name;
}

type Step = {readonly matched: boolean; readonly chunk: Buffer; readonly name: Buffer};

/** One `?`, escaped character or literal byte. */
function matchSingle(chunk: Buffer, name: Buffer, failed: boolean): Step {
  if (chunk[0] === question) {
    if (failed) return {matched: false, chunk: chunk.subarray(1), name};
    return {matched: name[0] !== slash, chunk: chunk.subarray(1), name: name.subarray(decodeRune(name).size)};
  }
  const literal = chunk[0] === backslash ? chunk.subarray(1) : chunk;
  if (literal.length === 0) throw new BadPattern('nothing stands behind a backslash');
  return {
    matched: !failed && literal[0] === name[0],
    chunk: literal.subarray(1),
    name: failed ? name : name.subarray(1),
  };
}

/** One class, `[a-z]` or `[^a-z]`; it must hold something and be closed. */
function matchClass(chunk: Buffer, name: Buffer, failed: boolean): Step {
  const rune = failed ? {value: 0, size: 0} : decodeRune(name);
  let rest = chunk.subarray(1);
  const negated = rest[0] === caret;
  if (negated) rest = rest.subarray(1);
  let found = false;
  for (let ranges = 0; ranges === 0 || rest[0] !== closeBracket; ranges++) {
    const low = classCharacter(rest);
    const high = low.rest[0] === minus ? classCharacter(low.rest.subarray(1)) : low;
    found ||= low.value <= rune.value && rune.value <= high.value;
    rest = high.rest;
  }
  return {matched: found !== negated, chunk: rest.subarray(1), name: name.subarray(rune.size)};
}

/** One character of a class, possibly escaped. Something must follow it, at least the closing bracket. */
function classCharacter(chunk: Buffer): {readonly value: number; readonly rest: Buffer} {
  if (chunk.length === 0 || chunk[0] === minus || chunk[0] === closeBracket)
    throw new BadPattern('a class lacks a character');
  const bytes = chunk[0] === backslash ? chunk.subarray(1) : chunk;
  if (bytes.length === 0) throw new BadPattern('nothing stands behind a backslash');
  const rune = decodeRune(bytes);
  if (rune.value === runeError && rune.size === 1) throw new BadPattern('a class holds bytes that are not UTF-8');
  if (bytes.length === rune.size) throw new BadPattern('a class is not closed');
  return {value: rune.value, rest: bytes.subarray(rune.size)};
}

/** Go's utf8.DecodeRune: the first character and its bytes; U+FFFD and 1 for a byte that begins none. */
function decodeRune(bytes: Buffer): {readonly value: number; readonly size: number} {
  const first = bytes[0] ?? 0;
  if (first < 0x80) return {value: first, size: 1};
  const size = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  const candidate = bytes.subarray(0, size);
  if (candidate.length < size || !isUtf8(candidate)) return {value: runeError, size: 1};
  return {value: candidate.toString('utf8').codePointAt(0) ?? runeError, size};
}
