// The phases of a build as the bar draws them: state, elapsed time, and what was found in a cache.
import type {Build} from '../../domain/build.ts';
import {buildpackLabel} from '../../domain/buildpack.ts';
import type {PhaseName, PhaseRecord, PhaseState} from '../../domain/phase.ts';
import {elapsedText, tookText} from './durations.ts';

/** `cached` is a phase that succeeded with what was there already. */
export type PhaseLook = PhaseState | 'cached';

export type PhaseCell = {
  readonly name: PhaseName;
  readonly look: PhaseLook;
  /** Under the bar: elapsed time, or the word that says why there is none. */
  readonly under: string;
  /** How much of a running phase is done, where that is known (0 to 1). */
  readonly done?: number;
  /** Milliseconds that the phase usually takes: its share of the bar. */
  readonly usual?: number;
};

/** One cell per phase that the run declared, in its order. */
export function phaseCells(build: Build, now: number, usual?: readonly number[]): readonly PhaseCell[] {
  return build.phases.map((phase, at) => {
    const look = phaseLook(phase, build);
    const done = look === 'running' ? doneOf(phase, build, usual?.[at], now) : undefined;
    return {
      name: phase.name,
      look,
      under: underOf(phase, look, now),
      ...(done === undefined ? {} : {done}),
      ...(usual === undefined ? {} : {usual: usual[at] ?? 0}),
    };
  });
}

/** `5/6 build · sample/node-engine 1/2 · 0:42`, or what became of the build. */
export function progressText(build: Build, now: number, dot: string): string {
  const running = build.phases.findIndex((phase) => phase.state === 'running');
  const phase = build.phases[running];
  if (!phase) return outcomeText(build);
  const {current} = build;
  const buildpack =
    phase.name === 'build' && current
      ? `${buildpackLabel({id: current.buildpack.id})} ${current.index}/${current.of}`
      : undefined;
  const position = `${running + 1}/${build.phases.length} ${phase.name}`;
  return [position, buildpack, elapsedText(now - build.startedAt)].filter(Boolean).join(` ${dot} `);
}

/** `succeeded in 42s`, `failed in detect after 0.3s`, … */
export function outcomeText(build: Build): string {
  const took = build.finishedAt === undefined ? '' : tookText(build.finishedAt - build.startedAt);
  switch (build.state) {
    case 'running':
      return build.cancelRequestedAt === undefined ? 'starting' : 'stopping';
    case 'interrupted':
      return 'interrupted: it runs again when the controller has a slot';
    case 'succeeded':
      return `${build.strategy === 'rebase' ? 'rebased' : 'succeeded'} in ${took}`;
    case 'failed':
      return `failed in ${placeOf(build)} after ${took}`;
    case 'cancelled':
      return `cancelled after ${took}`;
    default:
      return build.state satisfies never;
  }
}

function placeOf({failure}: Build): string {
  if (!failure) return 'a phase';
  return failure.buildpack ? `${failure.phase} of ${buildpackLabel(failure.buildpack)}` : failure.phase;
}

function phaseLook(phase: PhaseRecord, build: Build): PhaseLook {
  if (phase.state !== 'succeeded') return phase.state;
  if (phase.name === 'restore' && build.layers.restored > 0) return 'cached';
  const {reused, added} = build.layers;
  return phase.name === 'export' && reused > 0 && added === 0 ? 'cached' : 'succeeded';
}

/** The share of the usual time that has gone by, else the share of the buildpacks that are through. */
function doneOf(
  {name, startedAt}: PhaseRecord,
  build: Build,
  usual: number | undefined,
  now: number,
): number | undefined {
  if (usual !== undefined && usual > 0 && startedAt !== undefined) return Math.min(1, (now - startedAt) / usual);
  return name === 'build' ? buildpackProgress(build) : undefined;
}

function buildpackProgress({current}: Build): number | undefined {
  return current && current.of > 0 ? (current.index - 1) / current.of : undefined;
}

function underOf(phase: PhaseRecord, look: PhaseLook, now: number): string {
  switch (look) {
    case 'pending':
      return '';
    case 'running':
      return phase.startedAt === undefined ? '' : elapsedText(now - phase.startedAt);
    case 'skipped':
      return 'skipped';
    case 'cached':
      return `${took(phase)} cached`.trim();
    case 'cancelled':
      return 'cancelled';
    case 'succeeded':
    case 'failed':
      return took(phase);
    default:
      return look satisfies never;
  }
}

function took({startedAt, finishedAt}: PhaseRecord): string {
  return startedAt === undefined || finishedAt === undefined ? '' : tookText(finishedAt - startedAt);
}
