// A patch: a change of stack, builder, buildpack store or image by an operator, with everything that follows for the images
// it touches. It is a durable resource: planned before anything runs, carried out in waves, reported, and rolled back.
import type {BuildResult} from './build.ts';
import type {Builder, BuilderKind, BuilderRef} from './builder.ts';
import type {BuildpackStore} from './buildpack-store.ts';
import type {ImageSpec} from './image.ts';
import type {LifecycleResource} from './lifecycle-resource.ts';
import type {Rollout} from './rollout.ts';
import type {Stack} from './stack.ts';

/** What the operator changed, from what to what, in words or digests. */
export type PatchTarget = {
  /** `Manifest`: several resources that were applied together; `name` lists them. */
  readonly kind:
    | 'ClusterStack'
    | 'ClusterStore'
    | 'ClusterLifecycle'
    | 'ClusterBuilder'
    | 'Builder'
    | 'Image'
    | 'Manifest'
    | 'Patch';
  readonly name: string;
  readonly old: string;
  readonly new: string;
};

/** What the plan gives a member. Only `rebase` and `build` run anything. */
export type PlannedStep = 'rebase' | 'build' | 'none' | 'held';

export type PatchMember = {
  readonly namespace: string;
  readonly name: string;
  readonly planned: PlannedStep;
  /** The reasons that make it due, or why nothing is done: one sentence. */
  readonly why: string;
  /** A check of the image itself that forbids the rebase; it keeps the image held while the patch stands. */
  readonly refusal?: string;
  /** 1-based; 0 for members that run nothing. */
  readonly wave: number;
  /** Builds of this image with a higher number came after the patch was opened. */
  readonly afterBuild: number;
  /** The newest successful image before the patch. */
  readonly previous?: BuildResult;
  /** The digest that a rebase will give, known before anything is written; absent while a build must end first. */
  readonly becomes?: string;
  /** For a rollback: the result to point back to, as long as the image's newest build belongs to the patch rolled back. */
  readonly restore?: BuildResult;
  /** Milliseconds, from the history of this image or of its fleet; absent when nothing is known. */
  readonly estimate?: number;
};

/** What the resources were before, so that a rollback can restore them first. */
export type PatchUndo = {
  readonly stacks: readonly Stack[];
  readonly stores: readonly BuildpackStore[];
  /** Absent in patches of versions that had none. */
  readonly lifecycles?: readonly LifecycleResource[];
  readonly builders: readonly Builder[];
  readonly images: readonly ImageUndo[];
  /** What was not there before. Absent when nothing was created, and in patches of versions that did not say. */
  readonly created?: readonly CreatedResource[];
};

/** An image whose spec the patch changed. */
export type ImageUndo = {
  readonly namespace: string;
  readonly name: string;
  /** The builder of before. */
  readonly builder: BuilderRef;
  /** The fields that changed, before and after; one that was absent is absent. Without them the builder is what changed. */
  readonly fields?: {readonly before: Partial<ImageSpec>; readonly after: Partial<ImageSpec>};
  /** Whether it was paused, when the patch changed that. */
  readonly paused?: boolean;
};

/** `createdAt` tells it from another one that was given its name later. */
export type CreatedResource = {
  readonly kind: 'Image' | 'ClusterStack' | 'ClusterStore' | 'ClusterLifecycle' | BuilderKind;
  readonly namespace?: string;
  readonly name: string;
  readonly createdAt: number;
};

/** `stopped`: more failed than was allowed; the rest is held. */
export type PatchState = 'running' | 'paused' | 'succeeded' | 'failed' | 'cancelled' | 'stopped';

/** What became of one member. `left-alone` ran nothing: nothing was planned, or a newer patch took it over. */
export type PatchOutcome = {
  readonly state: 'left-alone' | 'held' | 'waiting' | 'running' | 'done' | 'failed' | 'cancelled' | 'gone';
  readonly build?: number;
  readonly digest?: string;
  /** Why it is not as planned, or how it failed. */
  readonly message?: string;
};

export type Patch = {
  readonly id: string;
  readonly openedAt: number;
  readonly closedAt?: number;
  readonly target: PatchTarget;
  /** By image key, in the order they are carried out. */
  readonly members: Readonly<Record<string, PatchMember>>;
  readonly rollout: Rollout;
  readonly waves: number;
  /** The highest wave that may run. */
  readonly openWave: number;
  readonly state: PatchState;
  readonly undo: PatchUndo;
  /** The patch that this one takes back. */
  readonly rollbackOf?: string;
  /** What the patch taken back had changed and this one leaves as it is: a sentence each, with the reason. */
  readonly remains?: readonly string[];
  /** Frozen when the patch is closed, by image key. */
  readonly report?: Readonly<Record<string, PatchOutcome>>;
  /** Why it was stopped, when it was. */
  readonly note?: string;
};

/** A patch that is not closed still decides about its members. */
export function patchIsOpen({state}: Patch): boolean {
  return state === 'running' || state === 'paused';
}

/** Whether so many failures among so many members are more than the rollout allows. */
export function tooManyFailures({maxFailures}: Rollout, failed: number, members: number): boolean {
  if (!maxFailures) return false;
  return 'count' in maxFailures ? failed > maxFailures.count : members > 0 && failed / members > maxFailures.share;
}
