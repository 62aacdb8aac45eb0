// Why a key does nothing right now, in words; a key without a reason works.
import type {ActionId} from './bindings.ts';

/** What is selected, as far as keys depend on it. */
export type KeyFacts = {
  readonly image?: {readonly name: string; readonly running: boolean};
  readonly stack?: {readonly name: string; readonly used: boolean; readonly proposes?: boolean};
  readonly hasBuild: boolean;
  readonly hasFailure: boolean;
  readonly hasSearch: boolean;
  readonly zoomed: boolean;
  /** There is a patch that `z` can take back. */
  readonly hasPatch?: boolean;
  /** Nothing may be changed: the dashboard was opened with --read-only. */
  readonly readOnly?: boolean;
  readonly connected: boolean;
};

/** The reason, or undefined when the action can be done. `inStacks` says that the stacks panel is asked. */
export function disabledReason(action: ActionId, facts: KeyFacts, inStacks: boolean): string | undefined {
  if (facts.readOnly && changing.includes(action)) return 'read only: nothing is changed from here';
  if (action === 'rollback' && !facts.hasPatch) return 'there is no patch to roll back';
  if (action === 'fleet' && !facts.hasPatch) return 'there was no patch yet: p makes one';
  if (!facts.connected && changing.includes(action)) return 'the controller cannot be reached right now';
  if (inStacks && (action === 'patch' || action === 'delete' || action === 'open' || action === 'yaml')) {
    if (!facts.stack) return 'there is no stack or builder to choose';
    return action === 'delete' && facts.stack.used ? `${facts.stack.name} is in use` : undefined;
  }
  if (action === 'accept' || action === 'reject') {
    if (!facts.stack) return 'there is no stack to choose';
    return facts.stack.proposes ? undefined : `${facts.stack.name} proposes nothing`;
  }
  if (ofImage.includes(action) && !facts.image) return 'there is no image to choose';
  if (action === 'cancel' && !facts.image?.running) return `no build of ${facts.image?.name ?? 'an image'} is running`;
  if ((action === 'logs' || action === 'open') && !facts.hasBuild) return 'there is no build yet';
  if (ofLog.includes(action) && !facts.hasBuild) return 'there is no log yet';
  if (action === 'first-error' && !facts.hasFailure) return 'this build did not fail';
  if ((action === 'next-match' || action === 'previous-match') && !facts.hasSearch) return 'search with / first';
  return undefined;
}

const ofLog: readonly ActionId[] = ['filter-log', 'fold', 'fold-all', 'mark-line', 'save-log'];
const changing: readonly ActionId[] = [
  'rebuild',
  'patch',
  'accept',
  'reject',
  'cancel',
  'pause',
  'delete',
  'refresh',
  'edit',
  'rollback',
];
const ofImage: readonly ActionId[] = [
  'rebuild',
  'patch',
  'cancel',
  'pause',
  'delete',
  'refresh',
  'logs',
  'history',
  'describe',
  'edit',
  'open',
];
