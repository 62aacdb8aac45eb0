// JSON as Go's encoding/json.Marshal writes it: no spaces; `<`, `>`, `&`, U+2028 and U+2029 escaped; maps sorted by their keys' bytes. Labels
// and image configs are compared by what they hash to, so their bytes have to be upstream's.
import {comparePaths} from './path-bytes.ts';

/**
 * What can be written. A plain object is a Go struct: its keys keep their order and one whose value is undefined is left out (`omitempty`,
 * decided by the caller). `goMap` and `sortedKeys` mark what is a map in Go.
 */
export type JsonValue =
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | GoMap
  | readonly JsonValue[]
  | {readonly [key: string]: JsonValue};

/** Marks an object as a Go map: its keys are sorted. Made by `goMap` and `sortedKeys`. */
export class GoMap {
  readonly entries: readonly (readonly [string, JsonValue])[];

  constructor(entries: readonly (readonly [string, JsonValue])[]) {
    this.entries = entries.toSorted(([left], [right]) => comparePaths(left, right));
  }
}

/** A Go map, `map[string]T`: keys sorted here; what the values hold keeps its order. */
export function goMap(object: Readonly<Record<string, JsonValue>>): GoMap {
  return new GoMap(Object.entries(object));
}

/** A Go `any`: parsed JSON of unknown shape, where every object is a map and so sorted, all the way down. */
export function sortedKeys(value: unknown): JsonValue {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (value === null || typeof value !== 'object' || value instanceof GoMap) return value as JsonValue;
  return new GoMap(Object.entries(value).map(([key, inner]) => [key, sortedKeys(inner)]));
}

/** `value` as Go marshals it. An absent value is `null`, a key without one is left out. Infinite numbers and NaN throw a RangeError. */
export function goJson(value: JsonValue): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return goString(value);
  if (typeof value === 'number') return goNumber(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (value instanceof GoMap) return goObject(value.entries);
  if (isArray(value)) return `[${value.map(goJson).join(',')}]`;
  return goObject(Object.entries(value));
}

function isArray(value: object): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function goObject(entries: readonly (readonly [string, JsonValue])[]): string {
  const written = entries.filter(([, value]) => value !== undefined);
  return `{${written.map(([key, value]) => `${goString(key)}:${goJson(value)}`).join(',')}}`;
}

/** A float64 in Go's shortest form, which differs from JavaScript's in minus zero alone. */
function goNumber(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`Expected a number that JSON can hold, got ${value}.`);
  return Object.is(value, -0) ? '-0' : String(value);
}

/** Go writes a byte that is not UTF-8 (see path-bytes.ts) as an escape, and half a pair from a JSON escape as U+FFFD itself. */
function goString(text: string): string {
  const pieces = text.isWellFormed() ? [text] : text.split(brokenByte).map((piece) => piece.toWellFormed());
  return `"${pieces.map(escapeText).join('\\ufffd')}"`;
}

const brokenByte = /(?<![\uD800-\uDBFF])[\uDC80-\uDCFF]/;

function escapeText(text: string): string {
  return JSON.stringify(text)
    .slice(1, -1)
    .replaceAll(/[<>&\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
