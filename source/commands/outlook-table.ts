// What a change would lead to, image by image: what a dry run shows.
import {reasonText} from '../domain/change.ts';
import type {Decision, DueChange} from '../domain/decision.ts';
import type {Outlook} from './client-types.ts';
import {table} from './text-table.ts';

/** A table, or one sentence when no image is touched. Ends without a newline. */
export function outlookTable(outlook: readonly Outlook[]): string {
  if (outlook.length === 0) return 'No image would be built.';
  const rows = outlook.map(({namespace, name, decision}) => [name, namespace, ...decisionWords(decision)]);
  return table(['Image Resource', 'Namespace', 'Decision', 'Reason'], rows).trimEnd();
}

function decisionWords(decision: Decision): readonly [decision: string, reason: string] {
  switch (decision.kind) {
    case 'build':
    case 'rebase':
      return [decision.kind, reasons(decision.due)];
    case 'up-to-date':
      return ['none', 'up to date'];
    case 'running':
      return ['later', `build ${decision.number} runs first`];
    case 'hold':
      return ['held', decision.hold.message];
    default:
      return decision satisfies never;
  }
}

function reasons(due: readonly DueChange[]): string {
  return reasonText(due.map(({change}) => change));
}
