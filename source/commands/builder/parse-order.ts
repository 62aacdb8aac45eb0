// A builder's order from a file as kp reads it (kpack-cli `pkg/builder/order.go`).
import {parseDocument} from 'yaml';
import type {OrderEntry, OrderGroup} from '../../domain/buildpack.ts';
import {failure} from '../command-error.ts';

/** A list of groups: `- group: [{id, version, optional}]`. Errors name the file and what was expected where. */
export function parseOrder(file: string, text: string): readonly OrderGroup[] {
  const document = parseDocument(text);
  const problem = document.errors[0];
  if (problem) throw failure(`${file}: expected YAML: ${problem.message.split('\n', 1)[0] ?? ''}`);
  const groups: unknown = document.toJS();
  if (!Array.isArray(groups)) throw failure(`${file}: expected a list of groups ("- group:"), got ${wordFor(groups)}`);
  return groups.map((group: unknown, index) => groupOf(file, group, index + 1));
}

function groupOf(file: string, value: unknown, number: number): OrderGroup {
  const group = isMap(value) ? value['group'] : undefined;
  if (!Array.isArray(group))
    throw failure(`${file}: group ${number}: expected a list under "group", got ${wordFor(group)}`);
  return {group: group.map((entry: unknown) => groupEntry(file, entry, number))};
}

function groupEntry(file: string, value: unknown, number: number): OrderEntry {
  const {id, version, optional} = isMap(value) ? value : {};
  if (typeof id !== 'string' || id === '') throw failure(`${file}: group ${number}: every entry needs an "id"`);
  if (version !== undefined && typeof version !== 'string') {
    throw failure(`${file}: group ${number}: the version of ${id} must be a string; put it in quotes`);
  }
  return {id, ...(version === undefined ? {} : {version}), ...(optional === true ? {optional} : {})};
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function wordFor(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}
