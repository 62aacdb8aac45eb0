// What a builder is made of, once its stack, buildpack store and lifecycle are looked up: derived, so it can never be out of date.
import type {Builder, BuilderSpec} from './builder.ts';
import type {FoundBuilderImage} from './builder-image.ts';
import {
  buildpackLabel,
  type BuildpackRef,
  type OrderEntry,
  type OrderGroup,
  type StoredBuildpack,
} from './buildpack.ts';
import type {BuildpackStore} from './buildpack-store.ts';
import {compareVersions} from './compare-versions.ts';
import {type SpokenApis, defaultLifecycleName, type LifecycleResource} from './lifecycle-resource.ts';
import type {Stack} from './stack.ts';

export type ReadyBuilder = {
  readonly kind: 'ready';
  readonly builder: Builder;
  /** Of a ready-made builder image without a stack: one made of what it brings, named after the image. */
  readonly stack: Stack;
  /** The order with every version filled in. */
  readonly order: readonly OrderGroup[];
  /** Every buildpack the order reaches, through composite buildpacks too, each once. */
  readonly buildpacks: readonly StoredBuildpack[];
  /** When any of its parts last changed (milliseconds since the epoch). */
  readonly buildpacksSince: number;
  readonly stackSince: number;
  /** What the container executor runs, when it is there; the embedded executor brings its own. */
  readonly lifecycle?: {
    readonly version: string;
    readonly since: number;
    readonly platformApis: readonly string[];
    /** The resource that the builder is composed with. */
    readonly resource?: LifecycleResource;
  };
};

/** The name of the lifecycle that a builder is composed with. */
export function lifecycleNameOf({lifecycle}: BuilderSpec): string {
  return lifecycle ?? defaultLifecycleName;
}

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
  lifecycle?: LifecycleResource,
): ResolvedBuilder {
  const notReady = (message: string): ResolvedBuilder => ({kind: 'not-ready', builder, message});
  if (builder.found) return resolveReadyMade(builder, builder.found, stack);
  if (!stack) return notReady(`ClusterStack "${builder.spec.stack ?? ''}" does not exist`);
  if (builder.spec.store !== undefined && !store)
    return notReady(`ClusterStore "${builder.spec.store}" does not exist`);
  if (builder.spec.order.length === 0) return notReady('its order names no buildpacks');

  const available = store?.resolved.buildpacks ?? [];
  const reached = new Map<string, StoredBuildpack>();
  const missing: string[] = [];
  const order = fillOrder(builder.spec.order, available, reached, missing);
  if (missing.length > 0) return notReady(missingMessage(missing, builder.spec.store));
  const composedWith = builder.spec.executor === 'container' ? lifecycle : undefined;
  return {
    kind: 'ready',
    builder,
    stack,
    order,
    buildpacks: [...reached.values()],
    buildpacksSince: Math.max(store?.resolved.at ?? 0, builder.changedAt),
    stackSince: Math.max(stack.resolved.at, builder.changedAt),
    ...(composedWith ? {lifecycle: composing(composedWith, builder)} : {}),
  };
}

/** Why a builder that is composed for the container executor cannot build; its images can be rebased all the same. */
export function lifecycleProblem(spec: BuilderSpec, lifecycle: unknown): string | undefined {
  const {executor, image} = spec;
  if (executor !== 'container' || image !== undefined || lifecycle !== undefined) return undefined;
  const name = lifecycleNameOf(spec);
  return `the container executor composes it with a lifecycle, and ClusterLifecycle "${name}" does not exist; make one with \`slipway clusterlifecycle create ${name} --image IMAGE|TARBALL\`, or name another with --lifecycle`;
}

function composing(resource: LifecycleResource, builder: Builder): NonNullable<ReadyBuilder['lifecycle']> {
  const {version, at, apis} = resource.resolved;
  return {version, since: Math.max(at, builder.changedAt), platformApis: versionsOf(apis.platform), resource};
}

function versionsOf({supported, deprecated}: SpokenApis): readonly string[] {
  return [...supported, ...deprecated];
}

/** A ready-made builder image: what it brings, on its own run image or on that of the stack the builder names. */
function resolveReadyMade(builder: Builder, found: FoundBuilderImage, named: Stack | undefined): ResolvedBuilder {
  const notReady = (message: string): ResolvedBuilder => ({kind: 'not-ready', builder, message});
  if (builder.spec.stack !== undefined && !named) {
    return notReady(`ClusterStack "${builder.spec.stack}" does not exist`);
  }
  const stack = named ?? ownStack(builder, found);
  if (!stack) return notReady('its builder image names no run image; give one with --run-image or --stack');
  if (found.stackId !== '' && stack.spec.id !== '' && found.stackId !== stack.spec.id) {
    return notReady(`its builder image is for the stack ${found.stackId}, and its run image for ${stack.spec.id}`);
  }
  return {
    kind: 'ready',
    builder,
    stack,
    order: found.order,
    buildpacks: found.buildpacks.map((buildpack) => listedBuildpack(buildpack, builder)),
    buildpacksSince: found.buildpacksSince,
    stackSince: Math.max(stack.resolved.at, builder.changedAt),
    lifecycle: found.lifecycle,
  };
}

function ownStack({name, generation, createdAt, spec}: Builder, found: FoundBuilderImage): Stack | undefined {
  const {base, stackId, mixins, userId, groupId} = found;
  if (!base) return undefined;
  const image = spec.image ?? name;
  return {
    name: image,
    generation,
    createdAt,
    spec: {id: stackId, buildImage: image, runImage: base.runImage.image},
    resolved: {...base, buildImage: base.runImage, mixins, userId, groupId},
  };
}

/** What a builder image lists lies inside it, so there is no directory to read it from. */
function listedBuildpack({id, version, homepage}: BuildpackRef, {spec}: Builder): StoredBuildpack {
  return {
    id,
    version,
    ...(homepage ? {homepage} : {}),
    api: '',
    digest: '',
    directory: '',
    source: spec.image ?? '',
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
