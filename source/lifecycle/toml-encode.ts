/**
 * Writes TOML with the bytes that BurntSushi/toml v1.6 writes, the encoder behind every file upstream's lifecycle leaves.
 * `<layers>/config/metadata.toml` is the content of an image layer, so a space more is another digest.
 */
import {compareBytes} from './compare-bytes.ts';
import {isTomlTable, type TomlTable, type TomlValue} from './toml-value.ts';

/** A table whose keys keep the order they are given in (Go: a struct). A plain object is written with sorted keys (Go: a map). */
export class OrderedTable {
  readonly fields: readonly OrderedField[];

  constructor(fields: readonly OrderedField[]) {
    this.fields = fields;
  }
}

/** A value whose text is already TOML (Go: a type that implements MarshalTOML). */
export class RawToml {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** A field that is undefined is not written. */
export type OrderedField = readonly [key: string, value: Encodable | undefined];
export type Encodable = TomlValue | OrderedTable | RawToml | readonly Encodable[];

/** A document of this table. Throws on an array that holds nothing (null, undefined), which TOML cannot say. */
export function encodeToml(table: OrderedTable | TomlTable): string {
  const out = new Output();
  writeTableBody(out, [], table);
  return out.text;
}

class Output {
  text = '';

  write(text: string): void {
    this.text += text;
  }

  /** Upstream begins a new line only when something stands before it. */
  newline(): void {
    if (this.text !== '') this.text += '\n';
  }
}

type Key = readonly string[];

function writeTableBody(out: Output, key: Key, table: OrderedTable | TomlTable): void {
  const entries = entriesOf(table);
  for (const [name, value] of entries) if (!isSubTable(value)) writeKeyValue(out, [...key, name], value);
  for (const [name, value] of entries) if (isSubTable(value)) writeSubTable(out, [...key, name], value);
}

function entriesOf(table: OrderedTable | TomlTable): (readonly [string, Encodable])[] {
  if (table instanceof OrderedTable) {
    return table.fields.filter((field): field is readonly [string, Encodable] => field[1] !== undefined);
  }
  const entries = Object.entries(table).filter((entry) => entry[1] !== undefined);
  return entries.toSorted((a, b) => compareBytes(a[0], b[0]));
}

function isSubTable(value: Encodable): boolean {
  if (Array.isArray(value)) return value.length > 0 && value.every((element) => isTable(element));
  return isTable(value);
}

function isTable(value: unknown): value is OrderedTable | TomlTable {
  return value instanceof OrderedTable || (isTomlTable(value) && !(value instanceof RawToml));
}

function writeSubTable(out: Output, key: Key, value: Encodable): void {
  if (isTable(value)) {
    if (key.length === 1) out.newline();
    out.write(`${indent(key)}[${formatKey(key)}]`);
    out.newline();
    writeTableBody(out, key, value);
    return;
  }
  for (const element of value as readonly Encodable[]) {
    if (!isTable(element)) continue;
    out.newline();
    out.write(`${indent(key)}[[${formatKey(key)}]]`);
    out.newline();
    writeTableBody(out, key, element);
  }
}

function writeKeyValue(out: Output, key: Key, value: Encodable): void {
  out.write(`${indent(key)}${formatKeyPart(key.at(-1) ?? '')} = ${formatValue(value)}`);
  out.newline();
}

function indent(key: Key): string {
  return '  '.repeat(key.length - 1);
}

function formatKey(key: Key): string {
  return key.map(formatKeyPart).join('.');
}

function formatKeyPart(part: string): string {
  return /^[A-Za-z0-9_-]+$/.test(part) ? part : quote(part);
}

function formatValue(value: Encodable): string {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return formatFloat(value);
  if (value instanceof RawToml) return value.text;
  if (value instanceof Date) return formatDate(value);
  if (Array.isArray(value)) return `[${(value as readonly Encodable[]).map(formatValue).join(', ')}]`;
  if (isTable(value)) return formatInlineTable(value);
  throw new TypeError(`expected a value that TOML can hold, got ${typeof value}`);
}

function formatInlineTable(table: OrderedTable | TomlTable): string {
  const entries = entriesOf(table);
  const ordered = [
    ...entries.filter(([, value]) => !isSubTable(value)),
    ...entries.filter(([, value]) => isSubTable(value)),
  ];
  return `{${ordered.map(([key, value]) => `${formatKeyPart(key)} = ${formatValue(value)}`).join(', ')}}`;
}

function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters TOML wants escaped
  return `"${text.replace(/["\\\u0000-\u001F\u007F]/g, escapeCharacter)}"`;
}

function escapeCharacter(character: string): string {
  const short = shortEscapes[character];
  return short ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\f': '\\f',
  '\r': '\\r',
};

/** Go's strconv.FormatFloat(f, 'g', -1, 64): an exponent from 1e6 up and below 1e-4; ".0" where neither point nor exponent stands. */
function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0.0';
  if (value === 0) return '0.0';
  const [mantissa = '', exponentText = ''] = value.toExponential().split('e');
  const exponent = Number(exponentText);
  if (exponent < -4 || exponent >= 6) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  const plain = plainDecimal(mantissa, exponent);
  return plain.includes('.') ? plain : `${plain}.0`;
}

function plainDecimal(mantissa: string, exponent: number): string {
  const negative = mantissa.startsWith('-');
  const digits = mantissa.replace(/[-.]/g, '');
  const sign = negative ? '-' : '';
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  const fraction = digits.slice(exponent + 1);
  return fraction === '' ? `${sign}${whole}` : `${sign}${whole}.${fraction}`;
}

/** RFC 3339 with the fraction's trailing zeros cut, as Go's RFC3339Nano does. */
function formatDate(date: Date): string {
  return date
    .toISOString()
    .replace(/\.(\d*?)0+(?=$|[Zz+-])/, (_, digits: string) => (digits === '' ? '' : `.${digits}`));
}
