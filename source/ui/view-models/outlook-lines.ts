// What a change will do to each image, before it does: rebased, built, held or left alone, and why.
import {changeText} from './change-lines.ts';
import type {Outlook} from '../client-types.ts';
import {tookText} from './durations.ts';
import {shortDigest} from './names.ts';
import type {Role} from '../theme/theme.ts';
import {type Line, span} from './spans.ts';

/** `2 rebased · 1 built again · 1 held`. */
export function outlookSummary(outlook: readonly Outlook[]): string {
  const groups = new Map<string, number>();
  for (const one of inOrder(outlook)) {
    const {words} = verbs[stepOf(one)];
    groups.set(words, (groups.get(words) ?? 0) + 1);
  }
  return [...groups].map(([words, count]) => `${count} ${words}`).join(', ');
}

/** One line for each image; the names padded to the longest. */
export function outlookLines(outlook: readonly Outlook[], arrow: string): readonly Line[] {
  const longest = Math.min(28, Math.max(0, ...outlook.map(({name}) => name.length)));
  const waves = Math.max(0, ...outlook.map(({member}) => member?.wave ?? 0));
  return inOrder(outlook).map((one) => {
    const {verb, role} = verbs[stepOf(one)];
    return [
      span(`${verb.padEnd(8)} `, role),
      span(`${one.name.padEnd(longest)}  `, 'strong'),
      ...memberSpans(one, waves, arrow),
      ...whySpans(one, arrow),
    ];
  });
}

/** `1h 3m at most` is not said: the sum of the estimates, when every member that runs something has one. */
export function outlookEstimate(outlook: readonly Outlook[], slots: number): number | undefined {
  const acting = outlook.filter(({member}) => member !== undefined && member.wave > 0);
  if (acting.length === 0 || acting.some(({member}) => member?.estimate === undefined)) return undefined;
  const all = (step: 'build' | 'rebase') =>
    acting.filter(({member}) => member?.planned === step).map(({member}) => member?.estimate ?? 0);
  const builds = all('build');
  const sum = builds.reduce((total, one) => total + one, 0) / Math.max(1, slots);
  return Math.max(sum, ...builds, ...all('rebase'), 0);
}

/** What a patch planned comes first: the plan is what is carried out. */
function stepOf({decision, member}: Outlook): Outlook['decision']['kind'] {
  if (!member) return decision.kind;
  const {planned} = member;
  switch (planned) {
    case 'rebase':
    case 'build':
      return planned;
    case 'held':
      return 'hold';
    case 'none':
      return 'up-to-date';
    default:
      return planned satisfies never;
  }
}

/** The wave where there are several, the digest it stands at, and about how long it takes. */
function memberSpans({member}: Outlook, waves: number, arrow: string): Line {
  if (!member) return [];
  const {wave, estimate, previous, becomes, restore} = member;
  const next = restore?.digest ?? becomes;
  const digest = previous
    ? `${shortDigest(previous.digest)} ${arrow} ${next === undefined ? 'new' : shortDigest(next)}`
    : '';
  // What is left alone has no digest to come and takes no time: the room is for the reason.
  if (wave === 0) return [];
  return [
    ...(waves > 1 ? [span(`wave ${wave}`.padEnd(8), 'dim')] : []),
    span(digest.padEnd(20), 'dim'),
    span((estimate === undefined ? '' : `~${tookText(estimate)}`).padEnd(7), 'dim'),
  ];
}

function whySpans({decision, member}: Outlook, arrow: string): Line {
  if (member?.refusal !== undefined) return [span(member.refusal, 'warning')];
  if (!member || decision.kind === 'build' || decision.kind === 'rebase') return reasonSpans(decision, arrow);
  return [span(member.why, member.wave > 0 ? 'text' : 'dim')];
}

/** What runs first, what waits after it, what is left alone last; by name within each. */
function inOrder(outlook: readonly Outlook[]): readonly Outlook[] {
  const order: readonly Outlook['decision']['kind'][] = ['rebase', 'build', 'running', 'hold', 'up-to-date'];
  const place = (one: Outlook) => order.indexOf(stepOf(one));
  return outlook.toSorted((a, b) => place(a) - place(b) || a.name.localeCompare(b.name, 'en'));
}

/** How many images a change sets to work. */
export function touchedCount(outlook: readonly Outlook[]): number {
  return outlook.filter((one) => stepOf(one) !== 'up-to-date').length;
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
