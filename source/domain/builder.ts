// A builder: stack + buildpack store + order (kpack: ClusterBuilder and Builder). The phase runner is never called this.
import type {OrderGroup} from './buildpack.ts';

export type BuilderKind = 'ClusterBuilder' | 'Builder';
export type ExecutorKind = 'embedded' | 'container';

/** How an image names its builder. */
export type BuilderRef = {readonly kind: BuilderKind; readonly name: string};

export type BuilderSpec = {
  /** Where kpack would push the assembled builder; recorded, and used by the container executor. */
  readonly tag?: string;
  readonly stack: string;
  readonly store?: string;
  readonly order: readonly OrderGroup[];
  /** A trusted builder may run where no private root can be had. */
  readonly trusted: boolean;
  /** Resolved once, when the builder is created, and kept: starting an engine later must not rebuild a fleet. */
  readonly executor: ExecutorKind;
};

/** A Builder (namespaced) or ClusterBuilder (`namespace` is then undefined). */
export type Builder = {
  readonly kind: BuilderKind;
  readonly namespace?: string;
  readonly name: string;
  readonly generation: number;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly spec: BuilderSpec;
};

/** The key a builder is held under in the state. */
export function builderKey(kind: BuilderKind, name: string, namespace?: string): string {
  return kind === 'ClusterBuilder' ? `ClusterBuilder/${name}` : `Builder/${namespace ?? 'default'}/${name}`;
}
