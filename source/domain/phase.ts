// The phases of a run, in the order the run declares them.

/** Prepare … Export are a build's phases; a rebase declares Prepare, Rebase. (kpack's pods call them steps.) */
export type PhaseName = 'prepare' | 'detect' | 'analyze' | 'restore' | 'build' | 'export' | 'rebase';

/** The order the workshop teaches and the embedded executor runs. */
export const embeddedPhases: readonly PhaseName[] = ['prepare', 'detect', 'analyze', 'restore', 'build', 'export'];
/** The order of a lifecycle with Platform API 0.7 or later: it analyzes first. */
export const containerPhases: readonly PhaseName[] = ['prepare', 'analyze', 'detect', 'restore', 'build', 'export'];
/** A rebase edits two documents: it declares these. */
export const rebasePhases: readonly PhaseName[] = ['prepare', 'rebase'];

export type PhaseState = 'pending' | 'running' | 'succeeded' | 'failed' | 'skipped' | 'cancelled';

export type PhaseRecord = {
  readonly name: PhaseName;
  readonly state: PhaseState;
  /** Milliseconds since the epoch. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly exitCode?: number;
  /** Why it was skipped, or what it found: one short sentence. */
  readonly note?: string;
};

/** Terminal states never change again. */
export function phaseHasEnded(state: PhaseState): boolean {
  return state !== 'pending' && state !== 'running';
}
