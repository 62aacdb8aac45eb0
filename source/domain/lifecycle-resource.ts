// A lifecycle that builders can be composed with (kpack: ClusterLifecycle): upstream's programs, at a version, with what they speak.

/** The API versions of one kind that a lifecycle speaks (its `lifecycle.toml`). */
export type SpokenApis = {readonly deprecated: readonly string[]; readonly supported: readonly string[]};

export type LifecycleApis = {readonly buildpack: SpokenApis; readonly platform: SpokenApis};

/** A ClusterLifecycle: cluster-wide, so its key is its name. `resolved` is what its image or tarball was found to be. */
export type LifecycleResource = {
  readonly name: string;
  readonly generation: number;
  readonly createdAt: number;
  /** `image`: a reference, `oci:DIR[:TAG]`, `docker-archive:FILE`, or the tarball of a release. */
  readonly spec: {readonly image: string};
  readonly resolved: {
    /** When the version last changed (milliseconds since the epoch): since when a LIFECYCLE change is due. */
    readonly at: number;
    readonly version: string;
    readonly apis: LifecycleApis;
    /** Digest of the programs. */
    readonly digest: string;
    /** Where the programs lie on this machine: an absolute directory that holds `lifecycle` and `launcher`. */
    readonly directory: string;
  };
};

/** What a builder without a lifecycle of its own is composed with, when it is there (kpack `builder_lifecycle.go`). */
export const defaultLifecycleName = 'default-lifecycle';
