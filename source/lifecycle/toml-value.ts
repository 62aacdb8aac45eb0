/** TOML as this room holds it: integers are bigint and floats are number, because `10` and `10.0` are two things on disk. */
import type {TomlDate} from 'smol-toml';

export type TomlScalar = string | bigint | number | boolean | TomlDate;
export type TomlTable = {readonly [key: string]: TomlValue};
export type TomlValue = TomlScalar | readonly TomlValue[] | TomlTable;

/** True for a table: an object that is neither an array nor a date. */
export function isTomlTable(value: unknown): value is TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
}
