/** Reads a TOML file and the fields in it; whatever is wrong names the file and the field. Unknown keys are ignored, as upstream does. */
import {isUtf8} from 'node:buffer';
import {parse} from 'smol-toml';
import {parseWithFineDates} from './fine-dates.ts';
import {type RegularFileOptions, readRegularFile} from './read-regular-file.ts';
import {isTomlTable, type TomlTable, type TomlValue} from './toml-value.ts';

/** A table and where it stands, so that an error can say `/layers/x/launch.toml: processes[0].type`. */
export type TomlReader = {readonly table: TomlTable; readonly file: string; readonly path: string};

export class TomlFileError extends Error {
  readonly file: string;
  /** Dotted path of the field, empty when the document itself cannot be read. */
  readonly field: string;

  constructor(file: string, field: string, problem: string, cause?: unknown) {
    super(field === '' ? `${file}: ${problem}` : `${file}: ${field}: ${problem}`, {cause});
    this.name = 'TomlFileError';
    this.file = file;
    this.field = field;
  }
}

/** The document at `file`, or undefined when there is no such file. */
export async function readTomlFile(file: string, options?: RegularFileOptions): Promise<TomlReader | undefined> {
  const bytes = await readRegularFile(file, options);
  return bytes === undefined ? undefined : parseTomlBytes(bytes, file);
}

/** The document in `bytes`, which must be UTF-8 (toml.io/en/v1.0.0#spec); `file` is named in errors. */
export function parseTomlBytes(bytes: Buffer, file: string): TomlReader {
  if (!isUtf8(bytes)) throw new TomlFileError(file, '', `not valid TOML: ${whereNotUtf8(bytes)}`);
  return parseTomlText(bytes.toString('utf8').replace(/^\u{FEFF}/u, ''), file);
}

function whereNotUtf8(bytes: Buffer): string {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf('\n', start);
    const after = end === -1 ? bytes.length : end + 1;
    if (!isUtf8(bytes.subarray(start, after))) break;
    start = after;
  }
  return `line ${line} is not UTF-8`;
}

/** The document in `text`; `file` is named in errors. */
export function parseTomlText(text: string, file: string): TomlReader {
  try {
    const table = parseWithFineDates(text, (marked) =>
      parse(marked, {integersAsBigInt: true, unsafeKeyBehaviour: 'throw'}),
    );
    // Only then can a number be too large.
    if (/[0-9a-f_]{16}|\de\+?\d{3}/i.test(text)) checkNumbers(table, text);
    return {table, file, path: ''};
  } catch (error) {
    const problem = error instanceof Error ? (error.message.split('\n')[0] ?? error.message) : String(error);
    throw new TomlFileError(file, '', `not valid TOML: ${problem}`, error);
  }
}

/** The parser gives infinity for a float that is too large; only as many may be infinite as are written so. */
function checkNumbers(table: TomlTable, text: string): void {
  let infinite = text.match(/(?<!\w)inf(?!\w)/g)?.length ?? 0;
  for (const number of numbersIn(table)) {
    if (typeof number === 'bigint' && BigInt.asIntN(64, number) !== number)
      throw new RangeError(`${number} is out of range for a 64-bit integer`);
    if ((number === Infinity || number === -Infinity) && infinite-- === 0)
      throw new RangeError('a number is out of range for a 64-bit float');
  }
}

function* numbersIn(value: TomlValue): Generator<bigint | number> {
  if (typeof value === 'bigint' || typeof value === 'number') yield value;
  else if (Array.isArray(value)) for (const element of value as readonly TomlValue[]) yield* numbersIn(element);
  else if (isTomlTable(value)) for (const element of Object.values(value)) yield* numbersIn(element);
}

/** A text, `undefined` when absent. */
export function textField(reader: TomlReader, key: string): string | undefined {
  const value = field(reader, key);
  if (value === undefined || typeof value === 'string') return value;
  throw mismatch(reader, key, 'a string', value);
}

/** A boolean, `undefined` when absent. */
export function booleanField(reader: TomlReader, key: string): boolean | undefined {
  const value = field(reader, key);
  if (value === undefined || typeof value === 'boolean') return value;
  throw mismatch(reader, key, 'true or false', value);
}

/** A list of texts, `undefined` when absent (Go: nil, which is written differently from an empty list). */
export function textListField(reader: TomlReader, key: string): readonly string[] | undefined {
  const value = field(reader, key);
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((element) => typeof element === 'string')) return value;
  throw mismatch(reader, key, 'a list of strings', value);
}

/** A table of anybody's making (metadata), `undefined` when absent or something else: upstream's decoder passes over that. */
export function tableField(reader: TomlReader, key: string): TomlTable | undefined {
  const value = field(reader, key);
  return isTomlTable(value) ? value : undefined;
}

/** A table to read further fields from, `undefined` when absent. */
export function subTable(reader: TomlReader, key: string): TomlReader | undefined {
  const value = field(reader, key);
  if (value === undefined) return undefined;
  if (isTomlTable(value)) return {table: value, file: reader.file, path: pathOf(reader, key)};
  throw mismatch(reader, key, 'a table', value);
}

/** The tables of an array of tables; none when absent. */
export function tableList(reader: TomlReader, key: string): readonly TomlReader[] {
  const value = field(reader, key);
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw mismatch(reader, key, 'a list of tables', value);
  return value.map((element: TomlValue, index) => {
    if (isTomlTable(element)) return {table: element, file: reader.file, path: `${pathOf(reader, key)}[${index}]`};
    throw mismatch(reader, `${key}[${index}]`, 'a table', element);
  });
}

/** The value of a key; like upstream's decoder an exact match first, else one that differs in case only. */
export function field(reader: TomlReader, key: string): TomlValue | undefined {
  if (Object.hasOwn(reader.table, key)) return reader.table[key];
  const other = Object.keys(reader.table).find((candidate) => candidate.toLowerCase() === key.toLowerCase());
  return other === undefined ? undefined : reader.table[other];
}

/** An error about one field of the table. */
export function fieldError(reader: TomlReader, key: string, problem: string): TomlFileError {
  return new TomlFileError(reader.file, pathOf(reader, key), problem);
}

function mismatch(reader: TomlReader, key: string, expected: string, got: unknown): TomlFileError {
  return fieldError(reader, key, `expected ${expected}, got ${describe(got)}`);
}

function pathOf(reader: TomlReader, key: string): string {
  return reader.path === '' ? key : `${reader.path}.${key}`;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value instanceof Date) return 'a date';
  if (isTomlTable(value)) return 'a table';
  if (typeof value === 'bigint' || typeof value === 'number') return `the number ${value}`;
  return typeof value === 'string' ? `the string "${value.slice(0, 40)}"` : String(value);
}
