// The order a build is given, every entry with its version, and the buildpacks it can reach.
import type {OrderEntry, OrderGroup, StoredBuildpack} from '../domain/buildpack.ts';
import {compareVersions} from '../domain/compare-versions.ts';

export type ReachableBuildpacks = {
  readonly order: readonly OrderGroup[];
  readonly buildpacks: readonly StoredBuildpack[];
};

/**
 * Entries without a version get the highest one stored; composite buildpacks are followed into their own orders. Throws an
 * `Error` that names what is missing or what cannot be a directory's name.
 */
export function reachableBuildpacks(
  order: readonly OrderGroup[],
  stored: readonly StoredBuildpack[],
): ReachableBuildpacks {
  const found = new Map<string, StoredBuildpack>();
  const follow = (groups: readonly OrderGroup[]) => {
    for (const entry of groups.flatMap(({group}) => group)) {
      const buildpack = findStored(entry, stored);
      const key = `${buildpack.id}@${buildpack.version}`;
      if (found.has(key)) continue;
      checkNames(buildpack);
      found.set(key, buildpack);
      follow(buildpack.order ?? []);
    }
  };
  follow(order);
  const withVersions = order.map(({group}) => ({
    group: group.map((entry) => ({...entry, version: findStored(entry, stored).version})),
  }));
  return {order: withVersions, buildpacks: [...found.values()]};
}

/** The directory below /cnb/buildpacks (specification: platform, Buildpacks Directory Layout). */
export function buildpackPath(buildpack: {readonly id: string; readonly version: string}): string {
  return `${buildpack.id.replaceAll('/', '_')}/${buildpack.version}`;
}

function findStored(entry: OrderEntry, stored: readonly StoredBuildpack[]): StoredBuildpack {
  const candidates = stored.filter(({id, version}) => id === entry.id && (!entry.version || version === entry.version));
  const [highest] = candidates.toSorted((one, other) => compareVersions(other.version, one.version));
  if (highest) return highest;
  const wanted = entry.version ? `${entry.id} ${entry.version}` : entry.id;
  throw new Error(
    `expected the buildpack ${wanted} in the buildpack store, but it is not there; add it, or take it out of the builder's order`,
  );
}

function checkNames({id, version}: StoredBuildpack): void {
  const isName = (text: string) => /^[A-Za-z0-9][A-Za-z0-9._+-]*$/.test(text);
  if (isName(id.replaceAll('/', '_')) && isName(version)) return;
  throw new Error(
    `expected a buildpack id of letters, digits, ".", "-" and "/" and a version of the same without "/", got ${JSON.stringify(`${id}@${version}`)}`,
  );
}
