// The buildpacks available to builders (kpack: ClusterStore). Never just "store": that word means other things elsewhere.
import type {StoredBuildpack} from './buildpack.ts';

/** A ClusterStore: cluster-wide, so its key is its name. */
export type BuildpackStore = {
  readonly name: string;
  readonly generation: number;
  readonly createdAt: number;
  /** The buildpackages as the operator named them: directories, layouts, archives. */
  readonly spec: {readonly sources: readonly string[]};
  readonly resolved: {readonly at: number; readonly buildpacks: readonly StoredBuildpack[]};
};
