// What a client asks the controller to do. Each is validated by the controller before it becomes events.
import type {BuilderKind, BuilderRef, ExecutorKind} from '../domain/builder.ts';
import type {OrderGroup} from '../domain/buildpack.ts';
import type {Decision} from '../domain/decision.ts';
import type {EngineKind} from '../domain/engine.ts';
import type {Settings} from '../domain/event.ts';
import type {PatchMember} from '../domain/patch.ts';
import type {Rollout} from '../domain/rollout.ts';
import type {ExportTarget} from '../domain/export-target.ts';
import type {EnvVar, ImageSpec, ServiceRef, UpdatePolicy} from '../domain/image.ts';
import type {BaseDigests, FollowPolicy} from '../domain/stack.ts';

/** Fields to set on an image; what is absent stays as it is. Lists are edited as kp edits them. */
export type ImageEdit = {
  readonly tag?: string;
  readonly additionalTags?: readonly string[];
  readonly deleteAdditionalTags?: readonly string[];
  readonly replaceAdditionalTags?: readonly string[];
  readonly builder?: BuilderRef;
  readonly git?: {readonly url: string};
  readonly gitRevision?: string;
  readonly localPath?: string;
  readonly subPath?: string;
  readonly env?: readonly EnvVar[];
  readonly deleteEnv?: readonly string[];
  readonly services?: readonly ServiceRef[];
  readonly deleteServices?: readonly string[];
  readonly cacheSize?: string;
  readonly serviceAccountName?: string;
  readonly successBuildHistoryLimit?: number;
  readonly failedBuildHistoryLimit?: number;
  readonly imageTaggingStrategy?: ImageSpec['imageTaggingStrategy'];
  readonly projectDescriptorPath?: string;
  readonly defaultProcess?: string;
  readonly buildTimeout?: number;
  readonly creationTime?: string;
  readonly updatePolicy?: UpdatePolicy;
  readonly export?: ExportTarget;
  /** Kubernetes resource requirements, as a manifest writes them. */
  readonly resources?: Readonly<Record<string, unknown>>;
  readonly initializeSubmodules?: boolean;
  readonly paused?: boolean;
};

export type BuilderEdit = {
  readonly tag?: string;
  readonly stack?: string;
  readonly store?: string;
  readonly order?: readonly OrderGroup[];
  readonly trusted?: boolean;
  /** `auto` takes the container executor where it can build what is asked for; without it a new builder of an image gets it, others the embedded one. */
  readonly executor?: ExecutorKind | 'auto';
  /** `auto` takes the first that answers and has the builder image, else the first that answers: docker, then podman. */
  readonly engine?: EngineKind | 'auto';
  /** An empty text takes each of these away. */
  readonly image?: string;
  readonly runImage?: string;
  readonly lifecycle?: string;
  readonly lifecycleImage?: string;
};

/** `create` fails when it exists, `patch` when it does not, `save` does whichever fits. */
export type SaveMode = 'create' | 'patch' | 'save';

/** One of the changes that `apply` makes together. */
export type Edit = Extract<
  Intent,
  {readonly kind: 'image.save' | 'stack.save' | 'store.save' | 'lifecycle.save' | 'builder.save'}
>;

