// A stack: an id with a build image and a run image, each held by digest (kpack: ClusterStack).

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
};

/** A ClusterStack: cluster-wide, so its key is its name. `resolved` is what the references were found to be. */
export type Stack = {
  readonly name: string;
  readonly generation: number;
  readonly createdAt: number;
  readonly spec: StackSpec;
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
