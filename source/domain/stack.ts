// A stack: an id with a build image and a run image, each held by digest (kpack: ClusterStack).
import type {Rollout} from './rollout.ts';

/** A base image found by its reference and held by digest. */
export type BaseImage = {
  /** The reference as the operator gave it (`oci:DIR:TAG`, a registry reference, an archive). */
  readonly image: string;
  /** The manifest digest it resolved to. */
  readonly digest: string;
  /** The name the exported images record for it: without digest. */
  readonly name: string;
  /** The image layout on this machine that holds it. */
  readonly layout: string;
  /** diffID of its topmost layer: what a rebase looks for. */
  readonly topLayer: string;
};

/** What the platform specification calls the target of a run image. */
export type Target = {
  readonly os: string;
  readonly arch: string;
  readonly archVariant?: string;
  readonly distroName?: string;
  readonly distroVersion?: string;
};

export type StackSpec = {
  readonly id: string;
  readonly buildImage: string;
  readonly runImage: string;
  /**
   * The tags that the images are named by are looked at again and again; where they move to is patched at once (`auto`) or
   * proposed (`ask`). Absent: the stack stays on the digests that it has.
   */
  readonly follow?: FollowPolicy;
  /** How what is followed is let loose on the images, unless an answer to a proposal says otherwise. */
  readonly followRollout?: Rollout;
};

export type FollowPolicy = 'auto' | 'ask';

/** The digests of both images of a stack. */
export type BaseDigests = {readonly buildImage: string; readonly runImage: string};

/** What looking at the tags of a stack that follows them has found. */
export type StackWatch = {
  /** Where the tags point, when that is elsewhere than where the stack is. */
  readonly proposal?: BaseDigests & {
    readonly at: number;
    /** Why an `auto` stack does not patch by itself this time. */
    readonly hold?: string;
  };
  /** A proposal that was refused by the operator; it is not made again until the tags move on. */
  readonly rejected?: BaseDigests;
  /** Why the newest look, or the patch that it led to, did not work. */
  readonly problem?: string;
  /** Changes of the run image that following has made, oldest first. */
  readonly changes: readonly RunImageChange[];
};

export type RunImageChange = {readonly old: string; readonly new: string; readonly at: number};

/** A ClusterStack: cluster-wide, so its key is its name. `resolved` is what the references were found to be. */
export type Stack = {
  readonly name: string;
  readonly generation: number;
  readonly createdAt: number;
  readonly spec: StackSpec;
  /** The patch whose rollback ended the following of tags, so that the stack does not patch forward again. */
  readonly pinnedBy?: string;
  readonly resolved: {
    readonly at: number;
    readonly buildImage: BaseImage;
    readonly runImage: BaseImage;
    readonly mixins: readonly string[];
    readonly userId: number;
    readonly groupId: number;
    readonly target: Target;
    /** False when the run image has no bash, so that the shell launcher cannot start anything in it. */
    readonly runnable: boolean;
  };
};
