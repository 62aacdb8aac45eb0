// Reads JSON documents that others wrote: an error names the document and the field, what was expected there and what came.
import {OciError, type OciErrorKind} from './oci-error.ts';
import {isDigest} from './digest.ts';
import {quoted} from './quoted.ts';

/** A place inside a document, for messages: the document's name and the path of the field in it. */
export type Place = {readonly document: string; readonly field: string; readonly kind: OciErrorKind};

/** The value in a JSON document; an OciError of the given kind when the bytes are no JSON. */
export function parseJson(bytes: Buffer, document: string, kind: OciErrorKind): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new OciError(
      kind,
      `Expected JSON in ${document}, got something else: ${quoted(bytes.toString('utf8', 0, 60))}.`,
      {cause},
    );
  }
}

/** The place of a field below this one. */
export function below(place: Place, field: string | number): Place {
  const step = typeof field === 'number' ? `[${field}]` : place.field === '' ? field : `.${field}`;
  return {...place, field: place.field + step};
}

/** The error for a field that holds the wrong thing. */
export function wrongField(place: Place, expected: string, got: unknown): OciError {
  const shown = got === undefined ? 'nothing' : quoted(typeof got === 'string' ? got : JSON.stringify(got), 80);
  return new OciError(
    place.kind,
    `Expected ${expected} in ${place.document}, field ${place.field || '(the whole document)'}, got ${shown}.`,
  );
}

export function checkObject(value: unknown, place: Place): Readonly<Record<string, unknown>> {
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw wrongField(place, 'an object', value);
}

export function checkArray(value: unknown, place: Place): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrongField(place, 'a list', value);
}

export function checkString(value: unknown, place: Place): string {
  if (typeof value === 'string') return value;
  throw wrongField(place, 'text', value);
}

/** Absent, null, or passing the check: as Go's decoder takes a field. */
export function checkOptional(value: unknown, place: Place, check: (value: unknown, place: Place) => unknown): void {
  if (value !== undefined && value !== null) check(value, place);
}

export function checkStrings(value: unknown, place: Place): void {
  for (const [index, item] of checkArray(value, place).entries()) checkString(item, below(place, index));
}

export function checkStringMap(value: unknown, place: Place): void {
  for (const [key, item] of Object.entries(checkObject(value, place))) checkString(item, below(place, key));
}

export function checkDigest(value: unknown, place: Place): void {
  if (!isDigest(value)) throw wrongField(place, 'a digest (sha256: and 64 hex digits)', value);
}

export function checkSize(value: unknown, place: Place): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrongField(place, 'a size in bytes', value);
}
