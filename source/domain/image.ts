// An image: an app kept up to date (kpack: Image). Its spec is the desired state; its status is derived, never stored here.
import type {BuilderRef} from './builder.ts';
import type {ExportTarget} from './export-target.ts';
import type {ImageSource} from './source.ts';

export type EnvVar = {readonly name: string; readonly value: string};

/** A service binding: a Secret or a provisioned service. */
export type ServiceRef = {readonly kind: string; readonly apiVersion?: string; readonly name: string};

/** Which changes the controller may act on by itself. `ask` holds maintenance; `stack-only` lets rebases through. */
export type UpdatePolicy = 'auto' | 'ask' | 'stack-only';

export type ImageSpec = {
  /** Immutable after creation. */
  readonly tag: string;
  readonly additionalTags: readonly string[];
  readonly builder: BuilderRef;
  readonly source: ImageSource;
  readonly env: readonly EnvVar[];
  readonly services: readonly ServiceRef[];
  /** Kubernetes resource requirements: kept for manifests that travel; part of CONFIG. */
  readonly resources: Readonly<Record<string, unknown>>;
  readonly cacheSize?: string;
  readonly serviceAccountName: string;
  readonly successBuildHistoryLimit: number;
  readonly failedBuildHistoryLimit: number;
  readonly imageTaggingStrategy: 'BuildNumber' | 'None';
  readonly projectDescriptorPath?: string;
  readonly defaultProcess?: string;
  /** Seconds; a build that takes longer fails. */
  readonly buildTimeout?: number;
  /** '' (1980), 'now' or seconds since the epoch. */
  readonly creationTime?: string;
  readonly updatePolicy: UpdatePolicy;
  /** Absent means what the builder's executor does by itself (`exportTargetOf`). */
  readonly export?: ExportTarget;
};

export type Image = {
  readonly namespace: string;
  readonly name: string;
  readonly generation: number;
  readonly createdAt: number;
  /** When the spec last changed (milliseconds since the epoch). */
  readonly changedAt: number;
  readonly paused: boolean;
  readonly spec: ImageSpec;
};
