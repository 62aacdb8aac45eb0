// Folds what is found by looking at the tags of stacks that follow them.
import type {CatalogEvent, StackWatchEvent} from '../domain/event.ts';
import type {RunImageChange, Stack, StackWatch} from '../domain/stack.ts';

type Watches = Readonly<Record<string, StackWatch>>;

/** Changes that are remembered: enough to see that a tag goes to and fro. */
const keptChanges = 20;

/** The watches after a look or an answer to a proposal. */
export function reduceStackWatches(watches: Watches, event: StackWatchEvent): Watches {
  const {proposal, problem: _, ...rest} = watches[event.name] ?? {changes: []};
  return {...watches, [event.name]: changed(rest, proposal, event)};
}

/**
 * The watches after a stack was saved: what was proposed is settled by it. A save because the tags moved is remembered as
 * such; the operator's own begins anew.
 */
export function watchesAfterSave(
  watches: Watches,
  before: Stack | undefined,
  {stack, followed, at}: Extract<CatalogEvent, {kind: 'stack.saved'}>,
): Watches {
  const {[stack.name]: watch, ...others} = watches;
  if (stack.spec.follow === undefined) return watch ? others : watches;
  if (!followed || !watch || !before) return {...others, [stack.name]: {changes: []}};
  const change: RunImageChange = {old: before.resolved.runImage.digest, new: stack.resolved.runImage.digest, at};
  const changes = change.old === change.new ? watch.changes : [...watch.changes, change].slice(-keptChanges);
  return {...others, [stack.name]: {changes}};
}

function changed(rest: StackWatch, proposal: StackWatch['proposal'], event: StackWatchEvent): StackWatch {
  switch (event.kind) {
    case 'stack.tag-moved': {
      const hold = event.hold === undefined ? {} : {hold: event.hold};
      return {...rest, proposal: {...event.to, at: event.at, ...hold}};
    }
    case 'stack.tag-settled':
      return {changes: rest.changes};
    case 'stack.look-failed':
      return {...rest, ...(proposal ? {proposal} : {}), problem: event.message};
    case 'stack.proposal-rejected':
      return {...rest, ...(proposal ? {rejected: {buildImage: proposal.buildImage, runImage: proposal.runImage}} : {})};
    default:
      return event satisfies never;
  }
}
