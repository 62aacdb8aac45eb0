// The phases of a build with the time each took.
import type {PhaseRecord} from '../domain/phase.ts';
import {table} from './text-table.ts';
import {durationText} from './time-text.ts';

/** One row a phase, in the order the run declared; a running phase counts up to `now`. */
export function phaseTable(phases: readonly PhaseRecord[], now: number): string {
  const rows = phases.map(({name, state, startedAt, finishedAt, note}) => [
    name,
    state,
    startedAt === undefined ? '' : durationText((finishedAt ?? now) - startedAt),
    note ?? '',
  ]);
  return table(['Phase', 'State', 'Duration', 'Note'], rows);
}
