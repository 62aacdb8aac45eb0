/** Dates finer than a millisecond, which a Date cannot hold: upstream keeps nanoseconds, and what a buildpack wrote has to come back to it. */
import {parse, TomlDate} from 'smol-toml';
import type {TomlTable, TomlValue} from './toml-value.ts';

/** The same as `parse`, but dates say all digits that upstream's would, up to nanoseconds, in `toISOString`. */
export function parseWithFineDates(text: string, parseText: (text: string) => TomlTable): TomlTable {
  if (!fineTime.test(text)) return parseText(text);
  const dates: FineDate[] = [];
  const marked = text.replaceAll(fineDateOutsideStrings, (whole: string, date: string | undefined) => {
    if (date === undefined) return whole;
    dates.push(readFineDate(date));
    return JSON.stringify(`${mark}${dates.length - 1}`);
  });
  return dates.length === 0 ? parseText(text) : (replaceMarks(parseText(marked), dates) as TomlTable);
}

const fineTime = /\d:\d\d\.\d{4}/;

/** Strings and comments first, so that what looks like a date in them is left alone. */
const fineDateOutsideStrings =
  /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|#[^\n]*|((?:\d{4}-\d\d-\d\d[Tt ])?\d\d:\d\d:\d\d\.\d{4,}(?:[Zz]|[+-]\d\d:\d\d)?)/g;

/** Stands for a date while the document is parsed. */
const mark = '\u0000date ';

class FineDate extends TomlDate {
  readonly #fraction: string;

  constructor(date: TomlDate, fraction: string) {
    super(date.toISOString());
    this.#fraction = fraction;
  }

  override toISOString(): string {
    return super.toISOString().replace(/\.\d{3}/, `.${this.#fraction}`);
  }
}

function readFineDate(text: string): FineDate {
  const {date} = parse(`date = ${text}`);
  const [, digits = ''] = /\.(\d+)/.exec(text) ?? [];
  if (!(date instanceof TomlDate)) throw new Error(`expected a date, got ${text}`);
  return new FineDate(date, digits.slice(0, 9));
}

function replaceMarks(value: TomlValue, dates: readonly FineDate[]): TomlValue {
  if (typeof value === 'string' && value.startsWith(mark)) return dates[Number(value.slice(mark.length))] ?? value;
  if (Array.isArray(value)) return value.map((element: TomlValue) => replaceMarks(element, dates));
  if (typeof value !== 'object' || value instanceof Date) return value;
  const table = value as TomlTable;
  return Object.fromEntries(Object.entries(table).map(([key, element]) => [key, replaceMarks(element, dates)]));
}
