// Runs one build. Embedded and container executors keep the same contract and pass the same test suite.
import type {BuildResult} from '../domain/build.ts';
import type {ExecutorKind} from '../domain/builder.ts';
import type {BuildpackRef, OrderGroup, StoredBuildpack} from '../domain/buildpack.ts';
import type {Change} from '../domain/change.ts';
import type {EngineKind} from '../domain/engine.ts';
import type {BuildFailure} from '../domain/failure.ts';
import type {ExportTarget} from '../domain/export-target.ts';
import type {EnvVar} from '../domain/image.ts';
import type {LifecycleResource} from '../domain/lifecycle-resource.ts';
import type {PhaseName} from '../domain/phase.ts';
import type {ImageSource, ResolvedSource} from '../domain/source.ts';
import type {BaseImage, Target} from '../domain/stack.ts';

/** Everything a run needs; nothing in it is looked up again. */
export type BuildJob = {
  readonly namespace: string;
  readonly image: string;
  readonly number: number;
  readonly attempt: number;
  readonly changes: readonly Change[];
  readonly source: ImageSource;
  readonly revision: ResolvedSource;
  readonly projectDescriptorPath?: string;
  readonly env: readonly EnvVar[];
  /** The first is the image's tag; all name the result. */
  readonly tags: readonly string[];
  /** Where the image goes besides this machine's own image layouts; absent means nowhere else. */
  readonly export?: ExportTarget;
  readonly defaultProcess?: string;
  /** Seconds since the epoch for SOURCE_DATE_EPOCH; absent means 1980. */
  readonly creationTime?: number;
  /** Seconds; absent means no limit. */
  readonly timeout?: number;
  readonly builder: {
    readonly kind: string;
    readonly name: string;
    /** The ready-made builder image that the container executor runs, as its engine knows it; the embedded executor has no use for it. */
    readonly image?: string;
    /** What the container executor composes that image of, when there is none: its base, and what goes onto it. */
    readonly compose?: {readonly buildImage: BaseImage; readonly lifecycle: LifecycleResource};
    /** Which engine runs it. */
    readonly engine?: EngineKind;
    /**
     * An image with a lifecycle that the person pinned: what an untrusted builder's analyze, restore and export run from. Absent, or for a
     * trusted builder: the builder's own.
     */
    readonly lifecycleImage?: string;
    /** Names that belong to others: the result must not take one. */
    readonly reservedNames?: readonly string[];
    readonly trusted: boolean;
    readonly order: readonly OrderGroup[];
    /** Every buildpack the order can reach, composite ones and their members included. */
    readonly buildpacks: readonly StoredBuildpack[];
    readonly stackId: string;
    readonly runImage: BaseImage;
    readonly runnable: boolean;
    readonly target: Target;
    readonly userId: number;
    readonly groupId: number;
  };
  /** The newest successful image of the same name: its layers may be reused. */
  readonly previous?: {readonly layout: string; readonly digest: string};
  /** A directory of this image alone, kept between builds, that holds its cache. */
  readonly cacheDirectory: string;
  /** A directory of this attempt alone; it does not exist yet, and the executor removes it when the run ends. */
  readonly workDirectory: string;
};

/** A finished image, still in the run's own directory. Blobs it shares with run image or previous image are not there. */
export type StagedImage = {
  readonly layout: string;
  readonly digest: string;
  readonly tags: readonly string[];
};

/** `log` receives lines without their newline. */
export type PublishOptions = {readonly signal?: AbortSignal | undefined; readonly log?: (line: string) => void};

/**
 * Gives a staged image its names for good, where the job says. Called by the executor inside the export phase; resolves to what was
 * published. Publishing the same digest twice is the same as once. A rejection leaves every name where it was or at this very image.
 */
export type PublishImage = (
  job: BuildJob,
  staged: StagedImage,
  options?: PublishOptions,
) => Promise<{readonly digest: string; readonly size: number}>;

/** Called inside the prepare phase: rejects in words when the image could not be published in the end. Writes nothing that stays. */
export type CheckPublish = (job: BuildJob, options?: PublishOptions) => Promise<void>;

export type ExecutorEvent =
  | {readonly kind: 'run.remarked'; readonly remark: string}
  | {readonly kind: 'phase.started'; readonly phase: PhaseName}
  | {
      readonly kind: 'phase.finished';
      readonly phase: PhaseName;
      readonly state: 'succeeded' | 'failed' | 'skipped' | 'cancelled';
      readonly exitCode?: number;
      readonly note?: string;
    }
  | {readonly kind: 'buildpacks.detected'; readonly buildpacks: readonly BuildpackRef[]}
  | {readonly kind: 'buildpack.started'; readonly buildpack: BuildpackRef; readonly index: number; readonly of: number}
  | {readonly kind: 'buildpack.finished'; readonly buildpack: BuildpackRef}
  | {
      readonly kind: 'layer.recorded';
      readonly what: 'restored' | 'reused' | 'added' | 'cached';
      readonly layer: string;
      readonly size?: number;
    };

/** `slipway` is what the platform itself says, between the streams of the phase. */
export type LogStream = 'stdout' | 'stderr' | 'slipway';

/** What the run says while it runs. Events arrive in order; log bytes as they were written, split by phase and stream. */
export type RunReport = {
  event(event: ExecutorEvent): void;
  log(phase: PhaseName, stream: LogStream, bytes: Uint8Array): void;
};

export type RunOutcome =
  | {readonly kind: 'succeeded'; readonly result: BuildResult}
  /** `lost`: the engine went away under the run, which may be tried again as it was. */
  | {readonly kind: 'failed'; readonly failure: BuildFailure; readonly lost?: boolean}
  | {readonly kind: 'cancelled'};

export type Executor = {
  readonly kind: ExecutorKind;
  /** The phases a run declares, in order. */
  readonly phases: readonly PhaseName[];
  /**
   * Runs the job to its end; every phase that started finishes. Rejects only for a defect of the executor itself. When
   * `signal` aborts, everything started is stopped before the promise resolves to `cancelled`.
   */
  run(job: BuildJob, report: RunReport, signal: AbortSignal): Promise<RunOutcome>;
  /**
   * Ends and removes what a predecessor that died left behind (processes by pid and start time, directories).
   * `worksRoot` is the directory that holds every run's work directory.
   */
  sweep(worksRoot: string): Promise<void>;
};
