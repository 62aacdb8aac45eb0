// What a change will do to each image, before it does: rebased, built, held or left alone, and why.
import {changeText} from './change-lines.ts';
import type {Outlook} from '../client-types.ts';
import type {Role} from '../theme/theme.ts';
import {type Line, span} from './spans.ts';

/** `2 rebased · 1 built again · 1 held`. */
export function outlookSummary(outlook: readonly Outlook[]): string {
  const groups = new Map<string, number>();
  for (const {decision} of inOrder(outlook)) {
    const words = verbs[decision.kind].words;
    groups.set(words, (groups.get(words) ?? 0) + 1);
  }
  return [...groups].map(([words, count]) => `${count} ${words}`).join(', ');
}

/** One line for each image; the names padded to the longest. */
export function outlookLines(outlook: readonly Outlook[], arrow: string): readonly Line[] {
  const longest = Math.min(28, Math.max(0, ...outlook.map(({name}) => name.length)));
  return inOrder(outlook).map(({name, decision}) => {
    const {verb, role} = verbs[decision.kind];
    return [
      span(`${verb.padEnd(8)} `, role),
      span(`${name.padEnd(longest)}  `, 'strong'),
      ...reasonSpans(decision, arrow),
    ];
  });
}

/** What runs first, what waits after it, what is left alone last; by name within each. */
function inOrder(outlook: readonly Outlook[]): readonly Outlook[] {
  const order: readonly Outlook['decision']['kind'][] = ['rebase', 'build', 'running', 'hold', 'up-to-date'];
  const place = ({decision}: Outlook) => order.indexOf(decision.kind);
  return outlook.toSorted((a, b) => place(a) - place(b) || a.name.localeCompare(b.name, 'en'));
}

/** How many images a change sets to work. */
export function touchedCount(outlook: readonly Outlook[]): number {
  return outlook.filter(({decision}) => decision.kind !== 'up-to-date').length;
}

function reasonSpans(decision: Outlook['decision'], arrow: string): Line {
  switch (decision.kind) {
    case 'build':
    case 'rebase':
      return decision.due.flatMap(({change}, at) => [
        ...(at === 0 ? [] : [span(', ', 'dim')]),
        span(`${change.reason} `, 'reason'),
        span(changeText(change, arrow), 'text'),
      ]);
    case 'hold':
      return [span(decision.hold.message, 'dim')];
    case 'running':
      return [span(`build ${decision.number} runs; looked at again when it ends`, 'dim')];
    case 'up-to-date':
      return [span('nothing to do', 'dim')];
    default:
      return decision satisfies never;
  }
}

const verbs: Readonly<
  Record<Outlook['decision']['kind'], {readonly verb: string; readonly words: string; readonly role: Role}>
> = {
  rebase: {verb: 'rebase', words: 'rebased', role: 'ready'},
  build: {verb: 'build', words: 'built again', role: 'running'},
  hold: {verb: 'held', words: 'held', role: 'held'},
  running: {verb: 'later', words: 'after the running build', role: 'queued'},
  'up-to-date': {verb: 'leave', words: 'left alone', role: 'faint'},
};
