// An order of detection as kp shows it: groups, their buildpacks indented, `(Optional)` beside.
import type {OrderEntry, OrderGroup} from '../domain/buildpack.ts';
import {buildpackLabel} from '../domain/buildpack.ts';
import {table} from './text-table.ts';

/** `label` says how an entry is written; with its version unless told otherwise. */
export function orderTable(
  order: readonly OrderGroup[],
  label: (entry: OrderEntry) => string = buildpackLabel,
): string {
  const rows = order.flatMap(({group}, index) => [
    [`Group #${index + 1}`, ''],
    ...group.map((entry) => [`  ${label(entry)}`, entry.optional ? '(Optional)' : '']),
  ]);
  return table(['Detection Order', ''], rows);
}
