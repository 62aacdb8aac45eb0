// Buildpacks as builders and builds name them.

/** A buildpack at a version, as an order or a finished build names it. */
export type BuildpackRef = {
  readonly id: string;
  readonly version: string;
  readonly homepage?: string;
};

/** One entry of a group; without a version the highest one of the buildpack store is meant. */
export type OrderEntry = {
  readonly id: string;
  readonly version?: string;
  readonly optional?: boolean;
};

/** Groups are tried from top to bottom; the first that passes detection wins (specification, order.toml). */
export type OrderGroup = {readonly group: readonly OrderEntry[]};

/** A buildpack that a buildpack store holds, found and checked. */
export type StoredBuildpack = {
  readonly id: string;
  readonly version: string;
  readonly api: string;
  readonly homepage?: string;
  readonly name?: string;
  /** Set on a composite buildpack: the order it stands for. */
  readonly order?: readonly OrderGroup[];
  /** Digest of the buildpack's content. */
  readonly digest: string;
  /** Where its files lie on this machine: an absolute directory that holds buildpack.toml. */
  readonly directory: string;
  /** The source (buildpackage) it came from, as the store's spec names it. */
  readonly source: string;
};

/** `id@version`, the way kp prints one. */
export function buildpackLabel(buildpack: {readonly id: string; readonly version?: string}): string {
  return buildpack.version ? `${buildpack.id}@${buildpack.version}` : buildpack.id;
}
