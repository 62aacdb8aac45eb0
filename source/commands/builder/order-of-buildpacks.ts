// A builder's order from -b id@version (kpack-cli `pkg/builder/order.go`).
import type {OrderEntry, OrderGroup} from '../../domain/buildpack.ts';

/** One group of all the buildpacks, in the order given. */
export function orderOfBuildpacks(buildpacks: readonly string[]): readonly OrderGroup[] {
  return [{group: buildpacks.map(entryOf)}];
}

function entryOf(text: string): OrderEntry {
  const at = text.lastIndexOf('@');
  return at <= 0 ? {id: text} : {id: text.slice(0, at), version: text.slice(at + 1)};
}
