// The kinds of manifest there are, in the order in which they are applied: what others name comes first.
import {builderOfNamespaceManifest, clusterBuilderManifest} from './builder-manifest.ts';
import {imageManifestKind} from './image-manifest.ts';
import {lifecycleManifest} from './lifecycle-manifest.ts';
import type {ManifestKind} from './manifest-kind.ts';
import {stackManifest} from './stack-manifest.ts';
import {storeManifest} from './store-manifest.ts';

export const manifestKinds: readonly ManifestKind[] = [
  storeManifest,
  stackManifest,
  lifecycleManifest,
  clusterBuilderManifest,
  builderOfNamespaceManifest,
  imageManifestKind,
];
