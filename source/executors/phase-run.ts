// One run of a build, whatever carries it out: the phases it reports, its time limit, and how it ends.
import type {BuildResult} from '../domain/build.ts';
import type {BuildFailure} from '../domain/failure.ts';
import type {PhaseName} from '../domain/phase.ts';
import type {Clock} from '../ports/clock.ts';
import type {BuildJob, RunOutcome, RunReport} from '../ports/executor.ts';

/** The job, where it reports, and why it may have to stop. */
export type PhaseRun = {
  readonly job: BuildJob;
  readonly report: RunReport;
  readonly cancelled: AbortSignal;
  readonly timedOut: AbortSignal;
  /** Either of the two. */
  readonly stopped: AbortSignal;
};

/** What a run is made of. `cleanUp` is called however the phases end. */
export type RunParts = Pick<PhaseRun, 'job' | 'report' | 'cancelled'> & {
  readonly clock: Clock;
  readonly phases: (run: PhaseRun) => Promise<BuildResult>;
  readonly cleanUp: () => Promise<void>;
};

/**
 * Runs the phases to their end, within the job's time limit. Resolves when everything is cleaned up; rejects only for a
 * defect, that is for anything thrown outside a phase.
 */
export async function runToItsEnd({job, report, cancelled, clock, phases, cleanUp}: RunParts): Promise<RunOutcome> {
  const limit = new AbortController();
  const stopTimer = job.timeout === undefined ? undefined : clock.after(job.timeout * 1000, () => limit.abort());
  const stopped = AbortSignal.any([cancelled, limit.signal]);
  try {
    return {kind: 'succeeded', result: await phases({job, report, cancelled, timedOut: limit.signal, stopped})};
  } catch (error) {
    if (error instanceof PhaseStopped) return error.outcome;
    throw error;
  } finally {
    stopTimer?.();
    await cleanUp();
  }
}

/** What a phase gives, and what its end is reported with. */
export type PhaseOutput<Value> = {readonly value: Value; readonly note?: string; readonly exitCode?: number};

/** Ends the run: thrown out of a phase that was reported as finished. */
export class PhaseStopped extends Error {
  readonly outcome: RunOutcome;
  constructor(outcome: RunOutcome) {
    super(`the run ended: ${outcome.kind}`);
    this.outcome = outcome;
  }
}

/** A failure that the phase has described already. */
export class PhaseFailed extends Error {
  readonly failure: BuildFailure;
  /** What ran the build went away: the build itself did nothing wrong. */
  readonly lost: boolean;
  constructor(failure: BuildFailure, {lost = false, ...options}: ErrorOptions & {readonly lost?: boolean} = {}) {
    super(failure.message, options);
    this.failure = failure;
    this.lost = lost;
  }
}

/** Reports the phase around its work. Whatever the work throws becomes the end of the phase and of the run. */
export async function inPhase<Value>(
  run: PhaseRun,
  phase: PhaseName,
  work: () => Promise<PhaseOutput<Value>>,
): Promise<Value> {
  run.report.event({kind: 'phase.started', phase});
  let output: PhaseOutput<Value>;
  try {
    run.stopped.throwIfAborted();
    output = await work();
  } catch (error) {
    throw stopPhase(run, phase, error);
  }
  const {value, note, exitCode} = output;
  run.report.event({kind: 'phase.finished', phase, state: 'succeeded', exitCode, note});
  return value;
}

/** Reports the end of a phase that could not go on; what it gives is to be thrown. */
export function stopPhase(run: PhaseRun, phase: PhaseName, error: unknown): PhaseStopped {
  if (run.cancelled.aborted) {
    say(run, phase, 'Cancelled');
    run.report.event({kind: 'phase.finished', phase, state: 'cancelled'});
    return new PhaseStopped({kind: 'cancelled'});
  }
  const failure = run.timedOut.aborted ? tookTooLong(run, phase) : failureOf(phase, error);
  if (!(error instanceof PhaseFailed) || run.timedOut.aborted) say(run, phase, `Error: ${failure.message}`);
  const {exitCode} = failure;
  run.report.event({kind: 'phase.finished', phase, state: 'failed', exitCode});
  const lost = error instanceof PhaseFailed && error.lost && !run.timedOut.aborted;
  return new PhaseStopped({kind: 'failed', failure, ...(lost ? {lost} : {})});
}

function tookTooLong(run: PhaseRun, phase: PhaseName): BuildFailure {
  return {
    phase,
    meaning: `the build took longer than its limit of ${run.job.timeout ?? 0} seconds`,
    message: `stopped in the ${phase} phase after ${run.job.timeout ?? 0} seconds`,
    next: "Look in the log at what the phase was doing last; raise the image's build timeout if it only needs more time.",
  };
}

function failureOf(phase: PhaseName, error: unknown): BuildFailure {
  if (error instanceof PhaseFailed) return error.failure;
  const message = (error instanceof Error ? error.message : String(error)).slice(0, 800);
  return {phase, meaning: meanings[phase] ?? 'the phase could not be carried out', message};
}

const meanings: Partial<Record<PhaseName, string>> = {
  prepare: 'the build could not be prepared',
  export: 'the image could not be given its names',
};

/** What the platform itself says, between the streams of the phase. */
export function say(run: PhaseRun, phase: PhaseName, text: string): void {
  run.report.log(phase, 'slipway', Buffer.from(`${text}\n`));
}

/** `1 layer`, `2 layers`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
