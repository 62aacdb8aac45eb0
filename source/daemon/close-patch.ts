// Closes a patch: what became of every member is frozen, and what had not begun is said to be left out.
import type {Event} from '../domain/event.ts';
import type {Patch, PatchOutcome} from '../domain/patch.ts';
import {patchProgress} from '../state/patch-progress.ts';
import type {State} from '../state/state.ts';

type ClosedState = Extract<Event, {kind: 'patch.closed'}>['state'];

/** The event that ends the patch with its report. Members that run already are left to end; they are reported as running. */
export function closingEvent(patch: Patch, state: ClosedState, now: State, at: number, note?: string): Event {
  const {outcomes} = patchProgress(patch, now);
  const report = Object.fromEntries(
    Object.entries(outcomes).map(([key, outcome]): [string, PatchOutcome] => [
      key,
      outcome.state === 'waiting' ? {state: 'cancelled', message: `left out: the patch was ${state}`} : outcome,
    ]),
  );
  return {kind: 'patch.closed', at, id: patch.id, state, report, ...(note === undefined ? {} : {note})};
}
