// What a builder is made of, once its stack and buildpack store are looked up: derived, so it can never be out of date.
import type {Builder} from './builder.ts';
import {buildpackLabel, type OrderEntry, type OrderGroup, type StoredBuildpack} from './buildpack.ts';
import type {BuildpackStore} from './buildpack-store.ts';
import {compareVersions} from './compare-versions.ts';
import type {Stack} from './stack.ts';

export type ReadyBuilder = {
  readonly kind: 'ready';
  readonly builder: Builder;
  readonly stack: Stack;
  /** The order with every version filled in. */
  readonly order: readonly OrderGroup[];
  /** Every buildpack the order reaches, through composite buildpacks too, each once. */
  readonly buildpacks: readonly StoredBuildpack[];
  /** When any of its parts last changed (milliseconds since the epoch). */
  readonly buildpacksSince: number;
  readonly stackSince: number;
};

export type ResolvedBuilder =
  | ReadyBuilder
  | {readonly kind: 'not-ready'; readonly builder: Builder; readonly message: string};

/**
 * Looks up everything the builder names. A version left out means the highest the buildpack store has (kpack
 * `buildpack_resolver.go`). `not-ready` says in words what is missing.
 */
export function resolveBuilder(
  builder: Builder,
  stack: Stack | undefined,
  store: BuildpackStore | undefined,
): ResolvedBuilder {
  const notReady = (message: string): ResolvedBuilder => ({kind: 'not-ready', builder, message});
  if (!stack) return notReady(`ClusterStack "${builder.spec.stack}" does not exist`);
  if (builder.spec.store !== undefined && !store)
    return notReady(`ClusterStore "${builder.spec.store}" does not exist`);
  if (builder.spec.order.length === 0) return notReady('its order names no buildpacks');

  const available = store?.resolved.buildpacks ?? [];
  const reached = new Map<string, StoredBuildpack>();
  const missing: string[] = [];
  const order = fillOrder(builder.spec.order, available, reached, missing);
  if (missing.length > 0) return notReady(missingMessage(missing, builder.spec.store));
  return {
    kind: 'ready',
    builder,
    stack,
    order,
    buildpacks: [...reached.values()],
    buildpacksSince: Math.max(store?.resolved.at ?? 0, builder.changedAt),
    stackSince: Math.max(stack.resolved.at, builder.changedAt),
  };
}

function missingMessage(missing: readonly string[], store: string | undefined): string {
  const labels = [...new Set(missing)].join(', ');
  return store === undefined
    ? `${labels} not found: the builder names no ClusterStore`
    : `${labels} not found in ClusterStore "${store}"`;
}

function fillOrder(
  order: readonly OrderGroup[],
  available: readonly StoredBuildpack[],
  reached: Map<string, StoredBuildpack>,
  missing: string[],
): readonly OrderGroup[] {
  return order.map(({group}) => ({
    group: group.map((entry) => fillEntry(entry, available, reached, missing)),
  }));
}

function fillEntry(
  entry: OrderEntry,
  available: readonly StoredBuildpack[],
  reached: Map<string, StoredBuildpack>,
  missing: string[],
): OrderEntry {
  const found = findBuildpack(entry, available);
  if (!found) {
    if (!entry.optional) missing.push(buildpackLabel(entry));
    return entry;
  }
  const key = buildpackLabel(found);
  if (!reached.has(key)) {
    reached.set(key, found);
    if (found.order) fillOrder(found.order, available, reached, missing);
  }
  return {...entry, version: found.version};
}

function findBuildpack(entry: OrderEntry, available: readonly StoredBuildpack[]): StoredBuildpack | undefined {
  const candidates = available.filter(
    ({id, version}) => id === entry.id && (!entry.version || version === entry.version),
  );
  return candidates.reduce<StoredBuildpack | undefined>(
    (best, candidate) => (best && compareVersions(best.version, candidate.version) >= 0 ? best : candidate),
    undefined,
  );
}
