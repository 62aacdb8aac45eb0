// The one state: what the controller knows and every client mirrors. Only the reducer makes a new one.
import type {Build} from '../domain/build.ts';
import type {Builder} from '../domain/builder.ts';
import type {BuildpackStore} from '../domain/buildpack-store.ts';
import type {EngineStatement} from '../domain/engine.ts';
import type {SandboxStatement, Settings} from '../domain/event.ts';
import type {Image} from '../domain/image.ts';
import type {LifecycleResource} from '../domain/lifecycle-resource.ts';
import type {Patch} from '../domain/patch.ts';
import type {ResourceKey} from '../domain/resource-name.ts';
import type {ResolvedSource} from '../domain/source.ts';
import type {Stack, StackWatch} from '../domain/stack.ts';

export type SourceStatus = {
  /** The image generation the resolution belongs to; an older one says nothing about the spec as it is now. */
  readonly generation: number;
  /** The newest resolution that worked; kept when a later look fails, as kpack keeps it. */
  readonly resolved?: ResolvedSource;
  /** When `resolved` became what it is (milliseconds since the epoch): since when a COMMIT is due. */
  readonly resolvedAt?: number;
  /** Why the newest look failed. */
  readonly problem?: string;
  /** When the first of the looks failed that have failed since the last one that worked. */
  readonly problemSince?: number;
};

export type ImageRecord = {
  readonly image: Image;
  readonly source?: SourceStatus;
  /** Kept builds by ascending number. */
  readonly builds: readonly Build[];
  /** The highest number ever given; it never restarts, not even when every build was pruned. */
  readonly buildCounter: number;
  /** A trigger that no build has taken up yet. */
  readonly trigger?: {readonly at: number; readonly message: string};
};

export type State = {
  /** The number of the newest event folded in. */
  readonly sequence: number;
  readonly images: Readonly<Record<ResourceKey, ImageRecord>>;
  /** By `builderKey`. */
  readonly builders: Readonly<Record<string, Builder>>;
  readonly stacks: Readonly<Record<string, Stack>>;
  /** Of stacks that follow tags, by name. */
  readonly stackWatches: Readonly<Record<string, StackWatch>>;
  readonly stores: Readonly<Record<string, BuildpackStore>>;
  readonly lifecycles: Readonly<Record<string, LifecycleResource>>;
  /** By id, oldest first; closed ones are kept for a while. */
  readonly patches: Readonly<Record<string, Patch>>;
  /** The highest patch number ever given. */
  readonly patchCounter: number;
  readonly settings: Settings;
  readonly controller?: {
    readonly version: string;
    readonly startedAt: number;
    readonly lifecycleVersion: string;
    /** When the lifecycle became this version: since when a LIFECYCLE change is due. */
    readonly lifecycleSince: number;
    readonly sandbox: SandboxStatement;
    /** As found last, of those that were ever looked for; none before the first look. */
    readonly engines?: readonly EngineStatement[];
  };
};

/** The state before anything happened. */
export const emptyState: State = {
  sequence: 0,
  images: {},
  builders: {},
  stacks: {},
  stackWatches: {},
  stores: {},
  lifecycles: {},
  patches: {},
  patchCounter: 0,
  settings: {maxConcurrentBuilds: 1, gitPollInterval: 60_000, localPollInterval: 2_000},
};
