// Folds the events of one build: phases move forward only, and what has ended never changes.
import {type Attempt, type Build, buildIsOpen} from '../domain/build.ts';
import type {BuildpackRef} from '../domain/buildpack.ts';
import type {BuildEvent} from '../domain/event.ts';
import {phaseHasEnded, type PhaseRecord} from '../domain/phase.ts';

/** The build after the event; undefined when the event speaks of a build that never started. */
export function reduceBuild(before: Build | undefined, event: BuildEvent): Build | undefined {
  if (event.kind === 'build.started') return startedBuild(before, event);
  if (!before || !buildIsOpen(before)) return before;
  if (before.state === 'interrupted' && !concernsInterrupted(event)) return before;
  switch (event.kind) {
    case 'build.remarked':
      return {...before, remark: event.remark};
    case 'phase.started':
      return withPhase(before, event.phase, (phase) => startedPhase(phase, event.at));
    case 'phase.finished':
      return withPhase(before, event.phase, (phase) => finishedPhase(phase, event));
    case 'buildpacks.detected':
      return {...before, buildpacks: event.buildpacks};
    case 'buildpack.started':
      return {...before, current: {buildpack: event.buildpack, index: event.index, of: event.of}};
    case 'buildpack.finished':
      return withoutCurrent(before, event.buildpack);
    case 'layer.recorded':
      return {...before, layers: {...before.layers, [event.what]: before.layers[event.what] + 1}};
    case 'cancel.requested':
      return {...before, cancelRequestedAt: before.cancelRequestedAt ?? event.at};
    case 'build.succeeded':
      return endedBuild(before, 'succeeded', event.at, {result: event.result, buildpacks: event.result.buildpacks});
    case 'build.failed':
      return endedBuild(before, 'failed', event.at, {failure: event.failure});
    case 'build.cancelled':
      return endedBuild(before, 'cancelled', event.at, {});
    case 'build.interrupted':
      return interruptedBuild(before, event.at);
    case 'build.pruned':
      return before;
    default:
      return event satisfies never;
  }
}

/** Nothing runs for it any more, so it can only be cancelled or end; its next attempt starts anew. */
function concernsInterrupted({kind}: BuildEvent): boolean {
  return kind === 'cancel.requested' || kind.startsWith('build.');
}

function startedBuild(
  before: Build | undefined,
  event: Extract<BuildEvent, {kind: 'build.started'}>,
): Build | undefined {
  if (before && before.state !== 'interrupted') return before;
  const attempt: Attempt = {number: event.attempt, startedAt: event.at, state: 'running'};
  return {
    namespace: event.namespace,
    image: event.image,
    number: event.number,
    strategy: event.strategy,
    changes: event.changes,
    inputs: event.inputs,
    state: 'running',
    attempts: [...(before?.attempts ?? []), attempt],
    startedAt: before?.startedAt ?? event.at,
    phases: event.phases.map((name) => ({name, state: 'pending'})),
    buildpacks: [],
    layers: {restored: 0, reused: 0, added: 0, cached: 0},
    ...(before?.cancelRequestedAt === undefined ? {} : {cancelRequestedAt: before.cancelRequestedAt}),
  };
}

function withPhase(build: Build, name: string, change: (phase: PhaseRecord) => PhaseRecord): Build {
  const phases = build.phases.map((phase) =>
    phase.name === name && !phaseHasEnded(phase.state) ? change(phase) : phase,
  );
  return {...build, phases};
}

function startedPhase(phase: PhaseRecord, at: number): PhaseRecord {
  return phase.state === 'pending' ? {...phase, state: 'running', startedAt: at} : phase;
}

function finishedPhase(phase: PhaseRecord, event: Extract<BuildEvent, {kind: 'phase.finished'}>): PhaseRecord {
  return {
    ...phase,
    state: event.state,
    startedAt: phase.startedAt ?? event.at,
    finishedAt: event.at,
    ...(event.exitCode === undefined ? {} : {exitCode: event.exitCode}),
    ...(event.note === undefined ? {} : {note: event.note}),
  };
}

function withoutCurrent(build: Build, {id, version}: BuildpackRef): Build {
  const {current, ...rest} = build;
  return current?.buildpack.id === id && current.buildpack.version === version ? rest : build;
}

/** Phases that were cut short take the build's end; phases that never began are skipped. */
function endedBuild(
  build: Build,
  state: 'succeeded' | 'failed' | 'cancelled',
  at: number,
  outcome: Partial<Build>,
): Build {
  const {current: _, ...rest} = build;
  const cut = state === 'succeeded' ? 'succeeded' : state;
  const phases = build.phases.map((phase): PhaseRecord => {
    if (phase.state === 'running') return {...phase, state: cut, finishedAt: at};
    return phase.state === 'pending' ? {...phase, state: 'skipped'} : phase;
  });
  return {...rest, ...outcome, state, finishedAt: at, phases, attempts: endAttempt(build.attempts, state, at)};
}

function interruptedBuild(build: Build, at: number): Build {
  if (build.state === 'interrupted') return build;
  const {current: _, ...rest} = build;
  const phases = build.phases.map(
    (phase): PhaseRecord => (phase.state === 'running' ? {...phase, state: 'cancelled', finishedAt: at} : phase),
  );
  return {...rest, state: 'interrupted', phases, attempts: endAttempt(build.attempts, 'interrupted', at)};
}

function endAttempt(attempts: readonly Attempt[], state: Attempt['state'], at: number): readonly Attempt[] {
  return attempts.map((attempt) => (attempt.state === 'running' ? {...attempt, state, finishedAt: at} : attempt));
}
