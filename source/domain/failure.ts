// Why a build failed: for the failure card, `build status`, and code that branches on it.
import type {BuildpackRef} from './buildpack.ts';
import type {PhaseName} from './phase.ts';

export type BuildFailure = {
  readonly phase: PhaseName;
  /** Exit code of the phase, when a process ended. */
  readonly exitCode?: number;
  /** What the exit code means in words (lifecycle `platform/exit.go`). */
  readonly meaning: string;
  readonly buildpack?: BuildpackRef;
  /** The first line that reads like an error, ANSI stripped, at most 800 characters. */
  readonly message: string;
  /** What to do next, one sentence. */
  readonly next?: string;
};

/** The meaning of a lifecycle exit code for a person (specification: platform, Outputs; lifecycle `platform/exit.go`). */
export function exitCodeMeaning(code: number): string {
  return meanings[code] ?? `the phase ended with exit code ${code}`;
}

const meanings: Readonly<Record<number, string>> = {
  1: 'the phase failed',
  3: 'the lifecycle was given invalid arguments',
  11: 'the Platform API is not supported by this lifecycle',
  12: 'a buildpack needs a Buildpack API that this lifecycle does not support',
  20: 'no group of buildpacks passed detection: this source is nothing the builder knows how to build',
  21: 'no group of buildpacks passed detection, and at least one buildpack broke while detecting',
  22: 'detection could not be carried out',
  32: 'the previous image or the run image could not be analyzed',
  42: 'the cache could not be restored',
  51: 'a buildpack failed while building',
  52: 'a buildpack produced something that the lifecycle cannot accept',
  62: 'the image could not be exported',
  72: 'the image could not be rebased',
  82: 'the process could not be launched',
};
