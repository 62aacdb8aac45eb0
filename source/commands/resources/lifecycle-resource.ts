// A lifecycle in kpack's shape (kpack.io/v1alpha2 ClusterLifecycle).
import type {LifecycleResource, SpokenApis} from '../../domain/lifecycle-resource.ts';
import type {PlainData} from '../../domain/plain-yaml.ts';
import {atDigest} from '../image-reference.ts';
import {timestamp} from '../time-text.ts';

/** The resource with its status. */
export function lifecycleResource({name, generation, createdAt, spec, resolved}: LifecycleResource): PlainData {
  return {
    apiVersion: 'kpack.io/v1alpha2',
    kind: 'ClusterLifecycle',
    metadata: {name, generation, creationTimestamp: timestamp(createdAt)},
    spec: {image: spec.image},
    status: {
      observedGeneration: generation,
      conditions: [{type: 'Ready', status: 'True'}],
      image: {latestImage: atDigest(spec.image, resolved.digest)},
      version: resolved.version,
      apis: {buildpack: spoken(resolved.apis.buildpack), platform: spoken(resolved.apis.platform)},
    },
  };
}

function spoken({supported, deprecated}: SpokenApis): PlainData {
  return {supported, deprecated};
}
