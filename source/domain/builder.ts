// A builder: stack + buildpack store + order, or a ready-made builder image (kpack: ClusterBuilder and Builder). The phase runner is never called this.
import type {FoundBuilderImage} from './builder-image.ts';
import type {OrderGroup} from './buildpack.ts';
import type {EngineKind} from './engine.ts';

export type BuilderKind = 'ClusterBuilder' | 'Builder';
export type ExecutorKind = 'embedded' | 'container';

/** How an image names its builder. */
export type BuilderRef = {readonly kind: BuilderKind; readonly name: string};

export type BuilderSpec = {
  /** Where kpack would push the assembled builder; recorded, and used by the container executor. */
  readonly tag?: string;
  /** Left out by a ready-made builder image that brings its own. */
  readonly stack?: string;
  readonly store?: string;
  /** A ready-made builder image, instead of stack, store and order: only the container executor runs one. */
  readonly image?: string;
  /** What apps stand on, instead of what the builder image's metadata names. */
  readonly runImage?: string;
  /** The ClusterLifecycle that the container executor composes it with; without one `default-lifecycle`. */
  readonly lifecycle?: string;
  /** What an untrusted builder's analyze, restore and export run from when they may see the engine's socket. */
  readonly lifecycleImage?: string;
  readonly order: readonly OrderGroup[];
  /** A trusted builder may run where no private root can be had. */
  readonly trusted: boolean;
  /** Resolved once, when the builder is created, and kept: starting an engine later must not rebuild a fleet. */
  readonly executor: ExecutorKind;
  /** The engine of the container executor: resolved once, too. */
  readonly engine?: EngineKind;
};

/** What runs a builder's builds, in one word: `embedded`, `container/docker`, `container/podman`. */
export function executorText({executor, engine}: Pick<BuilderSpec, 'executor' | 'engine'>): string {
  return engine === undefined ? executor : `${executor}/${engine}`;
}

/** A Builder (namespaced) or ClusterBuilder (`namespace` is then undefined). */
export type Builder = {
  readonly kind: BuilderKind;
  readonly namespace?: string;
  readonly name: string;
  readonly generation: number;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly spec: BuilderSpec;
  /** What `spec.image` was found to be. */
  readonly found?: FoundBuilderImage;
};

/** The key a builder is held under in the state. */
export function builderKey(kind: BuilderKind, name: string, namespace?: string): string {
  return kind === 'ClusterBuilder' ? `ClusterBuilder/${name}` : `Builder/${namespace ?? 'default'}/${name}`;
}
