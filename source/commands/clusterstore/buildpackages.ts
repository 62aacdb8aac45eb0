// Which buildpacks of a store are buildpackages: those that no other one of the same source is made of.
import {buildpackLabel, type OrderEntry, type StoredBuildpack} from '../../domain/buildpack.ts';

export type Buildpackage = {readonly buildpack: StoredBuildpack; readonly members: readonly StoredBuildpack[]};

/** By id and version, each with the buildpacks it brings along. */
export function buildpackages(stored: readonly StoredBuildpack[]): readonly Buildpackage[] {
  return stored
    .filter((buildpack) => !stored.some((other) => isMember(buildpack, other)))
    .map((buildpack) => ({buildpack, members: membersOf(buildpack, stored)}))
    .toSorted((a, b) => (buildpackLabel(a.buildpack) < buildpackLabel(b.buildpack) ? -1 : 1));
}

function isMember(buildpack: StoredBuildpack, of: StoredBuildpack): boolean {
  return buildpack !== of && buildpack.source === of.source && entries(of).some((entry) => names(entry, buildpack));
}

function entries({order = []}: StoredBuildpack): readonly OrderEntry[] {
  return order.flatMap(({group}) => group);
}

function names(entry: OrderEntry, {id, version}: StoredBuildpack): boolean {
  return entry.id === id && (entry.version === undefined || entry.version === version);
}

/** Everything a composite buildpack reaches, through other composite ones too, each once. */
function membersOf(buildpack: StoredBuildpack, stored: readonly StoredBuildpack[]): readonly StoredBuildpack[] {
  const reached = new Set<StoredBuildpack>();
  const open = [buildpack];
  for (let current = open.shift(); current; current = open.shift()) {
    const composite = current;
    for (const other of stored) {
      if (!isMember(other, composite) || reached.has(other)) continue;
      reached.add(other);
      open.push(other);
    }
  }
  return [...reached];
}
