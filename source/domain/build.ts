// A build: one numbered attempt to bring an image up to date; immutable once finished.
import type {BuilderRef, ExecutorKind} from './builder.ts';
import type {BuildpackRef} from './buildpack.ts';
import type {BuildConfig, Change} from './change.ts';
import type {BuildFailure} from './failure.ts';
import type {PhaseRecord} from './phase.ts';
import type {ResolvedSource} from './source.ts';

export type BuildStrategy = 'build' | 'rebase';

/** Everything the build was started with: what later decisions compare against, and what `build status` shows. */
export type BuildInputs = {
  readonly source: ResolvedSource;
  readonly config: BuildConfig;
  readonly builder: BuilderRef;
  readonly executor: ExecutorKind;
  readonly stackName: string;
  readonly stackId: string;
  /** Name and manifest digest of the run image the result stands on. */
  readonly runImage: {readonly name: string; readonly digest: string};
  readonly lifecycleVersion: string;
  /** Digest of the newest successful image when the build started: reused layers come from it, a rebase edits it. */
  readonly previousDigest?: string;
  /** The patch that this build carries out a part of. */
  readonly patch?: string;
  /** A rollback that points the image back to what it was, instead of making anything. */
  readonly restores?: string;
  /** The generation of the image's spec it was made from. */
  readonly imageGeneration: number;
};

/** What a successful build gave. */
export type BuildResult = {
  /** Manifest digest. */
  readonly digest: string;
  readonly tags: readonly string[];
  readonly runImage: {readonly name: string; readonly digest: string};
  readonly stackId: string;
  readonly lifecycleVersion: string;
  /** The buildpacks the image was built with (a rebase keeps its image's). */
  readonly buildpacks: readonly BuildpackRef[];
  /** Sum of the compressed layer sizes in bytes. */
  readonly size: number;
};

export type LayerCounts = {
  readonly restored: number;
  readonly reused: number;
  readonly added: number;
  readonly cached: number;
};

/** One execution. A build that a crash interrupted runs again under the same number as its next attempt. */
export type Attempt = {
  readonly number: number;
  readonly startedAt: number;
  readonly finishedAt?: number;
  readonly state: 'running' | 'succeeded' | 'failed' | 'cancelled' | 'interrupted';
};

export type BuildState = 'running' | 'interrupted' | 'succeeded' | 'failed' | 'cancelled';

export type Build = {
  readonly namespace: string;
  readonly image: string;
  readonly number: number;
  readonly strategy: BuildStrategy;
  readonly changes: readonly Change[];
  readonly inputs: BuildInputs;
  readonly state: BuildState;
  readonly attempts: readonly Attempt[];
  readonly startedAt: number;
  readonly finishedAt?: number;
  readonly phases: readonly PhaseRecord[];
  /** Buildpacks that detection chose, in order. */
  readonly buildpacks: readonly BuildpackRef[];
  /** The buildpack running right now. */
  readonly current?: {readonly buildpack: BuildpackRef; readonly index: number; readonly of: number};
  readonly layers: LayerCounts;
  readonly cancelRequestedAt?: number;
  readonly result?: BuildResult;
  readonly failure?: BuildFailure;
  /** A plain statement about how it ran, when there is something to say (host paths, metadata-only run image). */
  readonly remark?: string;
};

/** How a client names a build. */
export type BuildRef = {readonly namespace: string; readonly image: string; readonly number: number};

/** A build still has work to do while it runs or waits to run again after a crash. */
export function buildIsOpen(build: Build): boolean {
  return build.state === 'running' || build.state === 'interrupted';
}