export type Intent =
  | {
      readonly kind: 'image.save';
      readonly mode: SaveMode;
      readonly namespace: string;
      readonly name: string;
      readonly edit: ImageEdit;
      /**
       * The edit is all of kpack's fields, as a manifest is: what it leaves out goes back to its default. Slipway's own fields
       * stay as they are.
       */
      readonly whole?: boolean;
      readonly rollout?: Rollout;
    }
  | {readonly kind: 'image.delete'; readonly namespace: string; readonly name: string}
  | {readonly kind: 'image.trigger'; readonly namespace: string; readonly name: string}
  | {readonly kind: 'image.pause'; readonly namespace: string; readonly name: string}
  | {readonly kind: 'image.resume'; readonly namespace: string; readonly name: string}
  /** Looks at the source now instead of at the next poll. */
  | {readonly kind: 'image.refresh'; readonly namespace: string; readonly name: string}
  /** Without a number: the running build. */
  | {readonly kind: 'build.cancel'; readonly namespace: string; readonly image: string; readonly number?: number}
  | {
      readonly kind: 'stack.save';
      readonly mode: SaveMode;
      readonly name: string;
      readonly buildImage?: string;
      readonly runImage?: string;
      /** The stack id that both images must have; without it, what the run image says. */
      readonly id?: string;
      /** The digests that the sender knows: a stack that names the same images and has these is left as it is, wherever its tags point. */
      readonly known?: BaseDigests;
      /** Whether the tags are followed; without it that stays as it is. */
      readonly follow?: FollowPolicy | 'off';
      readonly rollout?: Rollout;
    }
  /** Patches the stack to where its tags point, as was proposed. */
  | {readonly kind: 'stack.accept'; readonly name: string; readonly rollout?: Rollout}
  /** Leaves the stack where it is until its tags move on. */
  | {readonly kind: 'stack.reject'; readonly name: string}
  /** Looks at the stack's tags now instead of at the next poll. */
  | {readonly kind: 'stack.refresh'; readonly name: string}
  | {readonly kind: 'stack.delete'; readonly name: string}
  | {
      readonly kind: 'store.save';
      /** `replace`: these and no others. */
      readonly mode: SaveMode | 'add' | 'replace';
      readonly name: string;
      /** Directories, image layouts (`oci:DIR`), archives. */
      readonly buildpackages: readonly string[];
      readonly rollout?: Rollout;
    }
  /** `buildpacks` are `id@version`. */
  | {
      readonly kind: 'store.remove';
      readonly name: string;
      readonly buildpacks: readonly string[];
      readonly rollout?: Rollout;
    }
  | {readonly kind: 'store.delete'; readonly name: string}
  /** `image`: a reference, `oci:DIR[:TAG]`, `docker-archive:FILE`, or an absolute path to the tarball of a release. */
  | {
      readonly kind: 'lifecycle.save';
      readonly mode: SaveMode;
      readonly name: string;
      readonly image?: string;
      readonly rollout?: Rollout;
    }
  | {readonly kind: 'lifecycle.delete'; readonly name: string}
  | {
      readonly kind: 'builder.save';
      readonly mode: SaveMode;
      readonly builderKind: BuilderKind;
      readonly namespace?: string;
      readonly name: string;
      readonly edit: BuilderEdit;
      /** As for images. */
      readonly whole?: boolean;
      readonly rollout?: Rollout;
    }
  | {
      readonly kind: 'builder.delete';
      readonly builderKind: BuilderKind;
      readonly namespace?: string;
      readonly name: string;
    }
  /** Members that have not begun wait. */
  | {readonly kind: 'patch.pause'; readonly id: string}
  | {readonly kind: 'patch.resume'; readonly id: string}
  /** Members that have not begun are left out; the specs stay. */
  | {readonly kind: 'patch.cancel'; readonly id: string}
  /** A new patch that restores the specs first and points the images back. */
  | {readonly kind: 'patch.rollback'; readonly id: string; readonly rollout?: Rollout}
  /** Several changes as one: all of them or none, and one patch for what follows. */
  | {
      readonly kind: 'apply';
      readonly edits: readonly Edit[];
      /** Where each edit was written (`deps.yaml:12`), in their order: a refusal points there. */
      readonly places?: readonly string[];
      readonly rollout?: Rollout;
    }
  /** Removes what no resource and no patch needs any more; `pruned` says what. */
  | {readonly kind: 'prune'}
  | {readonly kind: 'settings.change'; readonly settings: Partial<Settings>}
  /** Makes the demo's base images, buildpack store, stacks, builders and app copies, where they do not exist yet. */
  | {readonly kind: 'workspace.prepare'};

/** What will happen (or would, for a dry run) to one image because of the intent. */
export type Outlook = {
  readonly namespace: string;
  readonly name: string;
  readonly decision: Decision;
  /** What a patch will do with it, when the intent opens one. */
  readonly member?: PatchMember;
};

/** What an edit did (or would do) to the resource it is about. */
export type AppliedEdit = {
  /** kpack's kind. */
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
  readonly effect: 'created' | 'changed' | 'unchanged';
};

/** Something of the state directory that nothing needs any more, with the bytes that it takes. */
export type PrunedThing = {
  readonly kind: 'base image' | 'buildpack' | 'lifecycle' | 'image' | 'cache' | 'blobs';
  readonly name: string;
  readonly why: string;
  readonly bytes: number;
};

export type IntentResult = {
  /** False when the resource already was as asked: kp says `(no change)`. */
  readonly changed: boolean;
  /** Lines about the work done on the way (uploads, buildpackages added), in order. */
  readonly notes: readonly string[];
  /** For `apply`: what becomes of each resource, in the order of the edits. */
  readonly applied?: readonly AppliedEdit[];
  /** For `prune`: what was removed, or would be. */
  readonly pruned?: readonly PrunedThing[];
  /** The images whose decision the intent changes, evaluated before anything runs. */
  readonly outlook: readonly Outlook[];
  /** The sequence number from which on the state contains the intent's effect. */
  readonly sequence: number;
  /** The patch that the intent opened, or would open. */
  readonly patch?: string;
  /** For `image.trigger`: the number the next build will have. */
  readonly buildNumber?: number;
  /** For `workspace.prepare`: the directory that holds the copies of the sample apps. */
  readonly appsDirectory?: string;
};
